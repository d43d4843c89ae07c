//! Channels that are down, or that keep silent.

use acceptance::{SOON, Shelf, TEA, WB, World, until};
use edin_domain::shown::Decision;
use edin_look::why::ListingSaid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_down_keeps_nobody_waiting_and_is_told_when_it_is_back() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.wildberries.faults(|faults| faults.down = true);
    let calls = world.wildberries.journal().calls;
    world.buy_at_ozon(TEA, 2).await?;
    world.until_shown(Shelf::KaspiAlmaty, TEA, 8, SOON).await?;
    until("Wildberries was called in vain", SOON, true, async || Ok(world.wildberries.journal().calls > calls)).await?;
    assert_eq!(world.shown(Shelf::Wildberries, TEA), Some(10));
    world.wildberries.faults(|faults| faults.down = false);
    world.until_shown(Shelf::Wildberries, TEA, 8, SOON * 2).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_is_lost_is_made_again() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.wildberries.faults(|faults| faults.lose_writes = 1);
    world.buy_at_ozon(TEA, 2).await?;
    world.until_shown(Shelf::Wildberries, TEA, 8, SOON).await?;
    let settled = async || {
        let said = at_wildberries(&world, TEA).await?;
        Ok((said.shown.acknowledged.map(|told| told.quantity), said.decision))
    };
    until("Wildberries said that it took it", SOON, (Some(8), Decision::UpToDate), settled).await?;
    world.close().await
}

async fn at_wildberries(world: &World, sku: &str) -> anyhow::Result<ListingSaid> {
    let mut listings = world.why(sku).await?.listings.into_iter();
    Ok(listings.find(|listing| listing.connection == WB).expect("it is listed there"))
}
