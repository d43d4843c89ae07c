//! One spoilt field, wherever it stands: it costs its own record, and no other.

use std::collections::BTreeSet;
use std::sync::Arc;

use edin_channels::client::{ChannelError, Client, Outcome, StockRow};
use edin_channels::facts::Facts;
use edin_channels::told::Orders;
use edin_channels::{kaspi, ozon, wildberries, woocommerce, yandex_market};
use edin_domain::{Article, WarehouseId};
use hostile::wires::NOW;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::channel::{KEY, Scripted, open};

/// What stands where something else should.
fn spoilt() -> [Value; 7] {
    [json!(null), json!(7), json!(-0.5), json!("?"), json!([]), json!({}), json!(true)]
}

/// The records on a list. They are alike, and called 1, 2 and 3.
const RECORDS: [u64; 3] = [1, 2, 3];

fn ozon_posting(number: u64) -> Value {
    json!({
        "posting_number": number.to_string(), "parent_posting_number": "", "status": "awaiting_packaging",
        "in_process_at": "2026-11-22T00:00:00Z", "delivering_date": null, "tpl_integration_type": "non_integrated",
        "delivery_method": { "id": 1, "warehouse_id": 31 }, "cancellation": { "cancelled_after_ship": false },
        "customer": { "customer_id": 11, "name": "A", "phone": "+77010000000", "customer_email": "",
            "address": { "zip_code": "050000", "city": "Almaty", "address_tail": "1" } },
        "addressee": { "name": "A", "phone": "" },
        "products": [{ "sku": 147, "offer_id": "TEA", "quantity": 3, "price": { "amount": "1530.50", "currency": "RUB" } }],
    })
}

fn wildberries_order(number: u64) -> Value {
    json!({
        "id": number, "rid": "aa11", "createdAt": "2026-11-20T09:15:00Z", "warehouseId": 31, "chrtId": 7001,
        "article": "TEE", "skus": ["2040000000017"], "price": 129_900, "currencyCode": 643,
        "convertedPrice": 645_000, "convertedCurrencyCode": 398, "isZeroOrder": false,
    })
}

fn kaspi_order(number: u64) -> Value {
    json!({
        "type": "orders", "id": format!("id{number}"),
        "attributes": {
            "code": number.to_string(), "status": "ACCEPTED_BY_MERCHANT", "totalPrice": 15990.0,
            "creationDate": 1_795_341_600_000_i64, "approvedByBankDate": 1_795_341_600_000_i64, "signatureRequired": false,
            "pickupPointId": "31", "isKaspiDelivery": true,
            "kaspiDelivery": { "courierTransmissionDate": null, "returnedToWarehouse": false },
            "customer": { "id": "x", "cellPhone": "7010000000", "firstName": "A" },
            "deliveryAddress": { "formattedAddress": "Almaty" },
        },
        "relationships": { "entries": { "data": [{ "type": "orderentries", "id": format!("entry{number}") }] } },
    })
}

/// Without `fake`: a yes there isn't spoilt, it makes a test of the order.
fn yandex_market_order(number: u64) -> Value {
    json!({
        "orderId": number, "campaignId": 40_000_001, "programType": "FBS", "status": "PROCESSING", "substatus": "STARTED",
        "creationDate": "2026-11-22T12:30:00+03:00", "updateDate": "2026-11-22T12:45:00+03:00",
        "items": [{ "id": 1, "offerId": "TEA", "count": 3, "itemStatuses": [{ "status": "CREATED", "count": 3 }] }],
        "prices": { "payment": { "value": 1589.5, "currencyId": "RUR" } },
    })
}

fn woocommerce_order(number: u64) -> Value {
    json!({
        "id": number, "status": "processing", "currency": "KZT", "total": "3060.50",
        "date_created_gmt": "2026-11-22T09:30:00", "date_modified_gmt": "2026-11-22T09:45:00",
        "date_paid_gmt": "2026-11-22T09:30:00", "date_completed_gmt": null,
        "billing": { "first_name": "A", "last_name": "B", "email": "a@example.com", "phone": "+77010000000" },
        "line_items": [{ "id": 11, "product_id": 29, "variation_id": 30, "quantity": 3, "sku": "TEA",
            "meta_data": [{ "id": 1, "key": "_reduced_stock", "value": "3" }] }],
    })
}

fn kaspi_entry(number: u64) -> Value {
    json!({ "id": format!("entry{number}"), "attributes": { "quantity": 2, "offer": { "code": "TEA" } } })
}

/// A list, and how it is wrapped.
struct List {
    channel: &'static Facts,
    record: fn(u64) -> Value,
    page: fn(Vec<Value>) -> Value,
}

