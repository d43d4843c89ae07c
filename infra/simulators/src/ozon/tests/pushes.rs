use axum::extract::State as Extract;
use axum::routing::post;
use axum::{Json, Router};
use tokio::sync::mpsc;

use super::*;

/// A receiver of pushes that says yes.
async fn receiver(answer: Value) -> (Server, mpsc::UnboundedReceiver<Value>) {
    let (sender, pushes) = mpsc::unbounded_channel();
    let take = async move |Extract((sender, answer)): Extract<(mpsc::UnboundedSender<Value>, Value)>,
                           Json(push): Json<Value>| {
        sender.send(push).unwrap();
        Json(answer)
    };
    let router = Router::new().route("/", post(take)).with_state((sender, answer));
    (Server::start(router, 0).await.unwrap(), pushes)
}

async fn next(pushes: &mut mpsc::UnboundedReceiver<Value>) -> Value {
    tokio::time::timeout(Duration::from_secs(5), pushes.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn every_change_is_pushed() {
    let (server, mut pushes) = receiver(json!({ "result": true })).await;
    let ozon = shop().await;
    ozon.set_hook(Some(server.url().to_owned()));
    ozon.edit("SKU-1", WAREHOUSE, 1);
    let order = ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    let push = next(&mut pushes).await;
    assert_eq!((&push["message_type"], &push["seller_id"]), (&json!("TYPE_NEW_POSTING"), &json!(7)));
    ozon.advance(&order, "awaiting_deliver").await;
    assert_eq!(next(&mut pushes).await["new_state"], "posting_transferring_to_delivery");
    ozon.cancel(&order).await;
    let push = next(&mut pushes).await;
    assert_eq!(
        (&push["old_state"], &push["products"][0]["offer_id"]),
        (&json!("posting_transferring_to_delivery"), &Value::Null)
    );
}

#[tokio::test]
async fn pushes_that_come_twice_come_the_later_first() {
    let (server, mut pushes) = receiver(json!({ "result": true })).await;
    let ozon = shop().await;
    ozon.set_hook(Some(server.url().to_owned()));
    ozon.faults(|faults| faults.push_twice = true);
    ozon.edit("SKU-1", WAREHOUSE, 1);
    let order = ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap().order;
    ozon.cancel(&order).await;
    let mut types = Vec::new();
    for _ in 0..4 {
        types.push(next(&mut pushes).await["message_type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types, ["TYPE_POSTING_CANCELLED", "TYPE_POSTING_CANCELLED", "TYPE_NEW_POSTING", "TYPE_NEW_POSTING"]);
}

#[tokio::test]
async fn a_push_that_nobody_acknowledges_comes_again_and_is_noted() {
    let (server, mut pushes) = receiver(json!({ "result": false })).await;
    let ozon = shop().await;
    ozon.set_hook(Some(server.url().to_owned()));
    ozon.edit("SKU-1", WAREHOUSE, 1);
    ozon.buy("SKU-1", WAREHOUSE, 1).await.unwrap();
    assert_eq!(next(&mut pushes).await, next(&mut pushes).await);
    assert!(ozon.journal().violations().count() >= 1);
}

#[tokio::test]
async fn a_hook_is_checked_by_what_it_says_to_a_ping() {
    let good = json!({ "version": "1.0", "name": "edin", "time": "2026-11-22T00:00:00Z" });
    for (answer, expected) in [(good, None), (json!({ "result": true }), Some("WRONG_RESULT_FIELD"))] {
        let (server, _pushes) = receiver(answer).await;
        let ozon = shop().await;
        ozon.set_hook(Some(server.url().to_owned()));
        let code = ozon.check().await.err().map(|error| error.split(':').next().unwrap().to_owned());
        assert_eq!(code.as_deref(), expected);
    }
}
