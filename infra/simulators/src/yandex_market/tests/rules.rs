use super::*;

#[tokio::test]
async fn what_the_text_forbids_is_refused_and_noted() {
    let market = shop().await;
    let row = |sku: &str, items: Value| json!({ "skus": [{ "sku": sku, "items": items }] });
    let dates = |dates: Value| json!({ "dates": dates });
    let zero = |sku: &str| json!({ "sku": sku, "items": [{ "count": 0 }] });
    let many: Vec<Value> = (0..2_001).map(|number| zero(&format!("S{number}"))).collect();
    let fifty_one: Vec<u64> = (1..=51).collect();
    let month = json!({ "updateDateFrom": "2026-10-01T00:00:00Z", "updateDateTo": "2026-11-01T00:00:00Z" });
    let backwards = json!({ "updateDateFrom": "2026-10-02T00:00:00Z", "updateDateTo": "2026-10-01T00:00:00Z" });
    let cases = [
        (Method::PUT, STOCKS, json!({ "skus": [] })),
        (Method::PUT, STOCKS, json!({ "skus": many })),
        (Method::PUT, STOCKS, json!({ "skus": [zero("TEA"), zero(" TEA ")] })),
        (Method::PUT, STOCKS, row("TEA", json!([]))),
        (Method::PUT, STOCKS, row("TEA", json!([{ "count": 1 }, { "count": 2 }]))),
        (Method::PUT, STOCKS, row("TEA", json!([{ "count": -1 }]))),
        (Method::PUT, STOCKS, row("TEA", json!([{ "count": 2_000_000_001 }]))),
        (Method::PUT, STOCKS, row("TEA", json!([{ "count": "1" }]))),
        (Method::PUT, STOCKS, row("TEA", json!([{ "count": 1, "updatedAt": "2026-11-22T10:00:00" }]))),
        (Method::PUT, STOCKS, row(" ", json!([{ "count": 1 }]))),
        (Method::PUT, STOCKS, row(&"S".repeat(256), json!([{ "count": 1 }]))),
        (Method::PUT, STOCKS, row("TEA", json!([{ "count": 1, "note": "n".repeat(request::LONGEST) }]))),
        (Method::POST, BUSINESS, json!({ "orderIds": fifty_one })),
        (Method::POST, BUSINESS, json!({ "orderIds": [] })),
        (Method::POST, BUSINESS, json!({ "orderIds": [1, 1] })),
        (Method::POST, BUSINESS, json!({ "statuses": ["SENT"] })),
        (Method::POST, BUSINESS, dates(month)),
        (Method::POST, BUSINESS, dates(backwards)),
        (Method::POST, BUSINESS, dates(json!({ "updateDateFrom": "2026-10-02" }))),
        (Method::POST, BUSINESS, dates(json!({ "creationDateFrom": "2026-10-02T00:00:00Z" }))),
        (Method::POST, "/v1/businesses/7/orders?pageToken=mine", json!({})),
        (Method::POST, "/v1/businesses/7/orders?limit=0", json!({})),
        (Method::POST, "/v2/campaigns/8/offers/stocks?limit=201", json!({})),
        (Method::POST, "/v2/campaigns/8/offers/stocks?limit=10", json!({ "offerIds": ["TEA"] })),
        (Method::GET, "/v2/campaigns/8/returns?fromDate=22.11.2026", Value::Null),
        (Method::GET, "/v2/campaigns/8/returns?shipmentStatuses=HOME", Value::Null),
        (Method::GET, "/v2/campaigns/8/returns?orderIds=1,1", Value::Null),
    ];
    for (method, path, body) in &cases {
        let answered = call(&market, method.clone(), path, body).await.unwrap();
        let said: String = body.to_string().chars().take(200).collect();
        assert_eq!(answered.status, 400, "{method} {path} {said}: {}", answered.body);
        let said = (&answered.body["status"], &answered.body["errors"][0]["code"]);
        assert_eq!(said, (&json!("ERROR"), &json!("BAD_REQUEST")));
    }
    assert_eq!(violations(&market), cases.len());
    assert_eq!(market.shown("TEA"), None);
}

#[tokio::test]
async fn what_is_not_the_sellers_or_not_there_is_refused_and_noted() {
    let market = shop().await;
    let cases = [
        (Method::POST, "/v1/businesses/8/orders", json!({}), 403),
        (Method::POST, BUSINESS, json!({ "campaignIds": [9] }), 403),
        (Method::POST, "/v2/campaigns/7/offers/stocks", json!({}), 404),
        (Method::GET, "/v2/campaigns/8/orders", Value::Null, 404),
        (Method::GET, STOCKS, Value::Null, 405),
    ];
    for (method, path, body, expected) in &cases {
        let answered = call(&market, method.clone(), path, body).await.unwrap();
        assert_eq!(answered.status, *expected, "{method} {path}: {}", answered.body);
        assert!(answered.body["errors"][0]["message"].is_string());
    }
    assert_eq!(violations(&market), cases.len());
}

