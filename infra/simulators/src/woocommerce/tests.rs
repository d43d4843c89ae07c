use std::time::Duration;

use axum::Router;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;

const CUP: u64 = 28;
const SHIRT: u64 = 29;
const SIZE_S: u64 = 30;
const BATCH: &str = "/products/batch";

async fn shop() -> WooCommerce {
    let settings = Settings { key: "ck".to_owned(), secret: "cs".to_owned(), ..Settings::default() };
    let shop = WooCommerce::start(settings).await.unwrap();
    for (id, parent) in [(CUP, None), (SIZE_S, Some(SHIRT))] {
        shop.add(Item { id, parent, sku: format!("SKU-{id}"), name: "A thing".to_owned(), price: 900 });
        shop.edit(id, 10);
    }
    shop
}

/// A call with a body, if that isn't null.
async fn call(shop: &WooCommerce, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let request = crate::server::client().unwrap().request(method, format!("{}/wp-json/wc/v3{path}", shop.url()));
    let request = request.basic_auth("ck", Some("cs"));
    let request = if body.is_null() { request } else { request.json(body) };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(shop: &WooCommerce, path: &str) -> (u16, Value) {
    call(shop, Method::GET, path, &Value::Null).await
}

fn order(sale: crate::Sale) -> u64 {
    sale.order.parse().unwrap()
}

#[tokio::test]
async fn the_number_falls_when_an_order_is_paid_for_and_rises_when_it_is_called_off() {
    let shop = shop().await;
    let unpaid = order(shop.order(&[(CUP, 2)]).unwrap());
    assert_eq!(shop.shown(CUP), Some(10));
    for (status, shown) in [("processing", 8), ("completed", 8), ("cancelled", 10), ("processing", 8), ("failed", 8)] {
        assert!(shop.advance(unpaid, status));
        assert_eq!(shop.shown(CUP), Some(shown), "{status}");
    }
    assert!(!shop.advance(999, "cancelled"));
}

/// As it was recorded: 10, 8 after the order, 9 after the refund, 10 after the cancel.
#[tokio::test]
async fn after_a_refund_in_part_a_cancel_puts_back_the_rest_alone() {
    let shop = shop().await;
    let order = order(shop.buy(&[(CUP, 2)]).unwrap());
    assert!(shop.refund(order, CUP, 1, Restock::Yes));
    assert_eq!(shop.shown(CUP), Some(9));
    let (_, told) = get(&shop, &format!("/orders/{order}")).await;
    let notes: Vec<_> =
        told["line_items"][0]["meta_data"].as_array().unwrap().iter().map(|it| (&it["key"], &it["value"])).collect();
    assert_eq!(notes, [(&json!("_reduced_stock"), &json!("1")), (&json!("_restock_refunded_items"), &json!("1"))]);
    assert!(shop.advance(order, "cancelled"));
    assert_eq!(shop.shown(CUP), Some(10));
    assert!(!shop.refund(order, CUP, 2, Restock::Yes), "there aren't so many");
}

#[tokio::test]
async fn a_row_is_refused_alone_and_a_hundred_and_one_are_too_many() {
    let shop = shop().await;
    let rows = json!({ "update": [
        { "id": CUP, "manage_stock": true, "stock_quantity": 7 },
        { "id": 999_999, "stock_quantity": 1 },
        { "id": SIZE_S, "stock_quantity": 1 },
    ] });
    let (status, told) = call(&shop, Method::POST, BATCH, &rows).await;
    assert_eq!((status, &told["update"][0]["stock_quantity"]), (200, &json!(7)));
    let codes = [1, 2].map(|row| told["update"][row]["error"]["code"].as_str().unwrap());
    assert_eq!(codes, ["woocommerce_rest_product_invalid_id", "woocommerce_rest_invalid_product_id"]);
    let size = json!({ "update": [{ "id": SIZE_S, "stock_quantity": 9 }] });
    let (_, told) = call(&shop, Method::POST, &format!("/products/{SHIRT}/variations/batch"), &size).await;
    assert_eq!((&told["update"][0]["stock_quantity"], shop.shown(SIZE_S)), (&json!(9), Some(9)));
    let many: Vec<_> = (0..101).map(|_| json!({ "id": CUP, "stock_quantity": 1 })).collect();
    let (status, told) = call(&shop, Method::POST, BATCH, &json!({ "update": many })).await;
    assert_eq!((status, &told["code"]), (413, &json!("woocommerce_rest_request_entity_too_large")));
}

#[tokio::test]
async fn a_number_opens_what_was_closed_beside_it_and_is_dropped_where_nothing_is_counted() {
    let shop = shop().await;
    shop.close(CUP);
    assert_eq!(shop.shown(CUP), Some(0));
    let (_, closed) = get(&shop, &format!("/products?include={CUP}&_fields=stock_quantity,stock_status")).await;
    assert_eq!(closed, json!([{ "stock_quantity": 10, "stock_status": "outofstock" }]));
    for (row, shown) in [
        (json!({ "id": CUP, "stock_quantity": 10 }), Some(10)),
        (json!({ "id": CUP, "manage_stock": false, "stock_quantity": 3 }), None),
        (json!({ "id": CUP, "stock_quantity": 3 }), None),
        (json!({ "id": CUP, "manage_stock": true, "stock_quantity": 3 }), Some(3)),
    ] {
        call(&shop, Method::POST, BATCH, &json!({ "update": [row] })).await;
        assert_eq!(shop.shown(CUP), shown, "{row}");
    }
}

#[tokio::test]
async fn orders_are_listed_by_their_last_change_and_those_in_the_trash_apart() {
    let shop = shop().await;
    let orders: Vec<u64> = (0..3).map(|_| order(shop.buy(&[(CUP, 1)]).unwrap())).collect();
    assert!(shop.begin(CUP).is_some() && shop.trash(orders[1]));
    let ids = async |query: &str| {
        let (_, listed) = get(&shop, &format!("/orders?{query}&_fields=id")).await;
        listed.as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let changed = "modified_after=2020-01-01T00:00:00&dates_are_gmt=true&orderby=modified&order=asc";
    assert_eq!(ids(changed).await, [orders[0], orders[2]]);
    assert_eq!(ids(&format!("{changed}&per_page=1&page=2")).await, [orders[2]]);
    assert_eq!(ids(&format!("{changed}&status=trash")).await, [orders[1]]);
    assert_eq!(ids("modified_after=2120-01-01T00:00:00&dates_are_gmt=true").await, Vec::<u64>::new());
    assert!(shop.restore(orders[1]) && shop.delete(orders[0]));
    let (status, told) = get(&shop, &format!("/orders/{}", orders[0])).await;
    assert_eq!((status, &told["code"]), (404, &json!("woocommerce_rest_shop_order_invalid_id")));
    assert_eq!(get(&shop, "/orders?per_page=101").await.0, 400);
}

#[tokio::test]
async fn nobody_is_let_in_without_the_key() {
    let shop = shop().await;
    let url = format!("{}/wp-json/wc/v3/orders", shop.url());
    let client = crate::server::client().unwrap();
    for (request, code) in [
        (client.get(&url), "woocommerce_rest_cannot_view"),
        (client.get(&url).basic_auth("ck", Some("other")), "woocommerce_rest_authentication_error"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code);
    }
}

type Received = (HeaderMap, String);

/// A receiver that says the same to each call.
async fn receiver(status: u16) -> (Server, mpsc::UnboundedReceiver<Received>) {
    let (sender, calls) = mpsc::unbounded_channel();
    let status = StatusCode::from_u16(status).unwrap();
    let take = async move |Extract(sender): Extract<mpsc::UnboundedSender<Received>>, head: HeaderMap, body: String| {
        sender.send((head, body)).unwrap();
        status
    };
    let router = Router::new().route("/", post(take)).with_state(sender);
    (Server::start(router, 0).await.unwrap(), calls)
}

async fn next(calls: &mut mpsc::UnboundedReceiver<Received>) -> Received {
    tokio::time::timeout(Duration::from_secs(30), calls.recv()).await.unwrap().unwrap()
}

/// The next call that is no trial of the address.
async fn next_told(calls: &mut mpsc::UnboundedReceiver<Received>) -> (String, Value) {
    loop {
        let (head, body) = next(calls).await;
        if let Some(topic) = head.get("x-wc-webhook-topic") {
            return (topic.to_str().unwrap().to_owned(), serde_json::from_str(&body).unwrap());
        }
    }
}

/// The secret, the body and the signature of a call that was recorded.
#[test]
fn a_body_is_signed_as_a_shop_signed_it() {
    assert_eq!(push::signature("test-secret", br#"{"id":31}"#), "MMJOBH0NeGj4ImVzusfkkCzxLFAEcJZQobltqlV4UDM=");
}

#[tokio::test]
async fn an_address_is_tried_and_a_call_tells_of_the_order_as_it_is_by_then() {
    let (server, mut calls) = receiver(200).await;
    let shop = shop().await;
    shop.enter(Some((server.url().to_owned(), "secret".to_owned())));
    let (head, body) = next(&mut calls).await;
    assert!(body.starts_with("webhook_id=") && !head.contains_key("x-wc-webhook-signature"), "{body}");
    let order = order(shop.buy(&[(CUP, 1)]).unwrap());
    shop.advance(order, "cancelled");
    let (topic, told) = next_told(&mut calls).await;
    assert!(topic.starts_with("order."));
    assert_eq!((&told["id"], &told["status"]), (&json!(order), &json!("cancelled")));
    shop.trash(order);
    loop {
        let (topic, told) = next_told(&mut calls).await;
        if topic == "order.deleted" {
            assert_eq!(told, json!({ "id": order }));
            return;
        }
    }
}

#[tokio::test]
async fn the_seventh_failure_in_a_row_is_the_last() {
    let (server, mut calls) = receiver(503).await;
    let shop = shop().await;
    shop.enter(Some((server.url().to_owned(), "secret".to_owned())));
    let order = order(shop.order(&[(CUP, 1)]).unwrap());
    let standing = || shop.webhooks().into_iter().find(|(topic, _)| topic == "order.updated").unwrap().1;
    for _ in 0..6 {
        assert_eq!(standing(), "active");
        shop.advance(order, "on-hold");
        while next_told(&mut calls).await.0 != "order.updated" {}
    }
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    while standing() == "active" && tokio::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(standing(), "disabled");
}
