//! The house goes down in the middle and comes up on the same state.

use acceptance::{KASPI, OZON, PEN, POT, SOON, Shelf, TEA, WB, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_around_a_power_cut_are_all_recorded_and_none_twice() -> anyhow::Result<()> {
    let world = World::open().await?;
    let at_ozon = world.buy_at_ozon(TEA, 2).await?;
    let at_wildberries = world.buy_at_wildberries(POT)?;
    let at_kaspi = world.buy_at_kaspi(PEN, 3)?;
    world.poll().await?;
    let world = world.restart().await?;
    let meanwhile = world.buy_at_ozon(TEA, 1).await?;
    world.poll().await?;
    for (connection, order) in [(OZON, at_ozon), (OZON, meanwhile), (WB, at_wildberries), (KASPI, at_kaspi)] {
        world.until_recorded(connection, &order).await?;
    }
    world.settle_inbox().await?;
    world.until_level(TEA, "almaty", 10, 3).await?;
    world.until_level(POT, "almaty", 8, 1).await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    world.until_shown(Shelf::Wildberries, TEA, 7, SOON).await?;
    world.until_shown(Shelf::Wildberries, PEN, 17, SOON).await?;
    world.until_shown(Shelf::KaspiAlmaty, POT, 7, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_recorded_but_not_yet_told_is_told_after_a_power_cut() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.wildberries.faults(|faults| faults.down = true);
    world.buy_at_ozon(TEA, 2).await?;
    world.until_level(TEA, "almaty", 10, 2).await?;
    let world = world.restart().await?;
    world.wildberries.faults(|faults| faults.down = false);
    world.house.reconcile().await?;
    world.until_shown(Shelf::Wildberries, TEA, 8, SOON * 2).await?;
    world.close().await
}
