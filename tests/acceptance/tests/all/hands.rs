//! Numbers that somebody changed in a channel's cabinet.

use acceptance::{POT, SOON, Shelf, WB, World};
use edin_domain::ConnectionId;
use edin_domain::drift::{Drift, Reason};
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_in_a_channels_cabinet_is_found_named_and_undone() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.wildberries.edit(70_000_003, WB_WAREHOUSE, 99);
    world.house.reconcile().await?;
    let findings = world.store().findings(&ConnectionId::new(WB)?, world.opened_at()).await?;
    let [finding] = findings.as_slice() else { panic!("one difference, not {findings:?}") };
    assert_eq!(finding.sku.as_ref().map(ToString::to_string).as_deref(), Some(POT));
    assert_eq!(finding.drift, Drift { actual: 99, desired: 8, reason: Reason::EditedByHand });
    world.until_shown(Shelf::Wildberries, POT, 8, SOON).await?;
    world.until_told().await?;
    let drift: u64 = world.house.reconcile().await?.iter().map(|summary| summary.drift_units).sum();
    assert_eq!(drift, 0);
    world.close().await
}
