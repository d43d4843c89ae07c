//! Connections that only observe, that are paused, and that go live.

use acceptance::{KASPI, OZON_AGAIN, PEN, SOON, Shelf, TEA, WB, World, until};
use anyhow::{Context as _, ensure};
use edin_catalogue::connections::modes::{self, Change};
use edin_domain::connection::Mode;
use edin_domain::order::Milestone;
use edin_domain::shown::Decision;
use edin_domain::{Connection, ConnectionId};
use edin_look::preview::{Preview, preview};
use edin_platform::{Clock as _, SystemClock};
use simulators::Event;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

/// Wildberries' number of the tea.
const TEA_THERE: u64 = 70_000_001;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_connection_sells_and_is_told_nothing_until_it_goes_live() -> anyhow::Result<()> {
    let world = World::open_observing(&[WB]).await?;
    world.wildberries.edit(TEA_THERE, WB_WAREHOUSE, 30);
    let sold_there = world.buy_at_wildberries(TEA)?;
    world.poll().await?;
    world.until_level(TEA, "almaty", 10, 1).await?;
    world.until_shown(Shelf::KaspiAlmaty, TEA, 9, SOON).await?;
    world.house.reconcile().await?;
    until_quiet(&world).await?;
    assert_eq!((told_there(&world), world.shown(Shelf::Wildberries, TEA)), (0, Some(29)));
    let previewed = previewed(&world, WB).await?;
    let tea = previewed.rows.iter().find(|row| row.sku.as_str() == TEA).context("the tea would be told")?;
    assert_eq!((tea.showing, tea.offer.quantity), (Some(29), 9));
    assert_eq!((previewed.mode, previewed.changing().count(), previewed.listings), (Mode::Observe, 7, 7));
    is_no_alarm(&world, WB).await?;

    change(&world, WB, Change::To(Mode::Live)).await?;
    world.until_shown(Shelf::Wildberries, TEA, 9, SOON).await?;
    world.until_told().await?;
    assert_eq!(previewed_rows(&world, WB).await?, 0);
    ensure!(world.order(WB, &sold_there).await?.is_some());
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_paused_goes_on_showing_what_it_shows() -> anyhow::Result<()> {
    let world = World::open().await?;
    change(&world, WB, Change::Pause(Mode::Paused)).await?;
    world.settle().await?;
    let told = told_there(&world);
    world.buy_at_kaspi(TEA, 2)?;
    world.poll().await?;
    world.until_level(TEA, "almaty", 10, 2).await?;
    world.house.reconcile().await?;
    until_quiet(&world).await?;
    assert_eq!((told_there(&world), world.shown(Shelf::Wildberries, TEA)), (told, Some(10)));
    let said = edin::output::why::text(&world.why(TEA).await?);
    assert!(said.contains("not told: the connection is paused"), "{said}");
    is_no_alarm(&world, WB).await?;

    change(&world, WB, Change::Resume).await?;
    world.until_shown(Shelf::Wildberries, TEA, 8, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_paused_at_0_is_told_a_last_0_and_left_in_peace() -> anyhow::Result<()> {
    let world = World::open().await?;
    change(&world, WB, Change::Pause(Mode::Zero)).await?;
    world.until_shown(Shelf::Wildberries, TEA, 0, SOON).await?;
    until("listings that show more than 0", SOON, 0, async || {
        let shown = world.goods().iter().filter_map(|good| world.shown(Shelf::Wildberries, &good.sku));
        Ok(shown.filter(|units| *units > 0).count())
    })
    .await?;
    world.settle().await?;
    let told = told_there(&world);
    world.buy_at_kaspi(TEA, 2)?;
    world.poll().await?;
    world.until_level(TEA, "almaty", 10, 2).await?;
    world.wildberries.edit(TEA_THERE, WB_WAREHOUSE, 7);
    world.house.reconcile().await?;
    until_quiet(&world).await?;
    assert_eq!((told_there(&world), world.shown(Shelf::Wildberries, TEA)), (told, Some(7)), "a person's own number");
    is_no_alarm(&world, WB).await?;

    change(&world, WB, Change::Resume).await?;
    world.until_shown(Shelf::Wildberries, TEA, 8, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_told_no_list_is_handed_out_and_no_order_accepted() -> anyhow::Result<()> {
    let world = World::open().await?;
    change(&world, KASPI, Change::To(Mode::Observe)).await?;
    let order = world.buy_at_kaspi(PEN, 1)?;
    for _ in 0..2 {
        world.poll().await?;
        world.settle_inbox().await?;
    }
    world.until_level(PEN, "almaty", 20, 1).await?;
    assert_eq!(world.kaspi.pull().await, Err("the price list is answered 503".to_owned()));
    ensure!(!world.until_recorded(KASPI, &order).await?.state.has(Milestone::Accepted));
    let listings = world.why(PEN).await?.listings;
    let at_kaspi = listings.iter().filter(|listing| listing.connection == KASPI);
    ensure!(at_kaspi.into_iter().all(|listing| listing.decision == Decision::Withheld));
    world.house.reconcile().await?;
    is_no_alarm(&world, KASPI).await?;

    change(&world, KASPI, Change::To(Mode::Live)).await?;
    until("the order is accepted", SOON, true, async || {
        world.poll().await?;
        world.settle_inbox().await?;
        Ok(world.until_recorded(KASPI, &order).await?.state.has(Milestone::Accepted))
    })
    .await?;
    world.until_shown(Shelf::KaspiAlmaty, PEN, 19, SOON).await?;
    world.close().await
}

async fn change(world: &World, id: &str, change: Change) -> anyhow::Result<()> {
    modes::change(&world.store(), &world.house.deferred(), &ConnectionId::new(id)?, change, SystemClock.now()).await?;
    Ok(())
}

/// Waits until whoever may be told was told, Ozon at the end of its interval too.
async fn until_quiet(world: &World) -> anyhow::Result<()> {
    world.house.settle(OZON_AGAIN).await
}

/// How many numbers Wildberries was told.
fn told_there(world: &World) -> usize {
    world.wildberries.journal().events.iter().filter(|event| matches!(event, Event::Told { .. })).count()
}

async fn previewed(world: &World, id: &str) -> anyhow::Result<Preview> {
    let connection: Option<Connection> = world.store().connection(&ConnectionId::new(id)?).await?;
    Ok(preview(&world.store(), &connection.context("there is no such connection")?, SystemClock.now()).await?)
}

async fn previewed_rows(world: &World, id: &str) -> anyhow::Result<usize> {
    Ok(previewed(world, id).await?.rows.len())
}

/// That the last reconciliation found nothing that a person would be called for.
async fn is_no_alarm(world: &World, id: &str) -> anyhow::Result<()> {
    let id = ConnectionId::new(id)?;
    let status = world.store().statuses([id.clone()]).await?.remove(&id).context("nothing was reconciled")?;
    ensure!((status.due, status.due_since, status.drift_units) == (0, None, 0), "{status:?}");
    let findings = world.store().findings(&id, world.opened_at()).await?;
    ensure!(findings.is_empty(), "{findings:?}");
    Ok(())
}
