//! Sales, where one channel has a way of its own, or one location not enough.

use acceptance::{KASPI, PEN, SOON, Shelf, TEA, World, until};
use edin_domain::order::Milestone;
use simulators::Faults;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kaspi_order_is_accepted_once_it_is_recorded() -> anyhow::Result<()> {
    let world = World::open().await?;
    let orders = (0..6).map(|_| world.buy_at_kaspi(PEN, 1)).collect::<anyhow::Result<Vec<_>>>()?;
    until("orders that wait to be accepted", SOON, 0, async || {
        world.poll().await?;
        world.settle_inbox().await?;
        let mut waiting = 0;
        for order in &orders {
            let accepted = world.until_recorded(KASPI, order).await?.state.has(Milestone::Accepted);
            waiting += usize::from(!accepted);
        }
        Ok(waiting)
    })
    .await?;
    world.until_level(PEN, "almaty", 20, 6).await?;
    world.close().await
}

/// Sells three pens at Kaspi, and sees them taken.
async fn is_taken_from_kaspi_with(trouble: impl FnOnce(&mut Faults)) -> anyhow::Result<()> {
    let world = World::open().await?;
    world.kaspi.faults(trouble);
    let order = world.buy_at_kaspi(PEN, 3)?;
    world.poll().await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    world.until_recorded(KASPI, &order).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kaspi_order_whose_lines_name_no_good_is_taken_by_the_cards_of_its_goods() -> anyhow::Result<()> {
    is_taken_from_kaspi_with(|faults| faults.nameless_lines = true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kaspi_may_refuse_to_include_lines_in_a_list_of_orders() -> anyhow::Result<()> {
    is_taken_from_kaspi_with(|faults| faults.refuse_include = true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kaspi_orders_whose_acceptance_is_refused_keep_no_other_waiting() -> anyhow::Result<()> {
    let world = World::open().await?;
    let refused = world.buy_at_kaspi(PEN, 1)?;
    world.kaspi.faults(|faults| _ = faults.refuse.insert(refused.clone(), "the buyer called it off".to_owned()));
    let order = world.buy_at_kaspi(PEN, 1)?;
    until("the other order is accepted", SOON, true, async || {
        world.poll().await?;
        world.settle_inbox().await?;
        Ok(world.until_recorded(KASPI, &order).await?.state.has(Milestone::Accepted))
    })
    .await?;
    assert!(!world.until_recorded(KASPI, &refused).await?.state.has(Milestone::Accepted));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_almaty_can_not_fill_is_taken_in_astana() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.buy_at_ozon(TEA, 10).await?;
    world.until_level(TEA, "almaty", 10, 10).await?;
    world.buy_at_ozon(TEA, 5).await?;
    world.until_level(TEA, "astana", 5, 5).await?;
    world.until_shown(Shelf::KaspiAstana, TEA, 0, SOON).await?;
    world.close().await
}
