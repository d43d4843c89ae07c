use super::*;
use crate::Spoilt;

#[tokio::test]
async fn an_order_is_listed_with_its_goods() {
    let market = shop().await;
    market.edit("TEA", 3);
    market.edit("CUP", 3);
    market.buy_basket(&[("TEA", 2), ("CUP", 1)]).unwrap();
    let order = changed(&market).await.remove(0);
    assert_eq!((&order["status"], &order["substatus"]), (&json!("PROCESSING"), &json!("STARTED")));
    assert_eq!((&order["campaignId"], &order["delivery"]["warehouseId"]), (&json!(8), &json!("main")));
    let items: Vec<(&Value, &Value)> =
        order["items"].as_array().unwrap().iter().map(|item| (&item["offerId"], &item["count"])).collect();
    assert_eq!(items, [(&json!("CUP"), &json!(1)), (&json!("TEA"), &json!(2))]);
    assert!(order["updateDate"].as_str().unwrap().ends_with("+03:00"));
}

#[tokio::test]
async fn orders_are_found_by_what_is_asked_for() {
    let market = shop().await;
    market.edit("TEA", 9);
    let [first, second] = [1, 2].map(|units| id(&market.buy("TEA", units).unwrap()));
    market.cancel(second);
    let test = market.rehearse("TEA", 1).unwrap();
    let hour = |from: i64, to: i64| {
        let at = |hours: i64| edin_domain::Timestamp::from_millis(now().millis() + hours * 3_600_000).to_string();
        json!({ "updateDateFrom": at(from), "updateDateTo": at(to) })
    };
    let today = date::day(now());
    let cases = [
        (json!({}), vec![first, second, test]),
        (json!({ "fake": false }), vec![first, second]),
        (json!({ "fake": true }), vec![test]),
        (json!({ "orderIds": [second, 1] }), vec![second]),
        (json!({ "statuses": ["CANCELLED"] }), vec![second]),
        (json!({ "substatuses": ["STARTED"], "fake": false }), vec![first]),
        (json!({ "programTypes": ["DBS"] }), vec![]),
        (json!({ "dates": hour(-1, 1), "campaignIds": [8], "fake": false }), vec![first, second]),
        (json!({ "dates": hour(-2, -1) }), vec![]),
        (json!({ "dates": { "creationDateFrom": today }, "fake": false }), vec![first, second]),
    ];
    for (body, expected) in cases {
        let found = ok(&market, Method::POST, BUSINESS, body.clone()).await;
        let ids: Vec<u64> =
            found["orders"].as_array().unwrap().iter().map(|order| order["orderId"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected, "{body}");
    }
    assert_eq!(market.shown("TEA"), Some(8));
}

#[tokio::test]
async fn pages_follow_their_token_to_the_end_and_are_of_fifty_at_most() {
    let market = shop().await;
    market.edit("TEA", 101);
    for _ in 0..101 {
        market.buy("TEA", 1).unwrap();
    }
    let http = crate::server::client().unwrap();
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let query = [("pageToken", token.as_str()), ("limit", "1000")];
        let query = if token.is_empty() { &query[1..] } else { &query };
        let request = http.post(market.url() + BUSINESS).query(query).header("Api-Key", KEY).json(&json!({}));
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        pages.push(page["orders"].as_array().unwrap().len());
        let Some(next) = page["paging"]["nextPageToken"].as_str() else { break };
        token = next.to_owned();
    }
    assert_eq!(pages, [50, 50, 1]);
}

#[tokio::test]
async fn units_that_are_taken_out_are_told_and_free_again() {
    let market = shop().await;
    market.edit("TEA", 3);
    let order = id(&market.buy("TEA", 3).unwrap());
    market.remove(order, "TEA", 1);
    let listed = changed(&market).await.remove(0);
    let item = &listed["items"][0];
    let statuses = json!([{ "status": "CREATED", "count": 2 }, { "status": "CANCELLED", "count": 1 }]);
    assert_eq!((&item["count"], &item["itemStatuses"], market.shown("TEA")), (&json!(2), &statuses, Some(1)));
    market.advance(order, "PROCESSING", "READY_TO_SHIP");
    market.remove(order, "TEA", 1);
    assert_eq!(market.orders()[0].items, [("TEA".to_owned(), 2)]);
}

#[tokio::test]
async fn an_order_without_any_unit_left_is_off() {
    let market = shop().await;
    market.edit("TEA", 3);
    let order = id(&market.buy("TEA", 3).unwrap());
    market.remove(order, "TEA", 3);
    assert_eq!((market.orders()[0].status.as_str(), market.shown("TEA")), ("CANCELLED", Some(3)));
}

#[tokio::test]
async fn a_cancel_frees_units_only_before_they_left_and_only_where_the_shop_does_so() {
    for (gives_back_cancelled, expected) in [(true, 2), (false, 1)] {
        let market = shop_with(Settings { gives_back_cancelled, ..settings() }).await;
        market.edit("TEA", 3);
        let [early, late] = [1, 1].map(|units| id(&market.buy("TEA", units).unwrap()));
        market.advance(late, "DELIVERY", "DELIVERY_SERVICE_RECEIVED");
        market.cancel(early);
        market.cancel(late);
        assert_eq!(market.shown("TEA"), Some(expected));
        let statuses: Vec<Value> =
            changed(&market).await.iter().map(|order| order["items"][0]["itemStatuses"][0]["status"].clone()).collect();
        assert_eq!(statuses, ["CANCELLED", "REJECTED"]);
    }
}

#[tokio::test]
async fn what_is_over_stays_as_it_is() {
    let market = shop().await;
    market.edit("TEA", 1);
    let order = id(&market.buy("TEA", 1).unwrap());
    market.cancel(order);
    market.advance(order, "DELIVERY", "DELIVERY_SERVICE_RECEIVED");
    assert_eq!(market.orders()[0].status, "CANCELLED");
}

#[tokio::test]
async fn an_order_can_be_spoilt_in_its_status_or_its_shape() {
    let market = shop().await;
    market.edit("TEA", 2);
    for how in [Spoilt::Status, Spoilt::Shape] {
        let order = market.buy("TEA", 1).unwrap().order;
        market.faults(|faults| _ = faults.spoilt.insert(order, how));
    }
    let listed = changed(&market).await;
    assert_eq!((&listed[0]["status"], &listed[1]["items"]), (&json!("OF_TOMORROW"), &json!("of tomorrow")));
}
