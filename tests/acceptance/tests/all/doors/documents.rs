//! Stock work at a door: receipts, stocktakes, moves, write-offs, corrections.

use acceptance::{LAMP, SOON, Shelf};
use edin_domain::api_key::Scope;
use edin_platform::{Clock, SystemClock};
use serde_json::{Value, json};

use super::{Answer, Door, HOUR, SHOP, TILL, after, with_doors};

/// A document of one line about lamps.
fn lamps(kind: &str, units: i64) -> Value {
    json!({ "kind": kind, "lines": [{ "sku": LAMP, "location": "almaty", "units": units }] })
}

fn changed(answer: &Answer) -> (&Value, &Value) {
    let change = &answer.body["changes"][0];
    (&change["from"], &change["to"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_stock_work_moves_what_it_says_once() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let desk = Door::with_key(&world, TILL, &[Scope::Stock]).await?;
    let moved = json!({
        "kind": "move", "reason": "the shop in Astana sold out",
        "lines": [{ "sku": LAMP, "location": "almaty", "to": "astana", "units": 2 }],
    });
    let steps = [
        ("receipt", lamps("receipt", 4), 10),
        ("write-off", lamps("write_off", 1), 9),
        ("correction", lamps("correction", -2), 7),
        ("move", moved, 5),
    ];
    for (key, document, left) in steps {
        let taken = desk.keyed("/v1/documents", key, &document).await?;
        assert_eq!((taken.status, changed(&taken).1), (201, &json!(left)), "{taken:?}");
        assert_eq!(desk.keyed("/v1/documents", key, &document).await?, taken, "once more, and the same answer");
    }
    world.until_level(LAMP, "almaty", 5, 0).await?;
    world.until_level(LAMP, "astana", 8, 0).await?;
    world.until_shown(Shelf::Wildberries, LAMP, 5, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sold_since_the_count_is_taken_off_it() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let till = Door::open(&world, TILL).await?;
    let counted_at = SystemClock.now();
    let sold = json!({ "lines": [{ "sku": LAMP, "quantity": 2 }] });
    till.keyed("/v1/sales", "R-1", &sold).await?;
    world.until_level(LAMP, "almaty", 4, 0).await?;
    let count = json!({
        "kind": "stocktake", "at": counted_at.to_string(),
        "lines": [{ "sku": LAMP, "location": "almaty", "units": 9 }],
    });
    let taken = loop {
        let taken = till.keyed("/v1/documents", "count-1", &count).await?;
        // The ledger is written a moment after the sale.
        if taken.status != 503 {
            break taken;
        }
    };
    assert_eq!(changed(&taken), (&json!(4), &json!(7)), "nine were there, and two are sold: {taken:?}");
    world.until_shown(Shelf::Wildberries, LAMP, 7, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_work_that_can_not_be_is_refused_and_changes_nothing() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let desk = Door::with_key(&world, SHOP, &[Scope::Stock]).await?;
    let post = async |document: Value| desk.keyed("/v1/documents", "1", &document).await;
    let with = |at: Value, line: Value| json!({ "kind": "stocktake", "at": at, "lines": [line] });
    let line = |sku: &str, location: &str| json!({ "sku": sku, "location": location, "units": 1 });
    let now = json!(SystemClock.now().to_string());
    for (document, problem) in [
        (lamps("write_off", 7), (409, "not-enough")),
        (lamps("receipt", 0), (400, "invalid")),
        (lamps("receipt", -1), (400, "invalid")),
        (lamps("move", 1), (400, "invalid")),
        (lamps("gift", 1), (400, "invalid")),
        (lamps("stocktake", 6), (400, "invalid")),
        (with(json!(after(HOUR).to_string()), line(LAMP, "almaty")), (400, "invalid")),
        (with(now.clone(), line(LAMP, "almatty")), (400, "invalid")),
        (with(now.clone(), line("NOBODYS", "almaty")), (422, "not-taken")),
        (json!({ "kind": "receipt", "lines": [] }), (400, "invalid")),
    ] {
        assert_eq!(post(document.clone()).await?.problem(), problem, "{document}");
    }
    let short = post(lamps("write_off", 7)).await?;
    assert_eq!(short.body["short"], json!([{ "sku": LAMP, "location": "almaty", "wanted": 7, "available": 6 }]));
    assert_eq!(post(lamps("receipt", 1)).await?.status, 201, "what was refused took nothing, its key neither");
    assert_eq!(post(lamps("receipt", 2)).await?.problem(), (422, "other-request"));
    let shop = Door::with_key(&world, SHOP, &[Scope::Shop, Scope::Till, Scope::Read]).await?;
    assert_eq!(shop.keyed("/v1/documents", "2", &lamps("receipt", 1)).await?.problem(), (403, "not-allowed"));
    world.until_level(LAMP, "almaty", 7, 0).await?;
    world.close().await
}
