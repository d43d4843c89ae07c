use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};

use super::*;
use crate::Event;
use crate::server::client;

const STORE: &str = "30000001_PP1";

/// A price list that a test changes, on a server that honours its ETag.
#[derive(Clone)]
struct Shop {
    list: Arc<Mutex<String>>,
    server: Arc<Server>,
}

impl Shop {
    async fn open(list: String) -> Self {
        let list = Arc::new(Mutex::new(list));
        let router = Router::new().route("/feed.xml", get(feed)).with_state(Arc::clone(&list));
        Self { list, server: Arc::new(Server::start(router, 0).await.unwrap()) }
    }

    fn write(&self, list: String) {
        *self.list.lock().unwrap() = list;
    }
}

async fn feed(State(list): State<Arc<Mutex<String>>>, headers: HeaderMap) -> impl IntoResponse {
    let list = list.lock().unwrap().clone();
    let etag = format!("\"{:x}\"", BuildHasherDefault::<DefaultHasher>::default().hash_one(&list));
    match headers.get("if-none-match").is_some_and(|sent| sent == etag.as_str()) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([("etag", etag)], list).into_response(),
    }
}

fn list(offers: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><kaspi_catalog date=\"2026-11-22\" xmlns=\"kaspiShopping\">\
         <company>A &amp; B</company><merchantid>30000001</merchantid><offers>{offers}</offers></kaspi_catalog>"
    )
}

fn offer(sku: &str, units: i64) -> String {
    format!(
        "<offer sku=\"{sku}\"><model>Thing {sku}</model><brand>B</brand><availabilities>\
         <availability available=\"yes\" storeId=\"{STORE}\" stockCount=\"{units}\"/></availabilities>\
         <price>15990</price></offer>"
    )
}

async fn kaspi() -> (Kaspi, Shop) {
    let shop = Shop::open(list(&(offer("A", 5) + &offer("B", 2)))).await;
    let settings = Settings {
        token: "secret".to_owned(),
        merchant_id: "30000001".to_owned(),
        feed: Some(format!("{}/feed.xml", shop.server.url())),
        ..Settings::default()
    };
    let kaspi = Kaspi::start(settings).await.unwrap();
    assert_eq!(kaspi.pull().await, Ok(Pulled::Taken { offers: 2, changed: 2 }));
    (kaspi, shop)
}

