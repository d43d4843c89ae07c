use super::*;

/// What the shelf says of a good, by kind.
async fn kinds(market: &YandexMarket, offer_id: &str) -> Value {
    let read = ok(market, Method::POST, STOCKS, json!({ "offerIds": [offer_id] })).await;
    let warehouse = &read["result"]["warehouses"][0];
    assert_eq!((&warehouse["warehouseId"], &warehouse["offers"][0]["offerId"]), (&json!(9), &json!(offer_id)));
    let stocks = warehouse["offers"][0]["stocks"].as_array().unwrap().clone();
    stocks.into_iter().map(|stock| (stock["type"].as_str().unwrap().to_owned(), stock["count"].clone())).collect()
}

#[tokio::test]
async fn the_number_written_is_what_buyers_can_still_buy() {
    let market = shop().await;
    tell(&market, "TEA", 3).await;
    market.buy("TEA", 2).unwrap();
    assert_eq!(kinds(&market, "TEA").await, json!({ "AVAILABLE": 1, "FREEZE": 2, "FIT": 3 }));
    tell(&market, "TEA", 5).await;
    assert_eq!(kinds(&market, "TEA").await, json!({ "AVAILABLE": 5, "FREEZE": 2, "FIT": 7 }));
    assert_eq!(market.buy("TEA", 6), Err(crate::SoldOut));
}

#[tokio::test]
async fn units_are_frozen_until_they_leave() {
    let market = shop().await;
    tell(&market, "TEA", 3).await;
    let order = id(&market.buy("TEA", 2).unwrap());
    market.advance(order, "PROCESSING", "READY_TO_SHIP");
    assert_eq!(kinds(&market, "TEA").await["FREEZE"], 2);
    market.advance(order, "PROCESSING", "SHIPPED");
    market.advance(order, "DELIVERY", "DELIVERY_SERVICE_RECEIVED");
    assert_eq!(kinds(&market, "TEA").await, json!({ "AVAILABLE": 1, "FREEZE": 0, "FIT": 1 }));
}

#[tokio::test]
async fn one_refused_good_refuses_the_whole_write() {
    let market = shop().await;
    market.faults(|faults| _ = faults.refuse.insert("CUP".to_owned(), "CAN_NOT_BE_SOLD".to_owned()));
    let rows = ["TEA", "CUP"].map(|sku| json!({ "sku": sku, "items": [{ "count": 1 }] }));
    let answered = call(&market, Method::PUT, STOCKS, &json!({ "skus": rows })).await.unwrap();
    assert_eq!((answered.status, market.shown("TEA"), violations(&market)), (400, None, 0));
}

#[tokio::test]
async fn a_sku_that_is_not_in_the_catalogue_is_let_slip() {
    let market = shop().await;
    tell(&market, "tea", 3).await;
    assert_eq!((market.shown("tea"), market.shown("TEA")), (None, None));
    let read = ok(&market, Method::POST, STOCKS, json!({ "offerIds": ["tea"] })).await;
    assert_eq!(read["result"]["warehouses"], json!([]));
}

#[tokio::test]
async fn the_shelf_is_read_page_by_page() {
    let market = shop().await;
    market.edit("TEA", 1);
    market.edit("CUP", 2);
    let first = ok(&market, Method::POST, &format!("{STOCKS}?limit=1"), Value::Null).await["result"].clone();
    assert_eq!(first["warehouses"][0]["offers"][0]["offerId"], "CUP");
    let http = crate::server::client().unwrap();
    let token = first["paging"]["nextPageToken"].as_str().unwrap();
    let request = http.post(market.url() + STOCKS).query(&[("pageToken", token), ("limit", "1")]);
    let second: Value = request.header("Api-Key", KEY).send().await.unwrap().json().await.unwrap();
    assert_eq!(second["result"]["warehouses"][0]["offers"][0]["offerId"], "TEA");
    assert_eq!(second["result"]["paging"], json!({}));
}
