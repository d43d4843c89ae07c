//! The methods that read orders, their lines and cards: <https://guide.kaspi.kz/partner/ru/shop/api/orders/q3201> and `q3203`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use edin_domain::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::account::{Desk, opaque};
use super::lifecycle::{self, Order, Status};
use super::refusal::{Refusal, answer};
use crate::{Faults, Spoilt, now};

pub(super) const MOST: usize = 100;
const LONGEST_DAYS: u64 = 14;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const PAGE: &str = "page[number]";
const SIZE: &str = "page[size]";
const CODE: &str = "filter[orders][code]";
const STATE: &str = "filter[orders][state]";
const STATUS: &str = "filter[orders][status]";
const FROM: &str = "filter[orders][creationDate][$ge]";
const TO: &str = "filter[orders][creationDate][$le]";
const INCLUDE: &str = "include[orders]";
const KNOWN: [&str; 8] = [PAGE, SIZE, CODE, STATE, STATUS, FROM, TO, INCLUDE];

type Sent = Vec<(String, String)>;

/// Orders that were made in a period, or the one of a code.
pub(super) async fn list(State(desk): State<Arc<Desk>>, Query(sent): Query<Sent>) -> Result<Response, Refusal> {
    let wanted = Wanted::read(&sent, now())?;
    let mut account = desk.account();
    for (name, _) in sent.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())) {
        account.violation(format!("GET orders: the parameter {name} is ignored"));
    }
    if account.faults.refuse_include && !wanted.include.is_empty() {
        return Err(Refusal::asked_for("The parameter include[orders] is unknown."));
    }
    let found: Vec<&Order> = account.orders.values().filter(|order| wanted.period.lets(order)).collect();
    let page: Vec<&Order> = found.iter().skip(wanted.page * wanted.size).take(wanted.size).copied().collect();
    Ok(answer(json!({
        "data": page.iter().map(|order| spoilt(order, order.resource(&wanted.include), &account.faults)).collect::<Vec<_>>(),
        "included": page.iter().flat_map(|order| order.included(&wanted.include, &account.faults)).collect::<Vec<_>>(),
        "meta": { "pageCount": found.len().div_ceil(wanted.size), "totalCount": found.len() },
    })))
}

/// An order as it is listed, with what is wrong with it on purpose.
fn spoilt(order: &Order, mut listed: Value, faults: &Faults) -> Value {
    if let Some(attributes) = listed.get_mut("attributes").and_then(Value::as_object_mut) {
        if faults.spoils(&order.code, Spoilt::Status) {
            attributes.insert("status".to_owned(), json!("OF_TOMORROW"));
        }
        if faults.spoils(&order.code, Spoilt::Shape) {
            attributes.insert("status".to_owned(), json!({ "of": "tomorrow" }));
        }
    }
    listed
}

/// `GET /orders/{id}/entries`: all lines that an order still has, on one page.
pub(super) async fn entries(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let account = desk.account();
    let order = account.orders.values().find(|order| order.id == id).ok_or_else(|| Refusal::not_found("order"))?;
    Ok(answer(json!({ "data": order.lines(&account.faults), "included": [] })))
}

/// `GET /orderentries/{id}`: one line by its own id.
pub(super) async fn entry(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let account = desk.account();
    let mut lines = account.orders.values().flat_map(|order| order.lines(&account.faults));
    let line = lines.find(|line| line.get("id").and_then(Value::as_str) == Some(&id));
    Ok(answer(json!({ "data": line.ok_or_else(|| Refusal::not_found("entry"))?, "included": [] })))
}

/// Kaspi's own card of a line's good, which knows nothing of the seller's name for it.
pub(super) async fn card(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let account = desk.account();
    let mut lines = account.orders.values().flat_map(|order| &order.entries);
    let line = lines.find(|line| line.id == id).ok_or_else(|| Refusal::not_found("entry"))?;
    let attributes = json!({ "code": opaque(&line.name), "name": line.name, "manufacturer": null });
    Ok(answer(json!({ "data": { "type": "masterproducts", "id": opaque(&line.sku), "attributes": attributes } })))
}

/// The seller's card of a good, by the id of Kaspi's.
pub(super) async fn own_card(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let account = desk.account();
    let (sku, offer) =
        account.offers.iter().find(|(sku, _)| opaque(sku) == id).ok_or_else(|| Refusal::not_found("product"))?;
    let attributes = json!({ "code": sku, "name": offer.name });
    Ok(answer(json!({ "data": { "type": "merchantproducts", "id": opaque(sku), "attributes": attributes } })))
}

struct Wanted {
    page: usize,
    size: usize,
    period: Period,
    include: String,
}

/// Which orders a search is for, by when they were made.
enum Period {
    Code(String),
    Made { from: Timestamp, to: Timestamp, state: Option<lifecycle::State>, status: Option<Status> },
}

impl Wanted {
    fn read(sent: &Sent, now: Timestamp) -> Result<Self, Refusal> {
        let include = find(sent, INCLUDE).unwrap_or_default().to_owned();
        if let Some(code) = find(sent, CODE) {
            return Ok(Self { page: 0, size: 1, period: Period::Code(code.to_owned()), include });
        }
        let page = number(PAGE, required(sent, PAGE)?)?;
        let size = number(SIZE, required(sent, SIZE)?)?;
        if !(1..=MOST).contains(&size) {
            return Err(Refusal::bad(format!("{SIZE} is {size}, max [{MOST}].")));
        }
        Ok(Self { page, size, period: Period::read(sent, now)?, include })
    }
}

impl Period {
    fn read(sent: &Sent, now: Timestamp) -> Result<Self, Refusal> {
        let from = find(sent, FROM)
            .ok_or_else(|| Refusal::bad("Required filter [orders][creationDate][$ge] is empty."))
            .and_then(|text| number(FROM, text))
            .map(Timestamp::from_millis)?;
        let to = find(sent, TO).map(|text| number(TO, text)).transpose()?.map_or(now, Timestamp::from_millis);
        let days = to.since(from).as_secs() / DAY.as_secs();
        if days > LONGEST_DAYS {
            return Err(Refusal::bad(format!(
                "Exceeded the maximum difference for the filter[orders][creationDate] (in days). \
                 Actual [{days}], max [{LONGEST_DAYS}]."
            )));
        }
        Ok(Self::Made { from, to, state: named(sent, STATE)?, status: named(sent, STATUS)? })
    }

    /// Without a state, orders in the archive aren't among the orders.
    fn lets(&self, order: &Order) -> bool {
        match self {
            Self::Code(code) => order.code == *code,
            Self::Made { from, to, state, status } => {
                let in_tab = state.map_or(order.state != lifecycle::State::Archive, |state| order.state == state);
                (from..=to).contains(&&order.at) && in_tab && status.is_none_or(|status| order.status == status)
            }
        }
    }
}

fn find<'s>(sent: &'s Sent, name: &str) -> Option<&'s str> {
    sent.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

fn required<'s>(sent: &'s Sent, name: &str) -> Result<&'s str, Refusal> {
    find(sent, name).ok_or_else(|| Refusal::bad(format!("Required parameter {name} is empty.")))
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::bad(format!("{name} is not a number: {text}.")))
}

/// A value of a closed list.
fn named<T: DeserializeOwned>(sent: &Sent, name: &str) -> Result<Option<T>, Refusal> {
    let Some(text) = find(sent, name) else { return Ok(None) };
    serde_json::from_value(json!(text)).map(Some).map_err(|_| Refusal::bad(format!("{name} is unknown: {text}.")))
}
