//! Files that a person wrote, with mistakes.

use acceptance::{OZON_AGAIN, SOON, Shelf, TEA, WB, World};
use anyhow::ensure;
use edin_catalogue::Count;
use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;

const LINES: &str = "sku,title,location,on_hand,components,ozon-main.offer_id
HAT,Hat,almaty,4,,HAT
CAP,Cap,almaty,many,,
,Nameless,almaty,1,,
BOX,Box,,,NOTHING:2,
JAR,Jar,almaty,2,,JAR,too much
MUG,Mug,astana,3,,MUG
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_file_with_mistakes_the_good_lines_are_imported_and_each_bad_one_is_named() -> anyhow::Result<()> {
    let world = World::open().await?;
    let first = world.import("goods.csv", LINES).await?;
    let lines: Vec<Option<u64>> = first.errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [3, 4, 5, 6].map(Some), "{:?}", first.errors);
    assert_eq!((first.counts.products, first.counts.levels), (count(2, 0), count(2, 0)));
    assert_eq!(world.level("HAT", "almaty").await?.on_hand, 4);
    assert_eq!(world.level("MUG", "astana").await?.on_hand, 3);
    let second = world.import("goods.csv", LINES).await?;
    assert_eq!(second.errors, first.errors);
    assert_eq!((second.counts.products, second.counts.levels), (count(0, 2), count(0, 2)));
    Ok(())
}

fn count(new: usize, same: usize) -> Count {
    Count { new, same, ..Count::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_that_ends_is_told_a_last_0_and_left_in_peace() -> anyhow::Result<()> {
    let world = World::open().await?;
    let ended = "sku,title,ozon-main.offer_id,ozon-main.ended\nTEA,Tea,TEA,yes\n";
    let report = world.import("ended.csv", ended).await?;
    ensure!(report.errors.is_empty(), "{:?}", report.errors);
    world.until_shown(Shelf::Ozon, TEA, 0, OZON_AGAIN).await?;
    world.settle().await?;
    world.ozon.edit(TEA, OZON_WAREHOUSE, 7);
    world.house.reconcile().await?;
    world.settle().await?;
    assert_eq!(world.shown(Shelf::Ozon, TEA), Some(7), "somebody else sells there now");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_policy_of_a_connection_is_told_at_once() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.set_policies(&[(WB, "{ max = 2 }")]).await?;
    world.until_shown(Shelf::Wildberries, TEA, 2, SOON).await
}
