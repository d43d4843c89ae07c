//! `POST /products/batch` and `POST /products/{id}/variations/batch`: each row stands for itself.

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::WAREHOUSE;
use super::refusal::{Refusal, error};
use super::request::{Call, PAGE};
use super::state::{State, Status};
use super::wire;
use crate::Event;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    create: Vec<Value>,
    #[serde(default)]
    update: Vec<Row>,
    #[serde(default)]
    delete: Vec<Value>,
}

/// A row. Only what tells stock is understood.
#[derive(Deserialize)]
struct Row {
    id: u64,
    manage_stock: Option<bool>,
    stock_quantity: Option<i64>,
    stock_status: Option<String>,
}

/// Tells numbers. A product that is made or deleted would be nothing that a seller's side should do.
pub(super) fn write(state: &mut State, call: &Call, parent: Option<u64>, now: Timestamp) -> Result<Value, Refusal> {
    let Request { create, update, delete } = call.read()?;
    if create.len() + update.len() + delete.len() > PAGE {
        return Err(Refusal::TooMany);
    }
    if !create.is_empty() || !delete.is_empty() {
        state.violation("products/batch: products are made or deleted", now);
    }
    let rows = update.iter().map(|row| match take(state, row, parent, now) {
        Ok(product) => product,
        Err(wrong) => json!({ "id": row.id, "error": wrong }),
    });
    Ok(json!({ "update": rows.collect::<Vec<_>>() }))
}

fn take(state: &mut State, row: &Row, parent: Option<u64>, now: Timestamp) -> Result<Value, Value> {
    if let Some(code) = state.faults.refuse.get(&row.id.to_string()) {
        return Err(error(code, "Refused on purpose.", 400));
    }
    let product = state.products.get_mut(&row.id).ok_or_else(|| unknown(parent))?;
    match (product.parent, parent) {
        (Some(_), None) => return Err(error("woocommerce_rest_invalid_product_id", VARIATION, 404)),
        (of, parent) if of != parent => return Err(unknown(parent)),
        _ => {}
    }
    if row.manage_stock == Some(false) {
        product.stock = None;
    }
    let is_counted = row.manage_stock.unwrap_or(product.stock.is_some());
    match row.stock_quantity.filter(|_| is_counted) {
        Some(quantity) => product.count(quantity, now),
        // Without counting, it is open or closed as is said.
        None => product.status = status(row.stock_status.as_deref(), product.status),
    }
    let told = wire::product(product);
    if let Some(quantity) = product.shown() {
        let (warehouse, good) = (WAREHOUSE.to_owned(), row.id.to_string());
        state.journal.events.push(Event::Told { at: now, warehouse, good, quantity });
    }
    Ok(told)
}

const VARIATION: &str =
    "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.";

fn unknown(parent: Option<u64>) -> Value {
    let code = match parent {
        None => "woocommerce_rest_product_invalid_id",
        Some(_) => "woocommerce_rest_product_variation_invalid_id",
    };
    error(code, "Invalid ID.", 400)
}

fn status(told: Option<&str>, before: Status) -> Status {
    match told {
        Some("instock" | "onbackorder") => Status::InStock,
        Some("outofstock") => Status::OutOfStock,
        _ => before,
    }
}
