use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use tokio::sync::mpsc;

use super::*;

/// A receiver of notifications that says the same to each.
async fn receiver(status: u16, answer: Value) -> (Server, mpsc::UnboundedReceiver<Value>) {
    let (sender, pushes) = mpsc::unbounded_channel();
    let status = StatusCode::from_u16(status).unwrap();
    let take = async move |Extract((sender, answer)): Extract<(mpsc::UnboundedSender<Value>, Value)>,
                           Json(push): Json<Value>| {
        sender.send(push).unwrap();
        (status, Json(answer))
    };
    let router = Router::new().route("/", post(take)).with_state((sender, answer));
    (Server::start(router, 0).await.unwrap(), pushes)
}

fn thanks() -> Value {
    json!({ "version": "1.0.0", "name": "edin", "time": "2026-11-22T00:00:00Z" })
}

async fn next(pushes: &mut mpsc::UnboundedReceiver<Value>) -> Value {
    tokio::time::timeout(Duration::from_secs(30), pushes.recv()).await.unwrap().unwrap()
}

async fn dialled(server: &Server) -> YandexMarket {
    let market = shop().await;
    market.set_hook(Some(server.url().to_owned()));
    market.edit("TEA", 2);
    market
}

#[tokio::test]
async fn every_change_is_told() {
    let (server, mut pushes) = receiver(200, thanks()).await;
    let market = dialled(&server).await;
    let order = id(&market.buy("TEA", 2).unwrap());
    let push = next(&mut pushes).await;
    assert_eq!((&push["notificationType"], &push["campaignId"]), (&json!("ORDER_CREATED"), &json!(8)));
    assert_eq!((&push["orderId"], &push["items"]), (&json!(order), &json!([{ "offerId": "TEA", "count": 2 }])));
    let told = |push: &Value, fields: [&str; 3]| fields.map(|field| push[field].as_str().unwrap().to_owned());
    market.postpone(order);
    let push = next(&mut pushes).await;
    let postponed = ["ORDER_UPDATED", "SHIPMENT_DATE_UPDATED"];
    assert_eq!(told(&push, ["notificationType", "updateType", "updatedAt"])[..2], postponed);
    market.advance(order, "DELIVERED", "DELIVERY_SERVICE_DELIVERED");
    let push = next(&mut pushes).await;
    let moved = ["ORDER_STATUS_UPDATED", "DELIVERED", "DELIVERY_SERVICE_DELIVERED"];
    assert_eq!(told(&push, ["notificationType", "status", "substatus"]), moved);
}

#[tokio::test]
async fn returns_and_cancels_are_told() {
    let (server, mut pushes) = receiver(200, thanks()).await;
    let market = dialled(&server).await;
    let order = id(&market.buy("TEA", 1).unwrap());
    market.advance(order, "DELIVERED", "DELIVERY_SERVICE_DELIVERED");
    let back = market.give_back(order, "TEA", 1).unwrap();
    market.move_return(back, "PICKED");
    market.cancel(id(&market.buy("TEA", 1).unwrap()));
    let mut told = Vec::new();
    for _ in 0..7 {
        let push = next(&mut pushes).await;
        told.push(push["notificationType"].as_str().unwrap().to_owned());
        if push["notificationType"] == "ORDER_RETURN_STATUS_UPDATED" {
            assert_eq!((&push["returnId"], &push["statuses"]), (&json!(back), &json!({ "shipmentStatus": "PICKED" })));
        }
    }
    told.sort();
    let expected = [
        "ORDER_CANCELLED",
        "ORDER_CREATED",
        "ORDER_CREATED",
        "ORDER_RETURN_CREATED",
        "ORDER_RETURN_STATUS_UPDATED",
        "ORDER_STATUS_UPDATED",
        "ORDER_STATUS_UPDATED",
    ];
    assert_eq!((told.as_slice(), violations(&market)), (expected.map(str::to_owned).as_slice(), 0));
}

#[tokio::test]
async fn notifications_that_come_twice_come_the_later_first() {
    let (server, mut pushes) = receiver(200, thanks()).await;
    let market = dialled(&server).await;
    market.faults(|faults| faults.push_twice = true);
    market.cancel(id(&market.buy("TEA", 1).unwrap()));
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(next(&mut pushes).await["notificationType"].as_str().unwrap().to_owned());
    }
    assert_eq!(told, ["ORDER_CANCELLED", "ORDER_CANCELLED", "ORDER_CREATED", "ORDER_CREATED"]);
}

#[tokio::test]
async fn notifications_are_lost_where_they_are_to_be() {
    let (server, mut pushes) = receiver(200, thanks()).await;
    let market = dialled(&server).await;
    market.faults(|faults| faults.lose_pushes = true);
    market.buy("TEA", 1).unwrap();
    market.faults(|faults| faults.lose_pushes = false);
    let second = id(&market.buy("TEA", 1).unwrap());
    assert_eq!(next(&mut pushes).await["orderId"], json!(second));
}

#[tokio::test]
async fn a_notification_that_is_not_acknowledged_as_documented_comes_again_and_is_noted() {
    let (server, mut pushes) = receiver(200, json!({ "result": true })).await;
    let market = dialled(&server).await;
    market.buy("TEA", 1).unwrap();
    assert_eq!(next(&mut pushes).await, next(&mut pushes).await);
    assert!(violations(&market) >= 1);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_tried_again_and_not_blamed() {
    let (server, mut pushes) = receiver(503, Value::Null).await;
    let market = dialled(&server).await;
    market.buy("TEA", 1).unwrap();
    assert_eq!(next(&mut pushes).await, next(&mut pushes).await);
    assert_eq!(violations(&market), 0);
}

#[tokio::test]
async fn an_address_is_checked_by_what_it_says_to_a_ping() {
    let nameless = json!({ "version": "1.0.0", "name": "", "time": "2026-11-22T00:00:00Z" });
    let timeless = json!({ "version": "1.0.0", "name": "edin", "time": "now" });
    for (status, answer, noted) in
        [(200, thanks(), 0), (200, nameless, 1), (200, timeless, 1), (400, thanks(), 1), (500, thanks(), 0)]
    {
        let (server, mut pushes) = receiver(status, answer.clone()).await;
        let market = dialled(&server).await;
        assert_eq!(market.check().await.is_ok(), answer == thanks() && status == 200, "{status} {answer}");
        assert_eq!((next(&mut pushes).await["notificationType"].clone(), violations(&market)), (json!("PING"), noted));
    }
}
