//! Yandex Market: its OpenAPI file of 2026-07-17.

use std::time::Duration;

use axum::http::Method;
use edin_channels::client::{Outcome, Period};
use edin_channels::yandex_market::NAME;
use edin_domain::{Account, OrderId, WarehouseId};
use serde_json::{Value, json};
use simulators::now;
use simulators::yandex_market::{Offer, SCOPES, Settings, YandexMarket};

use super::interface::{Interface, Publication};
use super::recorder::{Exchange, Recorder};
use super::schema::Reading;
use super::{WAREHOUSE, assert_met, assert_none, changed, client, row};

const PUBLICATION: Publication = Publication {
    files: &["yandex/partner-api.yaml"],
    requests: Reading::Literal,
    answers: Reading::Literal,
    everywhere: &[("404", "#/components/schemas/ApiNotFoundErrorResponse")],
    amendments: &[],
};

const ORDERS: &str = "/v1/businesses/7/orders";
const STOCKS: &str = "/v2/campaigns/8/offers/stocks";
const RETURNS: &str = "/v2/campaigns/8/returns";
const TOKEN: &str = "/v2/auth/token";
const KEY: &str = "ACMA:key";

#[tokio::test]
async fn every_request_to_yandex_market_and_every_answer_of_its_simulator_keeps_to_the_published_interface() {
    let Some(interface) = Interface::read(&PUBLICATION) else { return };
    let mut exchanges = trade().await;
    exchanges.extend(refusals().await);
    assert_met(
        &exchanges,
        &[
            ("PUT /v2/campaigns/8/offers/stocks", 200),
            ("POST /v2/campaigns/8/offers/stocks", 200),
            ("POST /v2/campaigns/9/offers/stocks", 404),
            ("POST /v1/businesses/7/orders", 200),
            ("POST /v1/businesses/7/orders", 420),
            ("POST /v1/businesses/9/orders", 403),
            ("GET /v2/campaigns/8/returns", 200),
            ("POST /v2/auth/token", 200),
            ("POST /v2/auth/token", 403),
        ],
    );
    assert_none(interface.problems(&exchanges));
    assert_none(interface.problems_of_answers(&nonsense().await));
}

#[tokio::test]
async fn what_yandex_market_would_let_slip_is_found() {
    let Some(interface) = Interface::read(&PUBLICATION) else { return };
    let (_market, recorder) = shop().await;
    call(&recorder, Method::PUT, STOCKS, json!({ "skus": [{ "sku": "TEA", "items": [{ "cnt": 1, "count": 1 }] }] }))
        .await;
    call(&recorder, Method::POST, &format!("{ORDERS}?limit=100"), json!({ "campaignId": 8 })).await;
    call(&recorder, Method::GET, &format!("{RETURNS}?shipmentStatuses=PICKED&page=2"), Value::Null).await;
    let problems: Vec<_> = interface.problems(&recorder.exchanges()).iter().map(ToString::to_string).collect();
    let found = |words: [&str; 2]| problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)));
    for words in [
        ["PUT /v2/campaigns/8/offers/stocks → 200", "the request at /skus/0/items/0"],
        ["POST /v1/businesses/7/orders → 200", "limit=100"],
        ["POST /v1/businesses/7/orders → 200", "the request at"],
        ["GET /v2/campaigns/8/returns → 200", "there is no parameter page"],
    ] {
        assert!(found(words), "{words:?} is not among {problems:#?}");
    }
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

/// A shop that shows twenty of either good.
async fn shop() -> (YandexMarket, Recorder) {
    let settings = Settings {
        business_id: 7,
        campaign_id: 8,
        warehouse: WAREHOUSE.parse().unwrap(),
        api_key: KEY.to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        ..Settings::default()
    };
    let market = YandexMarket::start(settings).await.unwrap();
    for offer_id in ["TEA", "CUP"] {
        market.add_offer(Offer { offer_id: offer_id.to_owned(), name: "A thing".to_owned(), price: 1_490 });
        market.edit(offer_id, 20);
    }
    let recorder = Recorder::before(market.url()).await;
    (market, recorder)
}

async fn call(recorder: &Recorder, method: Method, path: &str, body: Value) {
    recorder.call(method, path, &[("Api-Key", KEY)], body).await;
}

