//! The last unit, sold twice before either channel could be told.

use acceptance::{OZON, OZON_AGAIN, RUG, SOON, Shelf, WB, World, until};
use edin_store::journal::Oversell;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_unit_sold_twice_at_once_is_an_explained_oversell_and_no_order_is_lost() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (at_ozon, at_wildberries) = (world.buy_at_ozon(RUG, 1).await?, world.buy_at_wildberries(RUG)?);
    world.poll().await?;
    world.until_level(RUG, "almaty", 1, 2).await?;
    until("oversells", SOON, 1, async || Ok(oversells(&world).await?.len())).await?;
    let oversell = oversells(&world).await?.remove(0);
    assert_eq!((oversell.sku.as_str(), oversell.location.as_str(), oversell.units), (RUG, "almaty", 1));
    assert!(oversell.verdict.is_explained(), "{:?}", oversell.verdict);
    let ledger = world.why(RUG).await?.ledger;
    let row = ledger.iter().find(|row| row.entry.oversold > 0).expect("the ledger tells of it too");
    assert_eq!((&row.entry.cause, row.entry.version), (&oversell.cause, oversell.version));
    let sold = [format!("{OZON}/{at_ozon}"), format!("{WB}/{at_wildberries}")];
    assert!(oversell.orders.iter().all(|order| sold.contains(order)), "{:?}", oversell.orders);
    world.until_recorded(OZON, &at_ozon).await?;
    world.until_recorded(WB, &at_wildberries).await?;
    world.until_shown(Shelf::KaspiAlmaty, RUG, 0, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_at_a_price_list_of_an_hour_ago_is_an_explained_oversell() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.buy_at_ozon(RUG, 1).await?;
    world.until_level(RUG, "almaty", 1, 1).await?;
    let at_kaspi = world.buy_at_kaspi(RUG, 1)?;
    world.poll().await?;
    until("oversells", SOON, 1, async || Ok(oversells(&world).await?.len())).await?;
    let oversell = oversells(&world).await?.remove(0);
    assert_eq!(oversell.orders, [format!("kaspi-main/{at_kaspi}")]);
    assert!(oversell.verdict.is_explained(), "{:?}", oversell.verdict);
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_a_cancel_brings_back_is_offered_everywhere_again() -> anyhow::Result<()> {
    let world = World::open().await?;
    let order = world.buy_at_wildberries(RUG)?;
    world.poll().await?;
    world.until_shown(Shelf::KaspiAlmaty, RUG, 0, SOON).await?;
    assert!(world.wildberries.cancel_by_seller(&order));
    world.changes().await?;
    world.until_level(RUG, "almaty", 1, 0).await?;
    world.until_shown(Shelf::Wildberries, RUG, 1, SOON).await?;
    world.until_shown(Shelf::KaspiAlmaty, RUG, 1, SOON).await?;
    world.until_shown(Shelf::Ozon, RUG, 1, OZON_AGAIN).await?;
    world.close().await
}

/// Those of this month and, at midnight, of the last one.
async fn oversells(world: &World) -> anyhow::Result<Vec<Oversell>> {
    let months = [world.opened_at(), simulators::now()].map(|at| at.to_string()[..7].to_owned());
    let mut oversells = world.store().oversells(&months[0]).await?;
    if months[1] != months[0] {
        oversells.extend(world.store().oversells(&months[1]).await?);
    }
    Ok(oversells)
}