fn request(kaspi: &Kaspi, method: &str, path: &str) -> reqwest::RequestBuilder {
    let url = format!("{}{path}", kaspi.url());
    let request = client().unwrap().request(method.parse().unwrap(), url);
    request.header("User-Agent", "Mozilla/5.0").header("X-Auth-Token", "secret")
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

async fn orders(kaspi: &Kaspi, more: &str) -> (u16, Value) {
    read(request(kaspi, "GET", &format!("/v2/orders?page[number]=0&page[size]=100{more}"))).await
}

fn since(days: i64) -> String {
    format!("&filter[orders][creationDate][$ge]={}", now().millis() - days * 86_400_000)
}

async fn set(kaspi: &Kaspi, code: &str, attributes: Value) -> (u16, Value) {
    let (_, found) = read(request(kaspi, "GET", &format!("/v2/orders?filter[orders][code]={code}"))).await;
    let body = json!({ "data": { "type": "orders", "id": found["data"][0]["id"], "attributes": attributes } });
    let media = "application/vnd.api+json";
    let request = request(kaspi, "POST", "/v2/orders").header("Content-Type", media).header("Accept", media);
    read(request.body(body.to_string())).await
}

#[tokio::test]
async fn a_pulled_number_is_shown_and_sold_and_the_next_list_replaces_it() {
    let (kaspi, shop) = kaspi().await;
    let sale = kaspi.buy_basket(&[("A", 2), ("B", 1)], STORE).unwrap();
    assert_eq!((kaspi.shown("A", STORE), kaspi.shown("B", STORE)), (Some(3), Some(1)));
    assert_eq!(kaspi.buy("B", STORE, 2), Err(SoldOut));
    assert_eq!(kaspi.pull().await, Ok(Pulled::Unchanged));
    assert!(kaspi.cancel(&sale.order));
    assert_eq!(kaspi.shown("A", STORE), Some(3));
    shop.write(list(&(offer("A", 5) + &offer("B", 1) + " ")));
    assert_eq!(kaspi.pull().await, Ok(Pulled::Taken { offers: 2, changed: 2 }));
    assert_eq!(kaspi.shown("A", STORE), Some(5));
    assert_eq!(kaspi.orders(), [(sale.order, vec![("A".to_owned(), 2), ("B".to_owned(), 1)])]);
    assert_eq!(kaspi.journal().violations().count(), 0);
}

#[tokio::test]
async fn a_list_with_a_defect_is_left_and_the_old_one_stays() {
    let (kaspi, shop) = kaspi().await;
    let both = offer("A", 9) + &offer("B", 9);
    let swapped = both.replace("<brand>B</brand>", "").replace("<model>", "<brand>B</brand><model>");
    let defects = [
        list(""),
        list(&both).replace("30000001</m", "30000002</m"),
        list(&both).replace("kaspiShopping", "kaspi"),
        list(&both).replace("15990", "15990.5"),
        list(&both).replace("15990", "9"),
        list(&both).replace("yes", "true"),
        list(&both).replace("</offers>", ""),
        list(&(both.clone() + &offer("A", 1))),
        list(&swapped),
        list(&(offer("A", -1) + &offer("B", 1))),
    ];
    for (count, defect) in defects.into_iter().enumerate() {
        shop.write(defect.clone());
        assert!(kaspi.pull().await.is_err(), "{defect}");
        assert_eq!(kaspi.journal().violations().count(), count + 1, "{defect}");
    }
    assert_eq!(kaspi.shown("A", STORE), Some(5));
}

#[tokio::test]
async fn an_offer_that_is_not_available_is_zero_and_one_left_out_stays() {
    let (kaspi, shop) = kaspi().await;
    shop.write(list(&offer("A", 4).replace("yes", "no")));
    kaspi.pull().await.unwrap();
    assert_eq!((kaspi.shown("A", STORE), kaspi.shown("B", STORE)), (Some(0), Some(2)));
    assert_eq!(kaspi.journal().violations().count(), 1);
}

#[test]
fn a_price_may_be_given_by_city() {
    let text = list(&offer("A", 1))
        .replace("<price>15990</price>", "<cityprices><cityprice cityId=\"750000000\">1500</cityprice></cityprices>");
    let read = price_list::PriceList::read(text.as_bytes(), "30000001").unwrap();
    assert_eq!(read.offers["A"].price, 1_500);
}

#[tokio::test]
async fn orders_are_listed_with_what_is_included() {
    let (kaspi, _shop) = kaspi().await;
    let sale = kaspi.buy_as("A", STORE, 2, "7010000009", "Анна Ли").unwrap();
    let (status, page) = orders(&kaspi, &(since(13) + "&include[orders]=user,entries")).await;
    assert_eq!((status, &page["meta"]), (200, &json!({ "pageCount": 1, "totalCount": 1 })));
    let order = &page["data"][0]["attributes"];
    assert_eq!((&order["code"], &order["state"]), (&json!(sale.order), &json!("NEW")));
    assert_eq!((&order["totalPrice"], &order["pickupPointId"]), (&json!(31_980.0), &json!(STORE)));
    assert_eq!(order["customer"]["firstName"], "Анна");
    let entry = &page["included"][1];
    assert_eq!((&entry["attributes"]["offer"]["code"], &entry["attributes"]["quantity"]), (&json!("A"), &json!(2)));
    let path = format!("/v2/orderentries/{}", entry["id"].as_str().unwrap());
    assert_eq!(&read(request(&kaspi, "GET", &path)).await.1["data"], entry);
    let path = format!("/v2/orders/{}/entries", page["data"][0]["id"].as_str().unwrap());
    assert_eq!(&read(request(&kaspi, "GET", &path)).await.1["data"][0], entry);
}

#[tokio::test]
async fn finished_orders_are_listed_only_in_the_archive() {
    let (kaspi, _shop) = kaspi().await;
    let sale = kaspi.buy("A", STORE, 1).unwrap();
    assert!(kaspi.hand_over(&sale.order) && kaspi.complete(&sale.order));
    assert_eq!(orders(&kaspi, &since(1)).await.1["meta"]["totalCount"], 0);
    let (_, page) = orders(&kaspi, &(since(1) + "&filter[orders][state]=ARCHIVE")).await;
    assert_eq!(page["data"][0]["attributes"]["status"], "COMPLETED");
    assert!(kaspi.request_return(&sale.order) && kaspi.receive_return(&sale.order));
    let (_, page) = orders(&kaspi, &(since(1) + "&filter[orders][state]=ARCHIVE")).await;
    assert_eq!(page["data"][0]["attributes"]["kaspiDelivery"]["returnedToWarehouse"], true);
}

#[tokio::test]
async fn a_wide_period_and_a_missing_date_are_refused_in_kaspis_words() {
    let (kaspi, _shop) = kaspi().await;
    let (status, body) = orders(&kaspi, &since(30)).await;
    let wide = "Exceeded the maximum difference for the filter[orders][creationDate] (in days). Actual [30], max [14].";
    assert_eq!((status, &body["errors"][0]["title"]), (400, &json!(wide)));
    let missing = "Required filter [orders][creationDate][$ge] is empty.";
    assert_eq!(orders(&kaspi, "").await.1["errors"][0]["title"], missing);
    assert_eq!(kaspi.journal().violations().count(), 2);
}

#[tokio::test]
async fn an_order_is_accepted_once_and_cancelled_with_a_reason() {
    let (kaspi, _shop) = kaspi().await;
    let code = kaspi.buy("A", STORE, 2).unwrap().order;
    let accept = json!({ "code": code, "status": "ACCEPTED_BY_MERCHANT" });
    assert_eq!(set(&kaspi, &code, accept.clone()).await.0, 200);
    assert_eq!(set(&kaspi, &code, accept).await.0, 400);
    assert!(kaspi.cancel_units(&code, "A", 1));
    assert_eq!(set(&kaspi, &code, json!({ "code": code, "status": "CANCELLED" })).await.0, 400);
    let reason = json!({ "status": "CANCELLED", "cancellationReason": "MERCHANT_OUT_OF_STOCK" });
    assert_eq!(set(&kaspi, &code, reason).await.0, 200);
    assert_eq!(orders(&kaspi, &since(1)).await.1["meta"]["totalCount"], 0);
}

#[tokio::test]
async fn a_lost_answer_is_an_error_and_a_wrong_token_a_violation() {
    let (kaspi, _shop) = kaspi().await;
    kaspi.faults(|faults| (faults.lose_answers, faults.throttle) = (1, 1));
    let path = "/v2/orders?filter[orders][code]=1";
    assert_eq!(request(&kaspi, "GET", path).send().await.unwrap().status(), 429);
    assert!(request(&kaspi, "GET", path).send().await.is_err());
    let stranger = client().unwrap().get(format!("{}{path}", kaspi.url())).header("User-Agent", "Mozilla/5.0");
    assert_eq!(read(stranger).await.0, 401);
    assert_eq!(kaspi.journal().calls, 3);
    assert_eq!(kaspi.journal().violations().count(), 1);
}

#[tokio::test]
async fn a_caller_that_is_no_browser_is_left_hanging() {
    let (kaspi, _shop) = kaspi().await;
    let call = client().unwrap().get(format!("{}/v2/orders", kaspi.url())).header("X-Auth-Token", "secret");
    let error = call.timeout(Duration::from_millis(200)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(kaspi.journal().violations().count(), 1);
}

#[tokio::test]
async fn it_goes_on_from_a_snapshot() {
    let (kaspi, _shop) = kaspi().await;
    let first = kaspi.buy("A", STORE, 1).unwrap().order;
    let settings = Settings { state: Some(kaspi.snapshot()), ..Settings::default() };
    let again = Kaspi::start(settings).await.unwrap();
    assert_eq!(again.shown("A", STORE), Some(4));
    assert_ne!(again.buy("A", STORE, 1).unwrap().order, first);
    assert!(matches!(again.journal().events[..], [Event::Told { .. }, Event::Told { .. }, Event::Sold { .. }, ..]));
}
