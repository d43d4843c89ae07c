use super::*;

async fn listed(market: &YandexMarket, query: &str) -> Vec<Value> {
    let answer = ok(market, Method::GET, &format!("{RETURNS}{query}"), Value::Null).await;
    answer["result"]["returns"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_a_buyer_gives_back_is_on_its_way_until_the_seller_has_it() {
    let market = shop().await;
    market.edit("TEA", 3);
    let order = id(&market.buy("TEA", 3).unwrap());
    assert_eq!(market.give_back(order, "TEA", 1), None, "nobody has it yet");
    market.advance(order, "DELIVERED", "DELIVERY_SERVICE_DELIVERED");
    let back = market.give_back(order, "TEA", 2).unwrap();
    assert_eq!(market.orders()[0].status, "PARTIALLY_RETURNED");
    let row = listed(&market, "").await.remove(0);
    assert_eq!((&row["returnType"], &row["shipmentStatus"]), (&json!("RETURN"), &json!("CREATED")));
    assert_eq!(row["items"][0]["instances"].as_array().unwrap().len(), 2);
    assert!(market.move_return(back, "PICKED"));
    assert_eq!(listed(&market, "?shipmentStatuses=PICKED").await.len(), 1);
    assert_eq!((market.give_back(order, "TEA", 2), market.shown("TEA")), (None, Some(0)));
    market.give_back(order, "TEA", 1).unwrap();
    assert_eq!(market.orders()[0].status, "RETURNED");
}

#[tokio::test]
async fn what_a_buyer_never_took_comes_back_without_a_refund() {
    let market = shop().await;
    market.edit("TEA", 1);
    let order = id(&market.buy("TEA", 1).unwrap());
    market.advance(order, "PICKUP", "PICKUP_SERVICE_RECEIVED");
    market.cancel(order);
    market.give_back(order, "TEA", 1).unwrap();
    let row = listed(&market, "?type=UNREDEEMED").await.remove(0);
    assert_eq!((&row["refundStatus"], &market.orders()[0].status), (&Value::Null, &"CANCELLED".to_owned()));
    assert_eq!(market.give_back(order, "TEA", 1), None, "it is on its way already");
}

#[tokio::test]
async fn returns_are_found_by_order_and_by_day_page_by_page() {
    let market = shop().await;
    market.edit("TEA", 3);
    let order = id(&market.buy("TEA", 3).unwrap());
    market.advance(order, "DELIVERED", "DELIVERY_SERVICE_DELIVERED");
    for _ in 0..3 {
        market.give_back(order, "TEA", 1).unwrap();
    }
    let (today, tomorrow) = (date::day(now()), date::day(date::next_day(now())));
    for (query, expected) in [
        (format!("?orderIds={order}"), 3),
        ("?orderIds=1".to_owned(), 0),
        (format!("?fromDate={today}&toDate={today}"), 3),
        (format!("?fromDate={tomorrow}"), 0),
        ("?type=UNREDEEMED".to_owned(), 0),
        ("?statuses=REFUNDED&limit=2".to_owned(), 2),
    ] {
        assert_eq!(listed(&market, &query).await.len(), expected, "{query}");
    }
}
