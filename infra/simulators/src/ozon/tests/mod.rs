use std::time::Duration;

use serde_json::{Value, json};

use super::*;

mod pushes;

const WAREHOUSE: u64 = 22_142_605_386_000;

async fn shop() -> Ozon {
    let settings = Settings {
        client_id: "7".to_owned(),
        api_key: "key".to_owned(),
        warehouses: vec![WAREHOUSE],
        ..Settings::default()
    };
    let ozon = Ozon::start(settings).await.unwrap();
    for (number, offer_id) in ["SKU-1", "SKU-2"].into_iter().enumerate() {
        let number = u64::try_from(number).unwrap();
        ozon.add_product(Product {
            offer_id: offer_id.to_owned(),
            product_id: 100 + number,
            sku: 9_007_199_254_740_993 + number,
            name: "A bag".to_owned(),
            price: "1490.00".to_owned(),
            currency: "RUB".to_owned(),
        });
    }
    ozon
}

async fn call(ozon: &Ozon, path: &str, body: &Value) -> reqwest::Result<(u16, Value)> {
    let http = crate::server::client()?;
    let request = http.post(ozon.url() + path).header("Client-Id", "7").header("Api-Key", "key");
    let answer = request.json(body).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

async fn ok(ozon: &Ozon, path: &str, body: Value) -> Value {
    let (status, answer) = call(ozon, path, &body).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn tell(ozon: &Ozon, offer_id: &str, stock: u32) -> Value {
    let row = json!({ "offer_id": offer_id, "stock": stock, "warehouse_id": WAREHOUSE });
    ok(ozon, "/v2/products/stocks", json!({ "stocks": [row] })).await["result"][0].clone()
}

async fn postings(ozon: &Ozon) -> Vec<Value> {
    let filter = json!({ "since": "2026-01-01T00:00:00Z", "to": now().plus(Duration::from_secs(60)).to_string() });
    let answer = ok(ozon, "/v4/posting/fbs/list", json!({ "filter": filter, "limit": 100 })).await;
    answer["postings"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_stock_written_is_what_buyers_can_still_buy() {
    let ozon = shop().await;
    ozon.edit("SKU-1", WAREHOUSE, 3);
    ozon.buy("SKU-1", WAREHOUSE, 2).await.unwrap();
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(1));

    assert_eq!(tell(&ozon, "SKU-1", 5).await["updated"], true);
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(5));
    let seen = ok(&ozon, "/v1/product/info/warehouse/stocks", json!({ "warehouse_id": WAREHOUSE, "limit": 10 })).await;
    assert_eq!((&seen["stocks"][0]["present"], &seen["stocks"][0]["reserved"]), (&json!(7), &json!(2)));
    assert_eq!(ozon.buy("SKU-1", WAREHOUSE, 6).await, Err(crate::SoldOut));
}

#[tokio::test]
async fn a_pair_written_twice_within_30_s_is_refused_in_a_200() {
    let ozon = shop().await;
    assert_eq!(tell(&ozon, "SKU-1", 5).await["updated"], true);
    let again = tell(&ozon, "SKU-1", 4).await;
    assert_eq!((&again["updated"], &again["errors"][0]["code"]), (&json!(false), &json!("TOO_MANY_REQUESTS")));
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(5));
    assert_eq!(ozon.journal().violations().count(), 1);
}

#[tokio::test]
async fn a_row_that_cannot_be_taken_leaves_the_others_alone() {
    let ozon = shop().await;
    ozon.faults(|faults| _ = faults.refuse.insert("SKU-2".to_owned(), "PRICE_IS_NOT_SENT".to_owned()));
    let rows = ["SKU-1", "SKU-2", "unknown"].map(|id| json!({ "offer_id": id, "stock": 1, "warehouse_id": WAREHOUSE }));
    let result = ok(&ozon, "/v2/products/stocks", json!({ "stocks": rows })).await;
    let codes: Vec<&Value> = (0..3).map(|row| &result["result"][row]["errors"][0]["code"]).collect();
    assert_eq!(codes, [&Value::Null, &json!("PRICE_IS_NOT_SENT"), &json!("NOT_FOUND_ERROR")]);
}

#[tokio::test]
async fn what_the_text_forbids_is_refused_and_noted() {
    let ozon = shop().await;
    let week = json!({ "since": "2026-11-15T00:00:00Z", "to": "2026-11-22T00:00:00Z" });
    let both = json!({
        "cutoff_from": "2026-11-15T00:00:00Z", "cutoff_to": "2026-11-22T00:00:00Z",
        "delivering_date_from": "2026-11-15T00:00:00Z", "delivering_date_to": "2026-11-22T00:00:00Z",
    });
    let long = json!({ "since": "2025-01-01T00:00:00Z", "to": "2026-11-22T00:00:00Z" });
    let elsewhere = json!({ "offer_id": "SKU-1", "stock": 1, "warehouse_id": 1 });
    let cases = [
        ("/v4/posting/fbs/list", json!({ "filter": week, "limit": 101 }), 400),
        ("/v4/posting/fbs/list", json!({ "limit": 10 }), 400),
        ("/v4/posting/fbs/list", json!({ "filter": long, "limit": 10 }), 400),
        ("/v4/posting/fbs/list", json!({ "filter": week, "limit": 10, "cursor": "mine" }), 400),
        ("/v4/posting/fbs/unfulfilled/list", json!({ "filter": both, "limit": 10 }), 400),
        ("/v2/products/stocks", json!({ "stocks": [elsewhere] }), 400),
        (
            "/v2/products/stocks",
            json!({ "stocks": vec![json!({ "offer_id": "SKU-1", "stock": 1, "warehouse_id": WAREHOUSE }); 101] }),
            400,
        ),
        ("/v3/posting/fbs/list", json!({}), 410),
        ("/v9/no/such", json!({}), 404),
    ];
    for (path, body, expected) in &cases {
        let (status, answer) = call(&ozon, path, body).await.unwrap();
        assert_eq!(status, *expected, "{path} {body}: {answer}");
        assert!(answer["message"].is_string());
    }
    assert_eq!(ozon.journal().violations().count(), cases.len());
}

#[tokio::test]
async fn a_wrong_key_opens_nothing() {
    let ozon = shop().await;
    let http = crate::server::client().unwrap();
    let answer = http.post(ozon.url() + "/v1/roles").header("Client-Id", "7").header("Api-Key", "no").send().await;
    assert_eq!(answer.unwrap().status(), 403);
}

#[tokio::test]
async fn the_81st_write_of_a_minute_has_to_wait() {
    let ozon = shop().await;
    for _ in 0..80 {
        assert!(ozon.shop.lock().limits.stock_writes.pass(now()));
    }
    let row = json!({ "offer_id": "SKU-1", "stock": 1, "warehouse_id": WAREHOUSE });
    let (status, answer) = call(&ozon, "/v2/products/stocks", &json!({ "stocks": [row] })).await.unwrap();
    assert_eq!((status, &answer["code"]), (429, &json!("RESOURCE_EXHAUSTED")));
    assert_eq!(ozon.journal().violations().count(), 1);
}

#[tokio::test]
async fn an_injected_429_is_nobodys_fault() {
    let ozon = shop().await;
    ozon.faults(|faults| faults.throttle = 1);
    assert_eq!(call(&ozon, "/v1/roles", &json!({})).await.unwrap().0, 429);
    assert_eq!(call(&ozon, "/v1/roles", &json!({})).await.unwrap().0, 200);
    assert_eq!(ozon.journal().violations().count(), 0);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done() {
    let ozon = shop().await;
    ozon.faults(|faults| faults.lose_answers = 1);
    let row = json!({ "offer_id": "SKU-1", "stock": 4, "warehouse_id": WAREHOUSE });
    call(&ozon, "/v2/products/stocks", &json!({ "stocks": [row] })).await.unwrap_err();
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(4));
}

#[tokio::test]
async fn pages_follow_their_cursor_to_the_end() {
    let ozon = shop().await;
    ozon.edit("SKU-1", WAREHOUSE, 5);
    for _ in 0..5 {
        ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap();
    }
    let (from, to) = (now(), now().plus(Duration::from_secs(2 * 24 * 60 * 60)));
    let filter = json!({ "cutoff_from": from.to_string(), "cutoff_to": to.to_string() });
    let (mut seen, mut cursor) = (Vec::new(), json!(""));
    loop {
        let request = json!({ "filter": filter, "limit": 2, "cursor": cursor, "sort_dir": "DESC" });
        let page = ok(&ozon, "/v4/posting/fbs/unfulfilled/list", request).await;
        seen.extend(page["postings"].as_array().unwrap().iter().map(|posting| posting["posting_number"].to_string()));
        cursor = page["cursor"].clone();
        if page["has_next"] == false {
            break;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    sorted.reverse();
    assert_eq!((seen.len(), &seen), (5, &sorted));
}

#[tokio::test]
async fn a_cancel_before_shipment_frees_the_units_and_a_later_one_takes_them_along() {
    let ozon = shop().await;
    ozon.edit("SKU-1", WAREHOUSE, 4);
    let early = ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    let late = ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    ozon.cancel(&early).await;
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(3));
    ozon.advance(&late, "delivering").await;
    ozon.cancel(&late).await;
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(3));
    let after_ship: Vec<Value> =
        postings(&ozon).await.iter().map(|posting| posting["cancellation"]["cancelled_after_ship"].clone()).collect();
    assert_eq!(after_ship, [false, true]);
}

#[tokio::test]
async fn a_split_moves_units_and_keeps_them_reserved() {
    let ozon = shop().await;
    ozon.edit("SKU-1", WAREHOUSE, 4);
    let parent = ozon.buy("SKU-1", WAREHOUSE, 3).await.unwrap().order;
    let child = ozon.split(&parent, &[("SKU-1", 1)]).await;
    ozon.cancel_units(&parent, "SKU-1", 1).await;
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(2));
    let got = ok(&ozon, "/v3/posting/fbs/get", json!({ "posting_number": child })).await;
    assert_eq!(got["result"]["parent_posting_number"], json!(parent));
    assert_eq!(got["result"]["products"][0]["price"], "1490.0000");
    let units: Vec<Value> =
        postings(&ozon).await.iter().map(|posting| posting["products"][0]["quantity"].clone()).collect();
    assert_eq!(units, [1, 1]);
    ozon.split(&parent, &[("SKU-1", 1)]).await;
    assert_eq!(ozon.orders()[0].status, "cancelled_from_split_pending");
}

#[tokio::test]
async fn what_came_home_is_listed_with_its_final_moment() {
    let ozon = shop().await;
    ozon.edit("SKU-1", WAREHOUSE, 1);
    let order = ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    ozon.advance(&order, "delivered").await;
    ozon.receive_return(&order, "SKU-1", 1);
    let returns = ok(&ozon, "/v1/returns/list", json!({ "filter": {}, "limit": 500 })).await;
    assert!(returns["returns"][0]["logistic"]["final_moment"].is_string());
    assert_eq!(ozon.shown("SKU-1", WAREHOUSE), Some(0));
}

#[tokio::test]
async fn a_shop_goes_on_from_its_snapshot() {
    let before = shop().await;
    before.edit("SKU-1", WAREHOUSE, 2);
    let first = before.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    let after = Ozon::start(Settings { state: Some(before.snapshot()), ..Settings::default() }).await.unwrap();
    let second = after.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    assert_ne!(first, second);
    assert_eq!((after.shown("SKU-1", WAREHOUSE), after.orders().len()), (Some(0), 2));
}
