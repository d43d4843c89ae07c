use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::Event;
use crate::server::client;

const WAREHOUSE: u64 = 31;
const CHRT: u64 = 7_001;

async fn shop() -> Wildberries {
    let token = token(MARKETPLACE, now().plus(Duration::from_secs(3_600)));
    let settings = Settings { token, warehouses: vec![WAREHOUSE], ..Settings::default() };
    let shop = Wildberries::start(settings).await.unwrap();
    shop.add_card(card(CHRT));
    shop
}

fn card(chrt_id: u64) -> Card {
    let (vendor_code, barcode) = (format!("TEE-{chrt_id}"), format!("20400{chrt_id}"));
    Card { chrt_id, nm_id: chrt_id / 10, vendor_code, barcode, price_minor: 129_900, currency_code: 398 }
}

async fn call(shop: &Wildberries, method: &str, path: &str, body: Value) -> reqwest::Result<(u16, Value)> {
    let (url, token) = (format!("{}{path}", shop.url()), shop.0.shop.account().token.clone());
    let request = client()?.request(method.parse().unwrap(), url).header("Authorization", token);
    let answer = if body.is_null() { request } else { request.json(&body) }.send().await?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or_default()))
}

async fn put(shop: &Wildberries, rows: Value) -> (u16, Value) {
    call(shop, "PUT", "/api/v3/stocks/31", json!({ "stocks": rows })).await.unwrap()
}

#[tokio::test]
async fn a_written_amount_is_shown_sold_and_read_back() {
    let shop = shop().await;
    assert_eq!(put(&shop, json!([{ "chrtId": CHRT, "amount": 2 }])).await.0, 204);
    let sale = shop.buy(CHRT, WAREHOUSE).unwrap();
    let asked = json!({ "chrtIds": [CHRT, 9] });
    let (_, read) = call(&shop, "POST", "/api/v3/stocks/31", asked.clone()).await.unwrap();
    assert_eq!(read, json!({ "stocks": [{ "chrtId": CHRT, "amount": 1 }] }));
    shop.buy(CHRT, WAREHOUSE).unwrap();
    assert_eq!(shop.buy(CHRT, WAREHOUSE), Err(SoldOut));
    let (_, read) = call(&shop, "POST", "/api/v3/stocks/31", asked).await.unwrap();
    assert_eq!(read, json!({ "stocks": [] }));
    let (_, orders) = call(&shop, "GET", "/api/v3/orders/new", Value::Null).await.unwrap();
    assert_eq!(orders["orders"][0]["id"].to_string(), sale.order);
    assert_eq!(shop.journal().violations().count(), 0);
    assert_eq!(shop.journal().calls, 4);
}

#[tokio::test]
async fn a_misspelt_row_is_accepted_and_changes_nothing() {
    let shop = shop().await;
    assert_eq!(put(&shop, json!([{ "chrtID": CHRT, "amount": 2 }])).await.0, 204);
    assert_eq!(shop.shown(CHRT, WAREHOUSE), None);
    assert_eq!(shop.journal().violations().count(), 1);
}

#[tokio::test]
async fn one_bad_row_refuses_the_whole_write_and_is_named() {
    let shop = shop().await;
    let (status, body) = put(&shop, json!([{ "chrtId": CHRT, "amount": 2 }, { "chrtId": 9, "amount": 1 }])).await;
    assert_eq!(status, 409);
    assert_eq!(body[0]["code"], "NotFound");
    assert_eq!(body[0]["data"], json!([{ "sku": "", "chrtId": 9, "amount": 1 }]));
    assert_eq!(shop.shown(CHRT, WAREHOUSE), None);
    assert_eq!(shop.journal().violations().count(), 1);
    assert_eq!(put(&shop, json!([{ "sku": "2040", "amount": 1 }])).await.1["code"], "SKUUploadDisabled");
}

#[tokio::test]
async fn a_refusal_that_a_test_asked_for_is_no_violation() {
    let shop = shop().await;
    shop.faults(|faults| _ = faults.refuse.insert(CHRT.to_string(), "ProductPropertyConflict".to_owned()));
    let (status, body) = put(&shop, json!([{ "chrtId": CHRT, "amount": 2 }])).await;
    assert_eq!((status, &body[0]["data"]), (409, &Value::Null));
    shop.faults(|faults| _ = faults.refuse.insert(CHRT.to_string(), "WarehouseStocksUpdateBlock".to_owned()));
    assert_eq!(put(&shop, json!([{ "chrtId": CHRT, "amount": 2 }])).await.0, 406);
    assert_eq!(shop.journal().violations().count(), 0);
}

