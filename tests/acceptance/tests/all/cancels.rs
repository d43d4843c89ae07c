//! Orders that are called off, and goods that come back, where one channel tells of it in a way of its own.

use acceptance::{OZON, PEN, POT, SOON, Shelf, World, until};
use edin_domain::order::Milestone;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ozon_posting_whose_cancel_comes_first_never_holds_anything() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.ozon.faults(|faults| faults.lose_pushes = true);
    let order = world.buy_at_ozon(POT, 2).await?;
    world.ozon.faults(|faults| faults.lose_pushes = false);
    world.ozon.cancel(&order).await;
    let told = world.until_recorded(OZON, &order).await?;
    assert!(told.state.has(Milestone::Cancelled));
    world.changes().await?;
    let has_lines = async || Ok(world.order(OZON, &order).await?.is_some_and(|order| !order.mapped.is_empty()));
    until("the posting's lines are known", SOON, true, has_lines).await?;
    world.until_level(POT, "almaty", 8, 0).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_a_kaspi_order_that_is_cancelled_frees_that_part_when_it_is_told_twice() -> anyhow::Result<()> {
    let world = World::open().await?;
    let order = world.buy_at_kaspi(PEN, 3)?;
    world.poll().await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    assert!(world.kaspi.cancel_units(&order, PEN, 1));
    world.poll().await?;
    world.settle_inbox().await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    world.poll().await?;
    world.until_level(PEN, "almaty", 20, 2).await?;
    world.until_shown(Shelf::Wildberries, PEN, 18, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_on_their_way_back_to_kaspis_seller_are_sold_again_only_when_they_are_there() -> anyhow::Result<()> {
    let world = World::open().await?;
    let order = world.buy_at_kaspi(POT, 1)?;
    assert!(world.kaspi.hand_over(&order));
    world.poll().await?;
    world.until_level(POT, "almaty", 7, 0).await?;
    assert!(world.kaspi.complete(&order) && world.kaspi.request_return(&order));
    world.changes().await?;
    world.settle_inbox().await?;
    world.until_level(POT, "almaty", 7, 0).await?;
    assert!(world.kaspi.receive_return(&order));
    world.changes().await?;
    world.until_level(POT, "almaty", 8, 0).await?;
    world.until_shown(Shelf::Wildberries, POT, 8, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_on_their_way_back_from_ozon_are_sold_again_only_when_they_are_there() -> anyhow::Result<()> {
    let world = World::open().await?;
    let order = world.buy_at_ozon(POT, 2).await?;
    world.ozon.advance(&order, "delivering").await;
    world.until_level(POT, "almaty", 6, 0).await?;
    world.ozon.cancel(&order).await;
    let cancelled = async || Ok(world.until_recorded(OZON, &order).await?.state.has(Milestone::Cancelled));
    until("the cancel is known", SOON, true, cancelled).await?;
    world.until_level(POT, "almaty", 6, 0).await?;
    world.ozon.receive_return(&order, POT, 2);
    world.changes().await?;
    world.until_level(POT, "almaty", 8, 0).await?;
    world.until_shown(Shelf::Wildberries, POT, 8, SOON).await?;
    world.close().await
}
