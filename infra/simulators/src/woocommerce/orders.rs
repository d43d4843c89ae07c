//! `GET /orders` and `GET /orders/{id}`.

use std::cmp::Reverse;

use edin_domain::Timestamp;
use serde_json::{Value, json};

use super::order::{Order, STATUSES};
use super::refusal::Refusal;
use super::request::{Call, Page};
use super::state::State;
use super::wire;
use crate::{Faults, Spoilt};

const ORDERED_BY: [&str; 6] = ["date", "id", "include", "title", "slug", "modified"];

/// Orders of some statuses. What isn't finished and what is in the trash is of none but its own, `any` included.
pub(super) fn list(state: &mut State, call: &Call) -> Result<Page, Refusal> {
    let statuses = statuses(call)?;
    let include = call.numbers("include")?;
    let after = changed_after(call)?;
    let is_wanted = |order: &&Order| {
        let is_of_status = statuses.iter().any(|status| match *status {
            "any" => order.is_listed(),
            status => order.status == status,
        });
        is_of_status
            && include.as_ref().is_none_or(|wanted| wanted.contains(&order.id))
            && after.is_none_or(|after| seconds(order.modified_at) > seconds(after))
    };
    let mut orders: Vec<&Order> = state.orders.values().filter(is_wanted).collect();
    let by = call.one_of("orderby", &ORDERED_BY, "date")?;
    orders.sort_by_key(|order| match by {
        "modified" => (seconds(order.modified_at), order.id),
        _ => (seconds(order.created_at), order.id),
    });
    if call.one_of("order", &["asc", "desc"], "desc")? == "desc" {
        orders.sort_by_key(|order| {
            Reverse(if by == "modified" { seconds(order.modified_at) } else { seconds(order.created_at) })
        });
    }
    call.page(orders.into_iter().map(|order| told(order, state)).collect())
}

/// One order, wherever it is.
pub(super) fn one(state: &mut State, call: &Call, id: u64) -> Result<Value, Refusal> {
    let order = state.orders.get(&id).ok_or(Refusal::NoSuch("woocommerce_rest_shop_order_invalid_id"))?;
    Ok(wire::only(told(order, state), call.parameter("_fields")))
}

/// `any` beside others means any.
fn statuses(call: &Call) -> Result<Vec<&str>, Refusal> {
    let told: Vec<&str> = call.parameter("status").unwrap_or("any").split(',').collect();
    match told.iter().all(|status| STATUSES.contains(status)) {
        true if told.contains(&"any") => Ok(vec!["any"]),
        true => Ok(told),
        false => Err(Refusal::Invalid("status")),
    }
}

/// By the shop's own time, unless it is said that it is GMT.
fn changed_after(call: &Call) -> Result<Option<Timestamp>, Refusal> {
    let is_gmt = call.flag("dates_are_gmt")?;
    let Some(text) = call.parameter("modified_after") else { return Ok(None) };
    wire::moment(text, is_gmt).map(Some).ok_or(Refusal::Invalid("modified_after"))
}

/// The shop keeps no more of a time.
const fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1_000)
}

fn told(order: &Order, state: &State) -> Value {
    spoilt(order, wire::order(order, state), &state.faults)
}

/// An order as it is listed, with what is wrong with it on purpose.
fn spoilt(order: &Order, mut listed: Value, faults: &Faults) -> Value {
    let id = order.id.to_string();
    if let Some(listed) = listed.as_object_mut() {
        if faults.spoils(&id, Spoilt::Status) {
            listed.insert("status".to_owned(), json!("of-tomorrow"));
        }
        if faults.spoils(&id, Spoilt::Shape) {
            listed.insert("line_items".to_owned(), json!("of tomorrow"));
        }
    }
    listed
}
