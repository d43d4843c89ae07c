//! Orders of the seller's own warehouses: `03-orders-fbs.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{Account, Order, Shop};
use super::refusal::Refusal;
use crate::{Spoilt, now};

pub(super) const MOST: usize = 1_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LONGEST_PERIOD: Duration = DAY.saturating_mul(30);
/// Older orders are in the archive.
const KEPT_FOR: Duration = DAY.saturating_mul(90);

/// All orders that the seller hasn't touched.
pub(super) async fn newest(State(shop): State<Arc<Shop>>) -> Json<Value> {
    let account = shop.account();
    let is_new = |order: &Order| order.supplier == "new" && order.wb == "waiting";
    let orders: Vec<Value> = account
        .orders
        .iter()
        .filter(|(_, order)| is_new(order))
        .map(|(id, order)| account.spoilt(*id, order.as_new(*id)))
        .collect();
    Json(json!({ "orders": orders }))
}

/// Orders of a period by id, without their status. `next` is the last id; after an empty page it is 0.
pub(super) async fn list(
    State(shop): State<Arc<Shop>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    let page = Page::read(&query, now())?;
    let account = shop.account();
    let rows: Vec<_> = account
        .orders
        .range(page.after.saturating_add(1)..)
        .filter(|(_, order)| (page.from..=page.to).contains(&order.at))
        .take(page.limit)
        .collect();
    let next = rows.last().map_or(0, |(id, _)| **id);
    let orders: Vec<Value> = rows.into_iter().map(|(id, order)| account.spoilt(*id, order.as_listed(*id))).collect();
    Ok(Json(json!({ "next": next, "orders": orders })))
}

/// Statuses of the orders asked for. Ids that Wildberries doesn't know are left out.
pub(super) async fn statuses(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    #[derive(Deserialize)]
    struct Sent {
        orders: Vec<u64>,
    }
    let Sent { orders: ids } = serde_json::from_slice(&body).map_err(|error| Refusal::body(error.to_string()))?;
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Refusal::request(format!("{} orders", ids.len())));
    }
    let account = shop.account();
    let orders: Vec<Value> =
        ids.iter().filter_map(|id| Some(account.spoilt(*id, account.orders.get(id)?.as_status(*id)))).collect();
    Ok(Json(json!({ "orders": orders })))
}

struct Page {
    limit: usize,
    after: u64,
    from: Timestamp,
    to: Timestamp,
}

impl Page {
    fn read(query: &BTreeMap<String, String>, now: Timestamp) -> Result<Self, Refusal> {
        let number = |name: &str| query.get(name).map(|text| parse(name, text)).transpose();
        let required = |name: &str| number(name)?.ok_or_else(|| Refusal::parameter(format!("no {name}")));
        let limit = usize::try_from(required("limit")?).unwrap_or(usize::MAX);
        let after = required("next")?;
        let to = number("dateTo")?.map_or(now, seconds);
        let from = number("dateFrom")?.map_or_else(|| now.minus(LONGEST_PERIOD), seconds);
        let page = Self { limit, after, from, to };
        if !(1..=MOST).contains(&limit) {
            return Err(Refusal::parameter(format!("limit {limit}")));
        }
        if to.since(from) > LONGEST_PERIOD + Duration::from_secs(60) {
            return Err(Refusal::parameter(format!("{from} to {to} is more than 30 days")));
        }
        Ok(Self { from: from.max(now.minus(KEPT_FOR)), ..page })
    }
}

fn parse(name: &str, text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::parameter(format!("{name}={text}")))
}

fn seconds(unix: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(unix).unwrap_or(i64::MAX).saturating_mul(1_000))
}

impl Account {
    /// An order or its status as it is told, with what is wrong with it on purpose.
    fn spoilt(&self, id: u64, mut told: Value) -> Value {
        let order = id.to_string();
        if let Some(status) = told.get_mut("supplierStatus").filter(|_| self.faults.spoils(&order, Spoilt::Status)) {
            *status = json!("of_tomorrow");
        }
        if let Some(size) = told.get_mut("chrtId").filter(|_| self.faults.spoils(&order, Spoilt::Shape)) {
            *size = Value::Null;
        }
        told
    }
}

impl Order {
    fn as_status(&self, id: u64) -> Value {
        let alive = self.wb == "waiting";
        json!({
            "id": id,
            "supplierStatus": self.supplier,
            "wbStatus": self.wb,
            "isCancellable": alive && ["new", "confirm"].contains(&self.supplier.as_str()),
            "isTransferable": alive && self.supplier == "complete",
        })
    }

    fn as_listed(&self, id: u64) -> Value {
        let Value::Object(mut order) = self.common(id) else { return Value::Null };
        if self.supplier != "new" {
            order.insert("supplyId".to_owned(), json!("WB-GI-92937123"));
        }
        Value::Object(order)
    }

    fn as_new(&self, id: u64) -> Value {
        let Value::Object(mut order) = self.common(id) else { return Value::Null };
        order.extend([
            ("ddate".to_owned(), json!("")),
            ("sellerDate".to_owned(), json!("")),
            ("salePrice".to_owned(), json!(self.card.price_minor)),
            ("finalPrice".to_owned(), json!(self.card.price_minor)),
            ("convertedFinalPrice".to_owned(), json!(self.card.price_minor)),
            ("requiredMeta".to_owned(), json!([])),
            ("optionalMeta".to_owned(), json!([])),
            ("isPickupPointShipmentAllowed".to_owned(), json!(true)),
        ]);
        Value::Object(order)
    }

    fn common(&self, id: u64) -> Value {
        let whole_second = Timestamp::from_millis(self.at.millis().div_euclid(1_000) * 1_000);
        json!({
            "address": null,
            "scanPrice": null,
            "deliveryType": "fbs",
            "orderUid": format!("165918930_{id:032x}"),
            "article": self.card.vendor_code,
            "colorCode": "",
            "rid": format!("{id:032x}"),
            "createdAt": whole_second.to_string(),
            "offices": ["Астана"],
            "skus": [self.card.barcode],
            "id": id,
            "warehouseId": self.warehouse,
            "officeId": 15,
            "nmId": self.card.nm_id,
            "chrtId": self.card.chrt_id,
            "price": self.card.price_minor,
            "convertedPrice": self.card.price_minor,
            "currencyCode": self.card.currency_code,
            "convertedCurrencyCode": self.card.currency_code,
            "cargoType": 1,
            "crossBorderType": 0,
            "comment": "",
            "isZeroOrder": self.zero,
            "options": { "isB2B": false },
        })
    }
}
