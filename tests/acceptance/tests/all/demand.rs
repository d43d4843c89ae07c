//! What is held back for the demand at the other channels.

use acceptance::{KASPI, LAMP, OZON, PP1, SOON, Shelf, WB, World, until};
use edin_look::why::ListingSaid;

/// Ozon and Kaspi may hold back all that there is; the last unit is sold at Wildberries.
const LAST_UNIT_AT_WILDBERRIES: [(&str, &str); 3] = [
    (OZON, "{ buffer = { most = 100 } }"),
    (WB, "{ buffer = { most = 100, last_unit = true } }"),
    (KASPI, "{ buffer = { most = 100 } }"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_unit_of_what_sells_fast_is_on_sale_where_the_seller_says_alone() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.set_policies(&LAST_UNIT_AT_WILDBERRIES).await?;
    world.buy_at_ozon(LAMP, 5).await?;
    world.until_level(LAMP, "almaty", 6, 5).await?;
    until("the sale counts as demand at Kaspi", SOON, 1, async || Ok(listing(&world, KASPI, PP1).await?.offer.buffer))
        .await?;
    world.until_shown(Shelf::KaspiAlmaty, LAMP, 0, SOON).await?;
    world.until_shown(Shelf::Wildberries, LAMP, 1, SOON).await?;
    assert_eq!(world.shown(Shelf::KaspiAstana, LAMP), Some(6), "nothing was sold from there");
    assert_eq!(world.shown(Shelf::Ozon, LAMP), Some(7), "what it sells itself it knows of");
    let why = edin::output::why::text(&world.why(LAMP).await?);
    assert!(why.contains("buffer 1: 11."), "{why}");
    assert!(why.contains("expected; 1 for a risk of 0.10 %, at most 100 % of 1\n"), "{why}");
    assert!(why.contains("at most 100 % of 1, and never the last one\n"), "{why}");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_buys_is_on_sale_everywhere_with_an_adaptive_buffer_too() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.set_policies(&LAST_UNIT_AT_WILDBERRIES).await?;
    world.settle().await?;
    world.kaspi.pull().await.map_err(anyhow::Error::msg)?;
    let shown = [Shelf::Ozon, Shelf::Wildberries, Shelf::KaspiAlmaty].map(|shelf| world.shown(shelf, LAMP));
    assert_eq!(shown, [Some(12), Some(6), Some(6)]);
    world.close().await
}

async fn listing(world: &World, connection: &str, warehouse: &str) -> anyhow::Result<ListingSaid> {
    let mut listings = world.why(LAMP).await?.listings.into_iter();
    Ok(listings.find(|said| said.connection == connection && said.warehouse == warehouse).expect("it is listed there"))
}
