use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::now;

mod orders;
mod pushes;
mod returns;
mod rules;
mod stock;

const BUSINESS: &str = "/v1/businesses/7/orders";
const STOCKS: &str = "/v2/campaigns/8/offers/stocks";
const RETURNS: &str = "/v2/campaigns/8/returns";
const KEY: &str = "ACMA:key";

fn settings() -> Settings {
    Settings {
        business_id: 7,
        campaign_id: 8,
        warehouse: 9,
        api_key: KEY.to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        gives_back_cancelled: true,
        ..Settings::default()
    }
}

/// A shop with two goods.
async fn shop() -> YandexMarket {
    shop_with(settings()).await
}

async fn shop_with(settings: Settings) -> YandexMarket {
    let market = YandexMarket::start(settings).await.unwrap();
    for offer_id in ["TEA", "CUP"] {
        market.add_offer(Offer { offer_id: offer_id.to_owned(), name: "A thing".to_owned(), price: 1_490 });
    }
    market
}

struct Answered {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A call with a body, if that isn't null.
async fn call(market: &YandexMarket, method: Method, path: &str, body: &Value) -> reqwest::Result<Answered> {
    let request = crate::server::client()?.request(method, market.url() + path).header("Api-Key", KEY);
    let request = if body.is_null() { request } else { request.json(body) };
    let answer = request.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Ok(Answered { status, headers, body: answer.json().await? })
}

async fn ok(market: &YandexMarket, method: Method, path: &str, body: Value) -> Value {
    let answered = call(market, method, path, &body).await.unwrap();
    assert_eq!(answered.status, 200, "{}", answered.body);
    answered.body
}

async fn tell(market: &YandexMarket, offer_id: &str, count: u32) {
    let item = json!({ "count": count, "updatedAt": "2026-11-22T10:00:00+03:00" });
    let row = json!({ "sku": offer_id, "items": [item] });
    assert_eq!(ok(market, Method::PUT, STOCKS, json!({ "skus": [row] })).await, json!({ "status": "OK" }));
}

/// Orders that changed in the last minute.
async fn changed(market: &YandexMarket) -> Vec<Value> {
    let (from, to) = (now().minus(Duration::from_secs(60)), now().plus(Duration::from_secs(60)));
    let dates = json!({ "updateDateFrom": from.to_string(), "updateDateTo": to.to_string() });
    let answer = ok(market, Method::POST, BUSINESS, json!({ "campaignIds": [8], "dates": dates, "fake": false })).await;
    answer["orders"].as_array().unwrap().clone()
}

fn id(sale: &crate::Sale) -> u64 {
    sale.order.parse().unwrap()
}

fn violations(market: &YandexMarket) -> usize {
    market.journal().violations().count()
}

#[tokio::test]
async fn a_sellers_side_that_does_right_makes_no_violation() {
    let market = shop().await;
    tell(&market, "TEA", 5).await;
    let order = id(&market.buy("TEA", 2).unwrap());
    assert_eq!(changed(&market).await.len(), 1);
    ok(&market, Method::POST, BUSINESS, json!({ "orderIds": [order], "campaignIds": [8], "fake": false })).await;
    ok(&market, Method::GET, &format!("{RETURNS}?limit=100"), Value::Null).await;
    ok(&market, Method::POST, STOCKS, json!({ "offerIds": ["TEA", "CUP"] })).await;
    let token = ok(&market, Method::POST, "/v2/auth/token", Value::Null).await;
    assert_eq!(token["result"]["apiKey"]["authScopes"], json!(SCOPES));
    assert_eq!(market.journal().violations().collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_shop_goes_on_from_its_snapshot() {
    let before = shop().await;
    before.edit("TEA", 2);
    let first = id(&before.buy("TEA", 1).unwrap());
    before.advance(first, "DELIVERED", "DELIVERY_SERVICE_DELIVERED");
    let back = before.give_back(first, "TEA", 1).unwrap();
    let after = YandexMarket::start(Settings { state: Some(before.snapshot()), ..settings() }).await.unwrap();
    let second = id(&after.buy("TEA", 1).unwrap());
    assert_ne!(first, second);
    assert!(after.move_return(back, "PICKED"));
    assert_eq!((after.shown("TEA"), after.orders().len()), (Some(0), 2));
}
