//! Wildberries: its OpenAPI files of 2026-08-18.

use std::time::Duration;

use axum::http::Method;
use edin_channels::client::Outcome;
use edin_channels::wildberries;
use edin_domain::{Account, WarehouseId};
use serde_json::{Value, json};
use simulators::now;
use simulators::wildberries::{CONTENT, Card, MARKETPLACE, Settings, Wildberries, token};

use super::interface::{Amendment, Interface, Publication};
use super::recorder::{Exchange, Recorder};
use super::schema::Reading;
use super::{assert_met, assert_none, changed, client, opened, row};

const PUBLICATION: Publication = Publication {
    files: &["wildberries/01-general.yaml", "wildberries/02-items.yaml", "wildberries/03-orders-fbs.yaml"],
    requests: Reading::Literal,
    answers: Reading::Literal,
    everywhere: &[],
    amendments: &[Amendment {
        at: "/paths/~1api~1v3~1orders~1status/post/responses/200/content/application~1json/schema/properties/orders/items/properties/isTransferable",
        instead: r#"{"type": "boolean"}"#,
        reason: "the field came in October 2026, after the file; wb-api-client 1.20261030.0 has it",
    }],
};

const WAREHOUSE: u64 = 31;
const TEE: u64 = 7_001;
const CAP: u64 = 7_002;

#[tokio::test]
async fn every_request_to_wildberries_and_every_answer_of_its_simulator_keeps_to_the_published_interface() {
    let Some(interface) = Interface::read(&PUBLICATION) else { return };
    let mut exchanges = trade().await;
    exchanges.extend(refusals().await);
    exchanges.extend(cards().await);
    assert_met(
        &exchanges,
        &[
            ("GET /api/v3/orders/new", 200),
            ("GET /api/v3/orders", 200),
            ("GET /api/v3/orders", 401),
            ("GET /api/v3/orders", 429),
            ("POST /api/v3/orders/status", 200),
            ("PUT /api/v3/stocks/31", 204),
            ("PUT /api/v3/stocks/31", 406),
            ("PUT /api/v3/stocks/31", 409),
            ("PUT /api/v3/stocks/32", 404),
            ("POST /api/v3/stocks/31", 200),
            ("POST /content/v2/get/cards/list", 200),
        ],
    );
    assert_none(interface.problems(&exchanges));
    assert_none(interface.problems_of_answers(&nonsense().await));
}

#[tokio::test]
async fn what_wildberries_would_let_slip_is_found() {
    let Some(interface) = Interface::read(&PUBLICATION) else { return };
    let (_shop, recorder, token) = shop().await;
    let call = async |method, path, body| recorder.call(method, path, &[("Authorization", &token)], body).await;
    call(Method::PUT, "/api/v3/stocks/31", json!({"stocks": [{"chrtID": TEE, "amount": 1}]})).await;
    call(Method::GET, "/api/v3/orders?limit=10&nxt=0", Value::Null).await;
    call(Method::GET, "/api/v3/orders/newest", Value::Null).await;
    let problems: Vec<_> = interface.problems(&recorder.exchanges()).iter().map(ToString::to_string).collect();
    let found = |words: [&str; 2]| problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)));
    for words in [
        ["PUT /api/v3/stocks/31 → 204", "the request at /stocks/0"],
        ["GET /api/v3/orders → 400", "there is no parameter nxt"],
        ["GET /api/v3/orders → 400", "next is required"],
        ["GET /api/v3/orders/newest", "there is no such method"],
    ] {
        assert!(found(words), "{words:?} is not among {problems:#?}");
    }
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

/// A shop that shows twenty of either good; a token for it.
async fn shop() -> (Wildberries, Recorder, String) {
    let token = token(MARKETPLACE | CONTENT, now().plus(Duration::from_secs(3_600)));
    let settings = Settings { token: token.clone(), warehouses: vec![WAREHOUSE], ..Settings::default() };
    let shop = Wildberries::start(settings).await.unwrap();
    for chrt_id in [TEE, CAP] {
        let (vendor_code, barcode) = (format!("TEE-{chrt_id}"), format!("20400{chrt_id}"));
        shop.add_card(Card { chrt_id, nm_id: 700, vendor_code, barcode, price_minor: 129_900, currency_code: 398 });
        shop.edit(chrt_id, WAREHOUSE, 20);
    }
    let recorder = Recorder::before(shop.url()).await;
    (shop, recorder, token)
}

fn warehouse(id: u64) -> WarehouseId {
    WarehouseId::new(id.to_string()).unwrap()
}

fn account() -> Account {
    Account::of(wildberries::NAME)
}

