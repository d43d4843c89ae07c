//! A bundle is what it is made of.

use acceptance::{CUP, SET, SOON, Shelf, TEA, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn selling_a_bundle_lowers_what_it_is_made_of_and_the_bundle_elsewhere() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.buy_at_wildberries(SET)?;
    world.poll().await?;
    world.until_level(TEA, "almaty", 10, 1).await?;
    world.until_level(CUP, "almaty", 9, 2).await?;
    for (sku, units) in [(TEA, 9), (CUP, 7), (SET, 3)] {
        world.until_shown(Shelf::Wildberries, sku, units, SOON).await?;
        world.until_shown(Shelf::KaspiAlmaty, sku, units, SOON).await?;
    }
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn selling_what_a_bundle_is_made_of_lowers_the_bundle() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.buy_at_ozon(CUP, 4).await?;
    world.until_shown(Shelf::Wildberries, CUP, 5, SOON).await?;
    world.until_shown(Shelf::Wildberries, SET, 2, SOON).await?;
    world.until_shown(Shelf::KaspiAlmaty, SET, 2, SOON).await?;
    assert_eq!(world.shown(Shelf::KaspiAstana, SET), Some(1), "Astana has its own cups");
    world.close().await
}
