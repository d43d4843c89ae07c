//! Ozon: its OpenAPI file of 2026-04-30.

use std::time::Duration;

use axum::http::Method;
use edin_channels::client::Outcome;
use edin_channels::client::Period;
use edin_channels::ozon;
use edin_domain::{Account, WarehouseId};
use serde_json::{Value, json};
use simulators::now;
use simulators::ozon::{Ozon, Product, Settings};

use super::interface::{Amendment, Interface, Publication};
use super::recorder::{Exchange, Recorder};
use super::schema::Reading;
use super::{assert_met, assert_none, changed, client, opened, row};

const PUBLICATION: Publication = Publication {
    files: &["ozon/seller-swagger-2026-04-30-en.json"],
    requests: Reading::WideNumbers,
    answers: Reading::WideNumbersAndNulls,
    everywhere: &[("429", "#/components/schemas/rpcStatus")],
    amendments: &[
        Amendment {
            at: "/components/schemas/productv2ProductsStocksRequestStock/required",
            instead: r#"["stock", "warehouse_id"]"#,
            reason: "it requires product_id, though the method's text takes offer_id in its place, and quant_size, which isn't a property",
        },
        Amendment {
            at: "/components/schemas/rpcStatus/properties/code",
            instead: r#"{"anyOf": [{"type": "integer"}, {"type": "string"}]}"#,
            reason: "it is an int32, and Ozon's published sample of a 429 (ImportProductsV3) has the text RESOURCE_EXHAUSTED",
        },
        Amendment {
            at: "/components/schemas/productv3GetProductListResponseItem/properties/sku",
            instead: r#"{"type": "integer", "format": "int64"}"#,
            reason: "the field came on 2026-07-09, after the file",
        },
        Amendment {
            at: "/components/schemas/productv3GetProductListResponseResult/properties/total_items",
            instead: r#"{"type": "integer"}"#,
            reason: "the changelog of 2026-09-24 has it take the place of total in three lists; that this is one of them is inferred",
        },
    ],
};

const WAREHOUSE: u64 = 22_142_605_386_000;
const KEY: &str = "key";

#[tokio::test]
async fn every_request_to_ozon_and_every_answer_of_its_simulator_keeps_to_the_published_interface() {
    let Some(interface) = Interface::read(&PUBLICATION) else { return };
    let mut exchanges = trade().await;
    exchanges.extend(refusals().await);
    exchanges.extend(what_only_the_simulator_has().await);
    assert_met(
        &exchanges,
        &[
            ("POST /v4/posting/fbs/unfulfilled/list", 200),
            ("POST /v4/posting/fbs/list", 200),
            ("POST /v3/posting/fbs/get", 200),
            ("POST /v3/posting/fbs/get", 404),
            ("POST /v1/returns/list", 200),
            ("POST /v1/product/info/warehouse/stocks", 200),
            ("POST /v1/product/info/warehouse/stocks", 400),
            ("POST /v2/products/stocks", 200),
            ("POST /v2/products/stocks", 400),
            ("POST /v2/products/stocks", 429),
            ("POST /v1/roles", 200),
            ("POST /v1/roles", 403),
        ],
    );
    assert_none(interface.problems(&exchanges));
    assert_none(interface.problems_of_answers(&nonsense().await));
}

#[tokio::test]
async fn what_is_left_of_a_partly_cancelled_posting_is_told_once_though_its_status_stayed() {
    let (ozon, recorder) = shop().await;
    let posting = ozon.buy("TEA", WAREHOUSE, 3).await.unwrap().order;
    let since = now().plus(Duration::from_secs(1));
    ozon.cancel_units(&posting, "TEA", 2).await;
    let told = changed(client(account(), KEY, &recorder).as_ref(), since, since).await;
    let kept = |state: &edin_domain::order::OrderState| state.lines.values().map(|line| line.kept).collect::<Vec<_>>();
    let kept: Vec<_> =
        told.iter().flat_map(|told| &told.orders).map(|(id, state)| (id.as_str(), kept(state))).collect();
    assert_eq!(kept, [(posting.as_str(), vec![Some(1)])]);
}

