//! Articles that nobody has mapped yet.

use acceptance::{OZON, OZON_AGAIN, SOON, Shelf, World, good, until};
use edin_domain::ConnectionId;
use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_of_an_unmapped_article_waits_and_is_taken_from_stock_when_it_is_imported() -> anyhow::Result<()> {
    let world = World::open().await?;
    let bag = good("BAG", 50, Some((10, 0)));
    world.stage.list(std::slice::from_ref(&bag));
    world.ozon.edit("BAG", OZON_WAREHOUSE, 5);
    let order = world.buy_at_ozon("BAG", 2).await?;
    let recorded = world.until_recorded(OZON, &order).await?;
    assert_eq!(recorded.unmapped().count(), 1);
    assert!(waiting(&world).await?.iter().all(|waiting| *waiting == order) && !waiting(&world).await?.is_empty());
    let report = world.import("more.csv", &world.stage.catalogue(std::slice::from_ref(&bag))).await?;
    assert_eq!((report.errors.len(), report.remapped), (0, 1));
    world.until_level("BAG", "almaty", 10, 2).await?;
    until("orders that wait", SOON, Vec::new(), async || waiting(&world).await).await?;
    world.until_shown(Shelf::KaspiAlmaty, "BAG", 8, SOON).await?;
    let wildberries = async || {
        Ok(world.wildberries.shown(simulators::wildberries::chrt_id(&bag), simulators::wildberries::WAREHOUSE))
    };
    until("Wildberries shows BAG", SOON, Some(8), wildberries).await?;
    world.until_shown(Shelf::Ozon, "BAG", 8, OZON_AGAIN).await?;
    world.close().await
}

async fn waiting(world: &World) -> anyhow::Result<Vec<String>> {
    let waiting = world.store().unmapped(&ConnectionId::new(OZON)?).await?;
    Ok(waiting.into_iter().map(|waiting| waiting.order.to_string()).collect())
}