/// Orders of every kind, read in every way, and the stock written and read.
async fn trade() -> Vec<Exchange> {
    let (market, recorder) = shop().await;
    let buy = |units| market.buy("TEA", units).unwrap().order.parse::<u64>().unwrap();
    let given_back = buy(3);
    market.advance(given_back, "DELIVERED", "DELIVERY_SERVICE_DELIVERED");
    let back = market.give_back(given_back, "TEA", 2).unwrap();
    market.move_return(back, "PICKED");
    let never_taken = buy(1);
    market.advance(never_taken, "PICKUP", "PICKUP_SERVICE_RECEIVED");
    market.cancel(never_taken);
    market.give_back(never_taken, "TEA", 1).unwrap();
    market.remove(buy(2), "TEA", 1);
    market.cancel(buy(1));
    market.buy_basket(&[("TEA", 2), ("CUP", 2)]).unwrap();
    market.rehearse("TEA", 1).unwrap();

    let (from, to) = (now().minus(Duration::from_secs(60)), now().plus(Duration::from_secs(60)));
    let dates = json!({ "updateDateFrom": from.to_string(), "updateDateTo": to.to_string() });
    let row =
        |sku: &str, count: u32| json!({ "sku": sku, "items": [{ "count": count, "updatedAt": from.to_string() }] });
    by_the_client(&recorder, [given_back, never_taken]).await;
    for (method, path, body) in [
        (Method::POST, ORDERS.to_owned(), json!({ "campaignIds": [8], "dates": dates, "fake": false })),
        (Method::POST, format!("{ORDERS}?limit=2"), json!({ "statuses": ["PROCESSING", "CANCELLED"] })),
        (Method::POST, ORDERS.to_owned(), json!({ "orderIds": [given_back, never_taken] })),
        (Method::GET, RETURNS.to_owned(), Value::Null),
        (Method::GET, format!("{RETURNS}?limit=1&fromDate=2026-01-01"), Value::Null),
        (Method::GET, format!("{RETURNS}?orderIds={given_back},{never_taken}"), Value::Null),
        (Method::PUT, STOCKS.to_owned(), json!({ "skus": [row("TEA", 7), row("CUP", 0)] })),
        (Method::POST, STOCKS.to_owned(), json!({ "offerIds": ["TEA", "CUP"] })),
        (Method::POST, format!("{STOCKS}?limit=1"), json!({})),
        (Method::POST, TOKEN.to_owned(), Value::Null),
    ] {
        call(&recorder, method, &path, body).await;
    }
    let exchanges = recorder.exchanges();
    assert!(exchanges.iter().all(|exchange| exchange.status == 200), "{exchanges:?}");
    exchanges
}

/// All that the client that is shipped asks and tells.
async fn by_the_client(recorder: &Recorder, back: [u64; 2]) {
    let client = client(Account::of(NAME).with("business_id", 7).with("campaign_id", 8), KEY, recorder);
    let orders = client.orders().unwrap();
    let period = Period { since: now().minus(Duration::from_secs(60)), until: now() };
    assert!(!orders.newest(now()).await.unwrap().told.is_empty());
    assert!(!changed(client.as_ref(), period.since, period.until).await.is_empty());
    let hinted =
        orders.hinted().unwrap().hinted(&back.map(|id| OrderId::new(id.to_string()).unwrap()), now()).await.unwrap();
    assert!(hinted.told.len() >= back.len() && hinted.left_out.is_empty(), "{hinted:?}");
    assert!(!orders.returns().unwrap().returned(period, now(), None).await.unwrap().orders.told.is_empty());
    let (warehouse, rows) =
        (WarehouseId::new(WAREHOUSE).unwrap(), [row("offer_id", "TEA", 7), row("offer_id", "CUP", 0)]);
    assert_eq!(client.stock().unwrap().write(&warehouse, &rows).await.unwrap(), [Outcome::Taken, Outcome::Taken]);
    assert_eq!(client.shelf().unwrap().seen(&warehouse, &rows).await.unwrap().len(), 2);
    assert!(client.credential(now()).await.unwrap().problems.is_empty());
}

/// What the Market says no to.
async fn refusals() -> Vec<Exchange> {
    let (market, recorder) = shop().await;
    market.faults(|faults| faults.throttle = 1);
    call(&recorder, Method::POST, ORDERS, json!({})).await;
    call(&recorder, Method::POST, "/v1/businesses/9/orders", json!({})).await;
    call(&recorder, Method::POST, "/v2/campaigns/9/offers/stocks", json!({})).await;
    recorder.call(Method::POST, TOKEN, &[("Api-Key", "another")], Value::Null).await;
    recorder.call(Method::POST, TOKEN, &[], Value::Null).await;
    recorder.exchanges()
}

/// Calls for the sake of how they are refused.
async fn nonsense() -> Vec<Exchange> {
    let (_market, recorder) = shop().await;
    for (method, path, body) in [
        (Method::PUT, STOCKS, json!({ "skus": [] })),
        (Method::PUT, STOCKS, json!({ "skus": [{ "sku": "TEA", "items": [{ "count": -1 }] }] })),
        (Method::POST, "/v2/campaigns/8/offers/stocks?limit=201", json!({})),
        (Method::POST, ORDERS, json!({ "orderIds": [] })),
        (Method::GET, "/v2/campaigns/8/returns?limit=0", Value::Null),
    ] {
        call(&recorder, method, path, body).await;
    }
    let exchanges = recorder.exchanges();
    assert!(exchanges.iter().all(|exchange| exchange.status == 400), "{exchanges:?}");
    exchanges
}
