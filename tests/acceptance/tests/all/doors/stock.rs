//! What a door looks up: goods by page, what has changed since, what a scanner reads, and its holds.

use std::collections::BTreeSet;

use acceptance::{CUP, LAMP, PEN, SET, World};
use serde_json::{Value, json};

use super::{Answer, Door, HOUR, SHOP, TILL, after, with_doors};

/// The goods of an answer, by SKU.
fn skus(answer: &Answer) -> BTreeSet<&str> {
    answer.body["goods"].as_array().unwrap().iter().map(|good| good["sku"].as_str().unwrap()).collect()
}

fn next(answer: &Answer) -> String {
    answer.body["next"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_keeps_a_copy_of_the_stock_is_told_what_has_changed_bundles_too() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let all = shop.get("/v1/stock").await?;
    assert!(skus(&all).is_superset(&[CUP, LAMP, SET].into()), "{all:?}");
    assert_eq!(all.body["next"], Value::Null, "one page holds them");
    let since = all.body["changes"].as_str().unwrap().to_owned();
    shop.hold("1", CUP, 1, after(HOUR)).await?;
    let changed = loop {
        let changed = shop.get(&format!("/v1/changes?since={since}")).await?;
        // The stream is read a moment after the hold.
        let cup = changed.body["goods"].as_array().unwrap().iter().find(|good| good["sku"] == CUP);
        if cup.is_some_and(|cup| cup["available"] == 8) {
            break changed;
        }
    };
    assert!(skus(&changed).contains(SET), "a set has cups in it");
    assert_eq!(changed.body["has_more"], json!(false));
    let again = shop.get(&format!("/v1/changes?since={}", next(&changed))).await?;
    assert!(skus(&again).contains(CUP), "what is late comes in behind, so the last moments are told again");
    assert_eq!(shop.get("/v1/changes?since=yesterday").await?.problem(), (400, "invalid"));
    assert_eq!(shop.get("/v1/changes").await?.problem(), (400, "invalid"));
    assert_eq!(shop.get("/v1/changes?since=000000000000001").await?.problem(), (410, "too-old"));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_come_by_the_page() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let mut goods = String::from("sku,title\n");
    (0..130).for_each(|number| goods += &format!("BULK-{number:03},Good {number}\n"));
    assert!(world.import("bulk.csv", &goods).await?.errors.is_empty());
    let shop = Door::open(&world, SHOP).await?;
    let first = shop.get("/v1/stock").await?;
    assert_eq!(skus(&first).len(), 100);
    let second = shop.get(&format!("/v1/stock?after={}", next(&first))).await?;
    assert!(skus(&first).is_disjoint(&skus(&second)), "{second:?}");
    assert_eq!(second.body["next"], Value::Null);
    assert!(skus(&second).contains("BULK-129"));
    world.close().await
}

async fn with_barcodes() -> anyhow::Result<World> {
    let world = with_doors().await?;
    let goods = "sku,title,barcode\n\
                 LAMP,Lamp,4870000000012;14870000000019*4\n\
                 PEN,Pen,2112345*g;96385074\n\
                 CUP,Cup,96385074\n";
    let report = world.import("barcodes.csv", goods).await?;
    anyhow::ensure!(report.errors.is_empty(), "{:?}", report.errors);
    Ok(world)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_says_which_good_it_is_and_how_many() -> anyhow::Result<()> {
    let world = with_barcodes().await?;
    let till = Door::open(&world, TILL).await?;
    for (code, sku, units) in [
        ("4870000000012", LAMP, 1),
        ("04870000000012", LAMP, 1),
        ("14870000000019", LAMP, 4),
        ("2112345000156", PEN, 15),
    ] {
        let scan = till.get(&format!("/v1/barcodes/{code}")).await?;
        assert_eq!((&scan.body["good"]["sku"], &scan.body["units"]), (&json!(sku), &json!(units)), "{code}: {scan:?}");
    }
    assert_eq!(till.get("/v1/barcodes/4870000000029").await?.problem(), (404, "unknown"));
    assert_eq!(till.get("/v1/barcodes/4870000000013").await?.problem(), (422, "misread"));
    assert_eq!(till.get("/v1/barcodes/96385074").await?.problem(), (422, "ambiguous"));
    assert!(world.import("barcodes.csv", "sku,title,barcode\nLAMP,Lamp,14870000000019*4\n").await?.errors.is_empty());
    assert_eq!(till.get("/v1/barcodes/4870000000012").await?.problem(), (404, "unknown"), "it is on no lamp any more");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_scanned_is_sold_and_counted_all_scans_of_a_good_together() -> anyhow::Result<()> {
    let world = with_barcodes().await?;
    let till = Door::open(&world, TILL).await?;
    let case_and_one = json!([
        { "barcode": "14870000000019", "quantity": 1 },
        { "barcode": "4870000000012", "quantity": 1 },
        { "barcode": "2112345000156", "quantity": 1 },
    ]);
    let sale = till.keyed("/v1/sales", "R-1", &json!({ "lines": case_and_one })).await?;
    assert_eq!(sale.status, 201, "{sale:?}");
    world.until_level(LAMP, "almaty", 1, 0).await?;
    world.until_level(PEN, "almaty", 5, 0).await?;
    let back = json!({ "lines": [{ "barcode": "14870000000019", "quantity": 1 }] });
    assert_eq!(till.post("/v1/orders/R-1/return", &back).await?.state(), "delivered");
    world.until_level(LAMP, "almaty", 5, 0).await?;
    let scan = |code: &str| json!({ "barcode": code, "location": "almaty", "units": 2 });
    let receipt = json!({ "kind": "receipt", "lines": [scan("14870000000019"), scan("4870000000012")] });
    assert_eq!(till.keyed("/v1/documents", "1", &receipt).await?.body["changes"][0]["to"], json!(15));
    for line in [json!({ "quantity": 1 }), json!({ "sku": LAMP, "barcode": "4870000000012", "quantity": 1 })] {
        let sale = till.keyed("/v1/sales", "R-2", &json!({ "lines": [line] })).await?;
        assert_eq!(sale.problem(), (400, "invalid"), "one of the two");
    }
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_door_lists_its_own_holds_those_that_end_first_first() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let (shop, till) = (Door::open(&world, SHOP).await?, Door::open(&world, TILL).await?);
    let later = shop.hold("1", PEN, 1, after(HOUR * 2)).await?;
    let sooner = shop.hold("2", PEN, 1, after(HOUR)).await?;
    let other = till.hold("3", PEN, 1, after(HOUR)).await?;
    let listed = loop {
        let listed = shop.get("/v1/holds").await?;
        // An index is written a moment after its table.
        if listed.body["holds"].as_array().unwrap().len() == 2 {
            break listed;
        }
    };
    let ids: Vec<&str> =
        listed.body["holds"].as_array().unwrap().iter().map(|hold| hold["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [sooner.id(), later.id()], "and not {}", other.id());
    assert_eq!(listed.body["next"], Value::Null);
    world.close().await
}