const ORDERS: [List; 6] = [
    List { channel: &ozon::FACTS, record: ozon_posting, page: |all| json!({ "postings": all, "has_next": false }) },
    List {
        channel: &ozon::FACTS,
        record: ozon_posting,
        page: |all| json!({ "result": { "postings": all, "has_next": false, "cursor": null } }),
    },
    List { channel: &wildberries::FACTS, record: wildberries_order, page: |all| json!({ "next": 0, "orders": all }) },
    List {
        channel: &kaspi::FACTS,
        record: kaspi_order,
        page: |all| {
            let entries: Vec<_> = RECORDS.into_iter().map(kaspi_entry).collect();
            json!({ "data": all, "included": entries, "meta": { "pageCount": 1 } })
        },
    },
    List {
        channel: &yandex_market::FACTS,
        record: yandex_market_order,
        page: |all| json!({ "orders": all, "paging": {} }),
    },
    List { channel: &woocommerce::FACTS, record: woocommerce_order, page: |all| json!(all) },
];

/// Every field of a record, by the way to it.
fn fields(record: &Value) -> Vec<String> {
    fn walk(at: &str, value: &Value, found: &mut Vec<String>) {
        let inner: Vec<(String, &Value)> = match value {
            Value::Object(fields) => fields.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
            Value::Array(values) => values.iter().enumerate().map(|(n, value)| (format!("{at}/{n}"), value)).collect(),
            _ => Vec::new(),
        };
        for (at, value) in inner {
            found.push(at.clone());
            walk(&at, value, found);
        }
    }
    let mut found = vec![String::new()];
    walk("", record, &mut found);
    found
}

/// The three records, of which one has `value` at `field`.
fn with_one_spoilt(record: fn(u64) -> Value, position: u64, field: &str, value: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = RECORDS.into_iter().map(record).collect();
    let of = RECORDS.into_iter().position(|number| number == position).unwrap();
    *all[of].pointer_mut(field).unwrap() = value.clone();
    all
}

fn answering(channel: &'static Facts, body: &Value) -> Box<dyn Client> {
    let script = Scripted::answering(vec![(200, HeaderMap::new(), body.to_string().into_bytes())]);
    open(channel, KEY, &Arc::clone(&script))
}

/// The orders that were read, and reserve something.
fn reserved(orders: &Orders) -> BTreeSet<&str> {
    let of_all = orders.told.iter().flat_map(|told| &told.orders);
    of_all.filter(|(_, state)| state.lines.values().any(|line| line.ordered > 0)).map(|(id, _)| id.as_str()).collect()
}

/// What each channel must be able to read of an order; all else it can do without.
fn can_be_done_without(field: &str) -> bool {
    const NEEDED: [&str; 34] = [
        "",
        "/posting_number",
        "/parent_posting_number",
        "/status",
        "/delivery_method",
        "/delivery_method/warehouse_id",
        "/cancellation",
        "/cancellation/cancelled_after_ship",
        "/products",
        "/products/0",
        "/products/0/sku",
        "/products/0/quantity",
        "/id",
        "/warehouseId",
        "/chrtId",
        "/attributes",
        "/attributes/code",
        "/attributes/status",
        "/attributes/pickupPointId",
        "/attributes/isKaspiDelivery",
        "/attributes/kaspiDelivery",
        "/attributes/kaspiDelivery/returnedToWarehouse",
        "/orderId",
        "/items",
        "/items/0",
        "/items/0/offerId",
        "/items/0/count",
        "/items/0/itemStatuses",
        "/line_items",
        "/line_items/0",
        "/line_items/0/id",
        "/line_items/0/product_id",
        "/line_items/0/variation_id",
        "/line_items/0/quantity",
    ];
    !NEEDED.contains(&field)
}

#[tokio::test]
async fn one_spoilt_field_costs_one_order_at_most_whatever_it_is_and_wherever_it_stands() {
    for List { channel, record, page } in ORDERS {
        for field in fields(&record(1)) {
            for position in RECORDS {
                for value in spoilt() {
                    let body = page(with_one_spoilt(record, position, &field, &value));
                    let orders = answering(channel, &body).orders().unwrap().newest(NOW).await;
                    let orders = orders.unwrap_or_else(|error| panic!("{channel} {field} {value}: {error}"));
                    let names = RECORDS.map(|number| number.to_string());
                    let others = names.iter().map(String::as_str).filter(|name| *name != position.to_string());
                    let found = reserved(&orders);
                    assert!(found.is_superset(&others.collect()), "{channel} {field} {value}: {found:?}");
                    // Under another name, if it is the name that is spoilt.
                    let is_whole = found.len() == RECORDS.len();
                    assert!(is_whole || !orders.left_out.is_empty(), "{channel} {field} {value}: dropped silently");
                    // Under a spoilt link the entries are asked for, and this script answers with orders.
                    let is_link =
                        field.starts_with("/relationships") || (channel.name == kaspi::NAME && field == "/id");
                    assert!(is_whole || is_link || !can_be_done_without(&field), "{channel} {field} {value}");
                }
            }
        }
    }
}