fn account() -> Account {
    Account::of(ozon::NAME).with("client_id", "7")
}

fn warehouse(id: u64) -> WarehouseId {
    WarehouseId::new(id.to_string()).unwrap()
}

/// A shop that shows twenty of either good.
async fn shop() -> (Ozon, Recorder) {
    let settings = Settings {
        client_id: "7".to_owned(),
        api_key: KEY.to_owned(),
        warehouses: vec![WAREHOUSE],
        ..Settings::default()
    };
    let ozon = Ozon::start(settings).await.unwrap();
    for (offer_id, product_id) in [("TEA", 118_597_312), ("CUP", 118_597_313), ("POT", 118_597_314)] {
        let (sku, name) = (product_id + 28_854_627, offer_id.to_owned());
        let (price, currency) = ("1490.50".to_owned(), "KZT".to_owned());
        ozon.add_product(Product { offer_id: offer_id.to_owned(), product_id, sku, name, price, currency });
    }
    ozon.edit("TEA", WAREHOUSE, 20);
    ozon.edit("CUP", WAREHOUSE, 20);
    let recorder = Recorder::before(ozon.url()).await;
    (ozon, recorder)
}

/// Postings of every kind, read in every way, and the stock written and read.
async fn trade() -> Vec<Exchange> {
    let (ozon, recorder) = shop().await;
    let began = now().minus(Duration::from_secs(60));
    let client = client(account(), KEY, &recorder);
    let delivered = ozon.buy("TEA", WAREHOUSE, 3).await.unwrap().order;
    for status in ["awaiting_deliver", "delivering", "delivered"] {
        ozon.advance(&delivered, status).await;
    }
    ozon.receive_return(&delivered, "TEA", 1);
    let split = ozon.buy_basket(&[("TEA", 2), ("CUP", 2)], WAREHOUSE).await.unwrap().order;
    ozon.split(&split, &[("CUP", 2)]).await;
    let split_up = ozon.buy("CUP", WAREHOUSE, 1).await.unwrap().order;
    ozon.split(&split_up, &[("CUP", 1)]).await;
    let partly = ozon.buy("TEA", WAREHOUSE, 2).await.unwrap().order;
    ozon.cancel_units(&partly, "TEA", 1).await;
    let cancelled = ozon.buy("CUP", WAREHOUSE, 1).await.unwrap().order;
    ozon.cancel(&cancelled).await;
    let late = ozon.buy("CUP", WAREHOUSE, 1).await.unwrap().order;
    ozon.advance(&late, "awaiting_deliver").await;
    ozon.cancel(&late).await;
    let disputed = ozon.buy("TEA", WAREHOUSE, 1).await.unwrap().order;
    ozon.advance(&disputed, "arbitration").await;

    assert!(!client.orders().unwrap().newest(now()).await.unwrap().told.is_empty());
    assert!(!changed(client.as_ref(), began, now()).await.is_empty());
    let period = Period { since: began, until: now() };
    client.orders().unwrap().returns().unwrap().returned(period, now(), None).await.unwrap();
    one_posting(&recorder, &delivered).await.unwrap();
    ozon.faults(|faults| _ = faults.refuse.insert("POT".to_owned(), "PRODUCT_IS_ARCHIVED".to_owned()));
    let rows = [
        row("offer_id", "TEA", 7),
        row("product_id", "118597313", 0),
        row("offer_id", "POT", 1),
        row("offer_id", "NONE", 1),
    ];
    let outcomes = client.stock().unwrap().write(&warehouse(WAREHOUSE), &rows).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Taken, Outcome::Taken, Outcome::Refused { .. }, Outcome::Refused { .. }]));
    let outcomes = client.stock().unwrap().write(&warehouse(WAREHOUSE), &rows[..1]).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Later { .. }]));
    assert_eq!(client.shelf().unwrap().seen(&warehouse(WAREHOUSE), &rows).await.unwrap().len(), 2);
    assert!(client.credential(now()).await.unwrap().problems.is_empty());
    recorder.exchanges()
}