#[tokio::test]
async fn a_lost_answer_is_an_error_after_the_work_was_done() {
    let shop = shop().await;
    shop.faults(|faults| faults.lose_answers = 1);
    let body = json!({ "stocks": [{ "chrtId": CHRT, "amount": 2 }] });
    assert!(call(&shop, "PUT", "/api/v3/stocks/31", body).await.is_err());
    assert_eq!(shop.shown(CHRT, WAREHOUSE), Some(2));
}

#[tokio::test]
async fn three_refused_calls_empty_the_bucket_of_their_group_alone() {
    let shop = shop().await;
    for expected in [404, 404, 429] {
        let body = json!({ "chrtIds": [CHRT] });
        assert_eq!(call(&shop, "POST", "/api/v3/stocks/32", body).await.unwrap().0, expected);
    }
    assert_eq!(call(&shop, "GET", "/api/v3/orders/new", Value::Null).await.unwrap().0, 200);
}

#[tokio::test]
async fn orders_come_in_pages_and_their_statuses_apart() {
    let shop = shop().await;
    shop.edit(CHRT, WAREHOUSE, 3);
    let sales: Vec<_> = (0..3).map(|_| shop.buy(CHRT, WAREHOUSE).unwrap().order).collect();
    let (_, first) = call(&shop, "GET", "/api/v3/orders?limit=2&next=0", Value::Null).await.unwrap();
    let path = format!("/api/v3/orders?limit=2&next={}", first["next"]);
    let (_, second) = call(&shop, "GET", &path, Value::Null).await.unwrap();
    assert_eq!(first["orders"].as_array().unwrap().len() + second["orders"].as_array().unwrap().len(), 3);
    assert!(shop.confirm(&sales[0]) && shop.cancel_by_buyer(&sales[1]) && shop.sort(&sales[2]));
    let ids: Vec<u64> = sales.iter().map(|id| id.parse().unwrap()).collect();
    let (_, statuses) = call(&shop, "POST", "/api/v3/orders/status", json!({ "orders": ids })).await.unwrap();
    let wb: Vec<_> = statuses["orders"].as_array().unwrap().iter().map(|order| order["wbStatus"].clone()).collect();
    assert_eq!(wb, ["waiting", "declined_by_client", "sorted"]);
    let (status, _) = call(&shop, "GET", "/api/v3/orders?limit=2&next=0&dateFrom=1", Value::Null).await.unwrap();
    assert_eq!(status, 400);
}

#[tokio::test]
async fn the_cards_cursor_goes_through_all_cards_once() {
    let shop = shop().await;
    (1..=4).for_each(|n| shop.add_card(card(CHRT + 10 * n)));
    let mut cursor = json!({ "limit": 2 });
    let mut seen = Vec::new();
    loop {
        let settings = json!({ "sort": { "ascending": true }, "filter": { "withPhoto": -1 }, "cursor": cursor });
        let body = json!({ "settings": settings });
        let (_, page) = call(&shop, "POST", "/content/v2/get/cards/list", body).await.unwrap();
        seen.extend(page["cards"].as_array().unwrap().iter().map(|card| card["nmID"].as_u64().unwrap()));
        cursor = page["cursor"].clone();
        cursor["limit"] = json!(2);
        if cursor["total"].as_u64().unwrap() < 2 {
            break;
        }
    }
    assert_eq!(seen, [700, 701, 702, 703, 704]);
}

#[tokio::test]
async fn it_goes_on_from_a_snapshot() {
    let shop = shop().await;
    shop.edit(CHRT, WAREHOUSE, 2);
    let sale = shop.buy(CHRT, WAREHOUSE).unwrap();
    let state = Some(shop.snapshot());
    let again = Wildberries::start(Settings { state, ..Settings::default() }).await.unwrap();
    assert_eq!(again.shown(CHRT, WAREHOUSE), Some(1));
    assert_eq!(again.orders(), [(sale.order, CHRT)]);
    assert!(matches!(again.journal().events[..], [Event::Sold { .. }]));
}