#[tokio::test]
async fn one_spoilt_entry_of_kaspis_costs_its_own_order_at_most() {
    for field in fields(&kaspi_entry(1)) {
        for position in RECORDS {
            for value in spoilt() {
                let entries = with_one_spoilt(kaspi_entry, position, &field, &value);
                let orders: Vec<_> = RECORDS.into_iter().map(kaspi_order).collect();
                let body = json!({ "data": orders, "included": entries, "meta": { "pageCount": 1 } });
                let orders = answering(&kaspi::FACTS, &body).orders().unwrap().newest(NOW).await.unwrap();
                assert_eq!(orders.told.len(), 3, "{field} {value}");
                assert!(reserved(&orders).len() >= 2, "{field} {value}: {orders:?}");
            }
        }
    }
}

#[tokio::test]
async fn one_spoilt_row_of_stock_hides_no_other() {
    let ozon: fn(u64) -> Value =
        |id| json!({ "offer_id": id.to_string(), "product_id": id, "sku": id, "free_stock": 3 });
    let wildberries: fn(u64) -> Value = |id| json!({ "chrtId": id, "amount": 3 });
    for (channel, record) in [(&ozon::FACTS, ozon), (&wildberries::FACTS, wildberries)] {
        let rows = RECORDS.map(|id| StockRow {
            ids: ["chrt_id", "offer_id"].map(|kind| (kind.to_owned(), Article::new(id.to_string()).unwrap())).into(),
            quantity: 3,
        });
        for field in fields(&record(1)) {
            for value in spoilt() {
                let body = json!({ "stocks": with_one_spoilt(record, 2, &field, &value), "has_next": false });
                let seen = answering(channel, &body)
                    .shelf()
                    .unwrap()
                    .seen(&WarehouseId::new("31").unwrap(), &rows)
                    .await
                    .unwrap();
                assert!(
                    seen.iter().filter(|row| row.quantity == 3).count() >= 2,
                    "{channel} {field} {value}: {seen:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn one_spoilt_outcome_of_ozons_is_unknown_and_the_others_are_what_they_are() {
    let record = |id: u64| json!({ "offer_id": id.to_string(), "product_id": id, "updated": true, "errors": [] });
    let rows = RECORDS.map(|id| StockRow {
        ids: [("offer_id".to_owned(), Article::new(id.to_string()).unwrap())].into(),
        quantity: 3,
    });
    for field in fields(&record(1)) {
        for value in spoilt() {
            let body = json!({ "result": with_one_spoilt(record, 2, &field, &value) });
            let outcomes =
                answering(&ozon::FACTS, &body).stock().unwrap().write(&WarehouseId::new("31").unwrap(), &rows).await;
            let outcomes = outcomes.unwrap();
            assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Taken, &Outcome::Taken), "{field} {value}");
        }
    }
}

#[tokio::test]
async fn one_spoilt_role_is_not_taken_for_a_right_that_is_missing() {
    let record = |id: u64| json!({ "name": id.to_string(), "methods": ["/v1", "/v2", "/v3", "/v4"] });
    for field in fields(&record(1)) {
        for value in spoilt() {
            let body = json!({ "expires_at": "", "roles": with_one_spoilt(record, 2, &field, &value) });
            let credential = answering(&ozon::FACTS, &body).credential(NOW).await.unwrap();
            assert_eq!(credential.problems, Vec::<String>::new(), "{field} {value}");
        }
    }
}

#[tokio::test]
async fn a_null_list_is_an_empty_one() {
    for (channel, body) in [
        (&ozon::FACTS, json!({ "postings": null, "has_next": null, "cursor": null })),
        (&wildberries::FACTS, json!({ "orders": null, "next": null })),
        (&kaspi::FACTS, json!({ "data": null, "included": null, "meta": null })),
        (&yandex_market::FACTS, json!({ "orders": null, "paging": null })),
    ] {
        assert_eq!(answering(channel, &body).orders().unwrap().newest(NOW).await, Ok(Orders::default()), "{channel}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_the_channels_passes_by_itself() {
    let page = b"<html><body>We will be back in five minutes</body></html>".to_vec();
    for channel in edin_channels::served() {
        for status in [200, 302, 400, 404, 405, 500, 503] {
            let script = Scripted::answering(vec![(status, HeaderMap::new(), page.clone())]);
            let client = open(channel, KEY, &script);
            let error = client.orders().unwrap().newest(NOW).await.unwrap_err();
            assert!(error.is_passing(), "{channel} {status}: {error}");
            if channel.name == kaspi::NAME {
                continue;
            }
            let row = |kind: &str| (kind.to_owned(), Article::new("1").unwrap());
            let rows = [StockRow { ids: ["offer_id", "chrt_id", "id"].map(row).into(), quantity: 3 }];
            match client.stock().unwrap().write(&WarehouseId::new("31").unwrap(), &rows).await {
                Ok(outcomes) => assert_eq!((status, outcomes), (200, vec![Outcome::Unknown]), "{channel}"),
                Err(error) => assert!(matches!(error, ChannelError::OutOfOrder { .. }), "{channel} {status}: {error}"),
            }
        }
    }
}
