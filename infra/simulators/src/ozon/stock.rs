//! Writing and reading what warehouses hold: `/v2/products/stocks`, `/v1/product/info/warehouse/stocks`.

use std::time::Duration;

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Product;
use super::request::{Id, Refusal, after, limit, read};
use super::state::State;
use crate::Event;
use crate::cursor;

pub(super) const WRITE: &str = "/v2/products/stocks";

// docs.ozon.ru/api/seller, ProductAPI_ProductsStocksV2, 1 October 2026.
const PAIRS: usize = 100;
const PAIR_RESTS: Duration = Duration::from_secs(30);
const TOO_BIG: u32 = 1_000_000;

#[derive(Deserialize)]
struct WriteRequest {
    stocks: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    offer_id: Option<String>,
    product_id: Option<Id>,
    stock: u32,
    warehouse_id: Id,
}

/// Why one row isn't taken; the call says 200 all the same.
struct ItemError {
    code: String,
    message: String,
}

impl ItemError {
    fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// `/v2/products/stocks`: sets what buyers can still buy, each row for itself.
pub(super) fn write(state: &mut State, body: &[u8], now: Timestamp) -> Result<Value, Refusal> {
    let limit = &mut state.limits.stock_writes;
    if !limit.pass(now) {
        return Err(Refusal::exhausted(limit.how_long(now), "80 requests a minute"));
    }
    let request: WriteRequest = read(body)?;
    check(&request.stocks, state)?;
    let rows: Vec<Value> = request.stocks.iter().map(|row| row.written(state, now)).collect();
    Ok(json!({ "result": rows }))
}

/// What fails a whole request.
fn check(rows: &[Row], state: &State) -> Result<(), Refusal> {
    if !(1..=PAIRS).contains(&rows.len()) {
        return Err(Refusal::invalid(format!("stocks: {} items, must be between 1 and {PAIRS}", rows.len())));
    }
    if rows.iter().any(|row| row.offer_id().is_none() && row.product_id.is_none()) {
        return Err(Refusal::invalid("stocks: offer_id or product_id is required"));
    }
    match rows.iter().find(|row| !state.shelves.contains_key(&row.warehouse_id.0)) {
        Some(row) => Err(Refusal::invalid(format!("stocks: warehouse_id {} is not the seller's", row.warehouse_id.0))),
        None => Ok(()),
    }
}

impl Row {
    fn offer_id(&self) -> Option<&str> {
        self.offer_id.as_deref().filter(|offer_id| !offer_id.is_empty())
    }

    /// The product that it means: `offer_id` wins.
    fn product(&self, state: &State) -> Option<Product> {
        match self.offer_id() {
            Some(offer_id) => state.products.get(offer_id).cloned(),
            None => state.products.values().find(|product| self.product_id == Some(Id(product.product_id))).cloned(),
        }
    }

    fn written(&self, state: &mut State, now: Timestamp) -> Value {
        let product = self.product(state);
        let outcome = match &product {
            Some(product) => self.take(&product.offer_id, state, now),
            None => Err(ItemError::new("NOT_FOUND_ERROR", "Product not found")),
        };
        let known = product.as_ref();
        let errors = outcome.err().map(|error| json!({ "code": error.code, "message": error.message }));
        json!({
            "warehouse_id": self.warehouse_id.0,
            "product_id": known.map_or(self.product_id.map_or(0, |id| id.0), |product| product.product_id),
            "offer_id": known.map_or_else(|| self.offer_id.clone().unwrap_or_default(), |product| product.offer_id.clone()),
            "updated": errors.is_none(),
            "errors": errors.into_iter().collect::<Vec<_>>(),
        })
    }

    fn take(&self, offer_id: &str, state: &mut State, now: Timestamp) -> Result<(), ItemError> {
        let warehouse = self.warehouse_id.0;
        if let Some(code) = state.faults.refuse.get(offer_id) {
            return Err(ItemError::new(code, "refused on purpose"));
        }
        if self.stock >= TOO_BIG {
            return Err(ItemError::new("STOCK_TOO_BIG", "Stock has to be below 1000000"));
        }
        let written_at = state.pair(offer_id, warehouse).and_then(|pair| pair.written_at);
        if written_at.is_some_and(|at| now.since(at) < PAIR_RESTS) {
            state.violation(format!("POST {WRITE}: {offer_id} at {warehouse} twice within 30 s"), now);
            return Err(ItemError::new("TOO_MANY_REQUESTS", "Stock is updated too frequently"));
        }
        state.set_free(offer_id, warehouse, self.stock, now);
        state.change(offer_id, warehouse, now, |pair| pair.written_at = Some(now));
        let told =
            Event::Told { at: now, warehouse: warehouse.to_string(), good: offer_id.to_owned(), quantity: self.stock };
        state.journal.events.push(told);
        Ok(())
    }
}

#[derive(Deserialize)]
struct ReadRequest {
    warehouse_id: Id,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `/v1/product/info/warehouse/stocks`: every product that ever had a number at a warehouse, by sku.
pub(super) fn read_warehouse(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: ReadRequest = read(body)?;
    let size = limit(request.limit, 1000)?;
    let last: Option<u64> = after(request.cursor.as_deref())?;
    let warehouse = request.warehouse_id.0;
    let shelf = state
        .shelves
        .get(&warehouse)
        .ok_or_else(|| Refusal::invalid(format!("warehouse_id: {warehouse} is not the seller's")))?;
    let mut found: Vec<_> =
        shelf.iter().filter_map(|(offer_id, pair)| Some((state.products.get(offer_id)?, pair))).collect();
    found.sort_by_key(|(product, _)| product.sku);
    found.retain(|(product, _)| last.is_none_or(|last| product.sku > last));
    let has_next = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| has_next).map(|(product, _)| cursor::written(&product.sku)).unwrap_or_default();
    let rows = found.iter().map(|(product, pair)| {
        json!({
            "sku": product.sku,
            "product_id": product.product_id,
            "offer_id": product.offer_id,
            "warehouse_id": warehouse,
            "present": pair.present,
            "reserved": pair.reserved,
            "free_stock": pair.free(),
            "updated_at": pair.updated_at.map(|at| at.to_string()),
        })
    });
    Ok(json!({ "stocks": rows.collect::<Vec<_>>(), "has_next": has_next, "cursor": next }))
}