/// Orders of every kind, read in every way, and the stock written and read.
async fn trade() -> Vec<Exchange> {
    let (shop, recorder, token) = shop().await;
    let client = client(account(), &token, &recorder);
    let buy = || shop.buy(TEE, WAREHOUSE).unwrap().order;
    let steps: [fn(&Wildberries, &str) -> bool; 6] = [
        Wildberries::confirm,
        Wildberries::complete,
        Wildberries::sort,
        Wildberries::sell,
        Wildberries::cancel_by_seller,
        Wildberries::cancel_by_buyer,
    ];
    assert!(steps.iter().all(|step| step(&shop, &buy())));
    let refused_at_the_door = buy();
    assert!(shop.complete(&refused_at_the_door) && shop.cancel_by_buyer(&refused_at_the_door));
    buy();
    shop.buy_at_zero(CAP, WAREHOUSE).unwrap();

    assert!(!client.orders().unwrap().newest(now()).await.unwrap().told.is_empty());
    assert!(!changed(client.as_ref(), now().minus(Duration::from_secs(60)), now()).await.is_empty());
    let rows = [row("chrt_id", "7001", 7), row("chrt_id", "7002", 0)];
    assert_eq!(
        client.stock().unwrap().write(&warehouse(WAREHOUSE), &rows).await.unwrap(),
        [Outcome::Taken, Outcome::Taken]
    );
    assert!(!client.shelf().unwrap().seen(&warehouse(WAREHOUSE), &rows).await.unwrap().is_empty());
    assert!(client.credential(now()).await.unwrap().problems.is_empty());
    recorder.call(Method::GET, "/api/v3/warehouses", &[("Authorization", &token)], Value::Null).await;
    recorder.call(Method::GET, "/ping", &[("Authorization", &token)], Value::Null).await;
    recorder.exchanges()
}

/// What Wildberries says no to: each in a shop of its own, since a refusal costs ten calls.
async fn refusals() -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for code in [
        "CargoWarehouseRestrictionMGT",
        "ProductPropertyConflict",
        "StoreIsProcessing",
        "StatusNotAcceptable",
        "WarehouseStocksUpdateBlock",
    ] {
        let (shop, recorder, token) = shop().await;
        shop.faults(|faults| _ = faults.refuse.insert(TEE.to_string(), code.to_owned()));
        let client = client(account(), &token, &recorder);
        let rows = [row("chrt_id", "7001", 7)];
        let outcomes = client.stock().unwrap().write(&warehouse(WAREHOUSE), &rows).await.unwrap();
        assert!(!outcomes.contains(&Outcome::Taken), "{code}");
        exchanges.extend(recorder.exchanges());
    }
    let (shop, recorder, token) = shop().await;
    let trusted = client(account(), &token, &recorder);
    trusted.stock().unwrap().write(&warehouse(32), &[row("chrt_id", "7001", 7)]).await.unwrap();
    let unknown = [row("chrt_id", "7001", 7), row("chrt_id", "9999", 7)];
    trusted.stock().unwrap().write(&warehouse(WAREHOUSE), &unknown).await.unwrap();
    assert!(client(account(), "another", &recorder).orders().unwrap().newest(now()).await.is_err());
    shop.faults(|faults| faults.throttle = 1);
    assert!(trusted.orders().unwrap().newest(now()).await.is_err());
    exchanges.extend(recorder.exchanges());
    exchanges
}

/// Calls that no client of ours makes, for the sake of how they are refused.
async fn nonsense() -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for (method, path, body) in [
        (Method::GET, "/api/v3/orders?limit=5000&next=0", Value::Null),
        (Method::POST, "/api/v3/orders/status", json!({"orders": []})),
        (Method::PUT, "/api/v3/stocks/31", json!({"stocks": [{"sku": "204007001", "amount": 1}]})),
        (Method::PUT, "/api/v3/stocks/31", json!({"stocks": [{"chrtId": TEE, "amount": 100_001}]})),
        (Method::POST, "/api/v3/stocks/31", json!({"skus": ["204007001"]})),
        (Method::POST, "/api/v3/stocks/32", json!({"chrtIds": [TEE]})),
        (Method::POST, "/content/v2/get/cards/list", json!({"settings": {"cursor": {"limit": 1_000}}})),
    ] {
        let (_shop, recorder, token) = shop().await;
        recorder.call(method, path, &[("Authorization", &token)], body).await;
        exchanges.extend(recorder.exchanges());
    }
    assert!(exchanges.iter().all(|exchange| (400..500).contains(&exchange.status)), "{exchanges:?}");
    exchanges
}

/// All cards, and then those that changed since.
async fn cards() -> Vec<Exchange> {
    let (_shop, recorder, token) = shop().await;
    let client = opened(account(), &token, &recorder, wildberries::Client::open);
    let (cards, cursor) = client.cards(None).await.unwrap();
    assert_eq!(cards.len(), 2);
    assert!(client.cards(Some(cursor)).await.unwrap().0.is_empty());
    recorder.exchanges()
}