#[tokio::test]
async fn a_body_that_is_not_called_json_is_refused() {
    let market = shop().await;
    let request = crate::server::client().unwrap().post(market.url() + BUSINESS).header("Api-Key", KEY).body("{}");
    assert_eq!(request.send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn without_its_key_nobody_is_let_in() {
    let market = shop().await;
    let http = crate::server::client().unwrap();
    let call = async |key: Option<&str>| {
        let request = http.post(market.url() + "/v2/auth/token");
        let request = key.into_iter().fold(request, |request, key| request.header("Api-Key", key));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["errors"][0]["code"].clone())
    };
    assert_eq!(call(None).await, (401, json!("UNAUTHORIZED")));
    assert_eq!(call(Some("another")).await, (403, json!("FORBIDDEN")));
    market.faults(|faults| faults.credential_ended = true);
    assert_eq!(call(Some(KEY)).await.0, 403);
    assert_eq!(violations(&market), 0);
}

#[tokio::test]
async fn a_key_opens_only_what_it_has_access_to() {
    let scopes = vec!["INVENTORY_AND_ORDER_PROCESSING_READ_ONLY".to_owned()];
    let market = shop_with(Settings { scopes, ..settings() }).await;
    ok(&market, Method::POST, BUSINESS, json!({})).await;
    let answered = call(&market, Method::POST, STOCKS, &json!({})).await.unwrap();
    assert_eq!((answered.status, violations(&market)), (403, 1));
}

#[tokio::test]
async fn calls_beyond_a_limit_are_answered_420_and_told_when_to_come_again() {
    let market = shop().await;
    for left in (0..100).rev() {
        let answered = call(&market, Method::POST, "/v2/auth/token", &Value::Null).await.unwrap();
        assert_eq!(answered.status, 200);
        assert_eq!(answered.header("X-RateLimit-Resource-Remaining"), left.to_string());
    }
    let answered = call(&market, Method::POST, "/v2/auth/token", &Value::Null).await.unwrap();
    assert_eq!((answered.status, &answered.body["status"]), (420, &json!("ERROR")));
    assert_eq!(answered.header("X-RateLimit-Resource-Limit"), "100");
    assert!(answered.header("X-RateLimit-Resource-Until").ends_with(" GMT"));
    assert_eq!(violations(&market), 1);
    ok(&market, Method::POST, BUSINESS, json!({})).await;
}

#[test]
fn what_is_spent_is_forgotten_when_its_span_is_over() {
    let mut limits = limits::Limits::default();
    let mut take = |units, seconds: i64| {
        let now = edin_domain::Timestamp::from_millis(seconds * 1_000);
        limits.of(limits::Resource::StockWritten).take(units, now)
    };
    assert_eq!([take(99_000, 0), take(1_001, 59), take(1_000, 59), take(1, 59)], [true, false, true, false]);
    assert!(take(100_000, 60));
}

#[tokio::test]
async fn goods_in_writes_are_counted_one_by_one() {
    let market = shop().await;
    assert!(market.shop.lock().limits.of(limits::Resource::StockWritten).take(99_999, now()));
    let rows = ["TEA", "CUP"].map(|sku| json!({ "sku": sku, "items": [{ "count": 1 }] }));
    let answered = call(&market, Method::PUT, STOCKS, &json!({ "skus": rows })).await.unwrap();
    assert_eq!((answered.status, answered.header("X-RateLimit-Resource-Remaining")), (420, "1"));
    tell(&market, "TEA", 1).await;
}

#[tokio::test]
async fn an_injected_420_is_nobodys_fault() {
    let market = shop().await;
    market.faults(|faults| faults.throttle = 1);
    let answered = call(&market, Method::POST, BUSINESS, &json!({})).await.unwrap();
    assert_eq!((answered.status, answered.header("X-RateLimit-Resource-Remaining")), (420, "0"));
    ok(&market, Method::POST, BUSINESS, json!({})).await;
    assert_eq!(violations(&market), 0);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done() {
    let market = shop().await;
    let row = json!({ "skus": [{ "sku": "TEA", "items": [{ "count": 4 }] }] });
    market.faults(|faults| faults.lose_writes = 1);
    ok(&market, Method::POST, BUSINESS, json!({})).await;
    assert!(call(&market, Method::PUT, STOCKS, &row).await.is_err());
    assert_eq!(market.shown("TEA"), Some(4));
}