/// The call that is made only for what lists leave out.
async fn one_posting(recorder: &Recorder, number: &str) -> Option<ozon::wire::Posting> {
    opened(account(), KEY, recorder, ozon::Client::open).posting(number).await.ok()
}

/// What Ozon says no to.
async fn refusals() -> Vec<Exchange> {
    let (ozon, recorder) = shop().await;
    let trusted = client(account(), KEY, &recorder);
    let elsewhere = warehouse(1);
    assert!(trusted.shelf().unwrap().seen(&elsewhere, &[]).await.is_err());
    trusted.stock().unwrap().write(&elsewhere, &[row("offer_id", "TEA", 1)]).await.unwrap();
    assert!(one_posting(&recorder, "0-0-0").await.is_none());
    ozon.faults(|faults| faults.throttle = 1);
    assert!(trusted.stock().unwrap().write(&warehouse(WAREHOUSE), &[row("offer_id", "TEA", 1)]).await.is_err());
    assert!(client(account(), "another", &recorder).credential(now()).await.is_err());
    recorder.exchanges()
}

/// Methods that no client of ours calls, and parts of postings that none asks for.
async fn what_only_the_simulator_has() -> Vec<Exchange> {
    let (ozon, recorder) = shop().await;
    let posting = ozon.buy("TEA", WAREHOUSE, 1).await.unwrap().order;
    let post = async |path: &str, body: Value| {
        recorder.call(Method::POST, path, &[("Client-Id", "7"), ("Api-Key", KEY)], body).await;
    };
    let with = json!({"analytics_data": true, "barcodes": true, "financial_data": true});
    let period = json!({"since": now().minus(Duration::from_secs(60)).to_string(), "to": now().to_string()});
    post("/v4/posting/fbs/list", json!({"filter": period, "limit": 10, "with": with})).await;
    let due =
        json!({"cutoff_from": now().to_string(), "cutoff_to": now().plus(Duration::from_secs(172_800)).to_string()});
    post("/v4/posting/fbs/unfulfilled/list", json!({"filter": due, "limit": 10, "with": with})).await;
    let with = json!({"analytics_data": true, "barcodes": true, "financial_data": true, "related_postings": true});
    post("/v3/posting/fbs/get", json!({"posting_number": posting, "with": with})).await;
    post("/v2/warehouse/list", json!({"limit": 10})).await;
    post("/v3/product/list", json!({"filter": {}, "limit": 10})).await;
    recorder.exchanges()
}

/// Calls that no client of ours makes, for the sake of how they are refused.
async fn nonsense() -> Vec<Exchange> {
    let (_ozon, recorder) = shop().await;
    let year_and_more = json!({"since": "2025-01-01T00:00:00Z", "to": "2026-11-22T00:00:00Z"});
    for (path, body) in [
        ("/v4/posting/fbs/list", json!({"filter": year_and_more, "limit": 100})),
        ("/v4/posting/fbs/unfulfilled/list", json!({"filter": {}, "limit": 100})),
        ("/v3/posting/fbs/get", json!({})),
        ("/v2/products/stocks", json!({"stocks": []})),
        ("/v1/product/info/warehouse/stocks", json!({"warehouse_id": WAREHOUSE, "limit": 5_000})),
        ("/v1/returns/list", json!({"limit": 501})),
        ("/v2/warehouse/list", json!({"limit": 0})),
        ("/v3/product/list", json!({"limit": 0})),
    ] {
        recorder.call(Method::POST, path, &[("Client-Id", "7"), ("Api-Key", KEY)], body).await;
    }
    let exchanges = recorder.exchanges();
    assert!(exchanges.iter().all(|exchange| exchange.status == 400), "{exchanges:?}");
    exchanges
}
