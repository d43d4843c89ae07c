//! Ozon's pushes: twice, in the wrong order, or never.

use acceptance::{OZON, PEN, POT, SOON, World, until};
use edin_demo::shop::goods::OZON_WAREHOUSE;
use edin_domain::order::Milestone;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_comes_twice_counts_once() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.ozon.faults(|faults| faults.push_twice = true);
    let order = world.buy_at_ozon(PEN, 3).await?;
    world.until_recorded(OZON, &order).await?;
    let later = world.buy_at_ozon(POT, 1).await?;
    world.until_recorded(OZON, &later).await?;
    world.settle_inbox().await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    assert_eq!(world.level(PEN, "almaty").await?.version, 2, "opened, then reserved once");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_that_overtakes_its_posting_leaves_nothing_reserved() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.ozon.faults(|faults| faults.push_twice = true);
    let order = world.buy_at_ozon(PEN, 3).await?;
    world.ozon.cancel(&order).await;
    let has_lines = async || Ok(world.order(OZON, &order).await?.is_some_and(|order| !order.mapped.is_empty()));
    until("the posting came after its cancel", SOON, true, has_lines).await?;
    world.settle_inbox().await?;
    assert!(world.until_recorded(OZON, &order).await?.state.has(Milestone::Cancelled));
    world.until_level(PEN, "almaty", 20, 0).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_whose_push_is_lost_is_found_by_polling() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.ozon.faults(|faults| faults.lose_pushes = true);
    let order = world.buy_at_ozon(PEN, 3).await?;
    assert!(world.order(OZON, &order).await?.is_none());
    world.poll().await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_that_is_split_hands_its_reservation_to_the_new_one() -> anyhow::Result<()> {
    let world = World::open().await?;
    let parent = world.ozon.buy_basket(&[(POT, 2), (PEN, 4)], OZON_WAREHOUSE).await?.order;
    world.until_level(PEN, "almaty", 20, 4).await?;
    let child = world.ozon.split(&parent, &[(PEN, 3)]).await;
    world.until_recorded(OZON, &child).await?;
    world.changes().await?;
    let held = async || {
        let held = world.why(PEN).await?.reservations.into_iter();
        Ok(held.map(|held| (held.order, held.units)).collect::<Vec<_>>())
    };
    let split = vec![(format!("{OZON}/{parent}"), 1), (format!("{OZON}/{child}"), 3)];
    until("who holds the pens", SOON, split, held).await?;
    world.until_level(PEN, "almaty", 20, 4).await?;
    world.until_level(POT, "almaty", 8, 2).await?;
    world.close().await
}
