//! The seller's account: what the key may do, the warehouses, the catalogue.

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Product;
use super::request::{Id, Refusal, after, at_most, limit, read};
use super::state::State;
use crate::cursor;

/// `/v1/roles`: how long the key lives, and what it opens.
pub(super) fn roles(state: &mut State, _body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    Ok(json!({
        "expires_at": state.key_expires_at.to_string(),
        "roles": [
            { "name": "Posting FBS", "methods": [
                "/v4/posting/fbs/unfulfilled/list", "/v4/posting/fbs/list", "/v3/posting/fbs/get", "/v1/returns/list",
            ] },
            { "name": "Product", "methods": [
                "/v2/products/stocks", "/v1/product/info/warehouse/stocks", "/v3/product/list",
            ] },
            { "name": "Warehouse", "methods": ["/v2/warehouse/list"] },
        ],
    }))
}

/// `/v1/notification/list`: where pushes go. Which address that is, nobody asks for here.
pub(super) fn notifications(_state: &mut State, _body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    Ok(json!({ "urls": [] }))
}

#[derive(Deserialize)]
struct WarehousesRequest {
    limit: Option<usize>,
    cursor: Option<String>,
    #[serde(default)]
    warehouse_ids: Vec<Id>,
}

/// `/v2/warehouse/list`.
pub(super) fn warehouses(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: WarehousesRequest = read(body)?;
    let size = limit(request.limit, 200)?;
    at_most("warehouse_ids", &request.warehouse_ids, 200)?;
    let last: Option<u64> = after(request.cursor.as_deref())?;
    let wanted = |id: u64| request.warehouse_ids.is_empty() || request.warehouse_ids.contains(&Id(id));
    let mut found: Vec<u64> = state.shelves.keys().copied().filter(|id| wanted(*id)).collect();
    found.retain(|id| last.is_none_or(|last| *id > last));
    let has_next = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| has_next).map(cursor::written).unwrap_or_default();
    let rows: Vec<Value> = found.into_iter().map(warehouse).collect();
    Ok(json!({ "warehouses": rows, "cursor": next, "has_next": has_next }))
}

fn warehouse(id: u64) -> Value {
    json!({
        "warehouse_id": id,
        "name": format!("Warehouse {id}"),
        "status": "created",
        "is_rfbs": false,
        "is_kgt": false,
        "is_express": false,
        "is_comfort": false,
        "is_auto_assembly": false,
        "has_entrusted_acceptance": false,
        "has_postings_limit": false,
        "postings_limit": -1,
        "min_postings_limit": 0,
        "cut_in_time": 0,
        "sla_cut_in": 1440,
        "with_item_list": false,
        "working_days": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"],
    })
}

#[derive(Deserialize)]
struct ProductsRequest {
    #[serde(default)]
    filter: ProductFilter,
    limit: Option<usize>,
    last_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProductFilter {
    offer_id: Vec<String>,
    product_id: Vec<Id>,
}

impl ProductFilter {
    fn takes(&self, product: &Product) -> bool {
        (self.offer_id.is_empty() || self.offer_id.contains(&product.offer_id))
            && (self.product_id.is_empty() || self.product_id.contains(&Id(product.product_id)))
    }

    /// With ids no page size is needed.
    fn is_by_id(&self) -> bool {
        !self.offer_id.is_empty() || !self.product_id.is_empty()
    }
}

/// `/v3/product/list`. `total` goes on 23 November 2026, `total_items` stays.
pub(super) fn products(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: ProductsRequest = read(body)?;
    let size = if request.filter.is_by_id() { 1000 } else { limit(request.limit, 1000)? };
    at_most("offer_id and product_id", &request.filter.offer_id, 1000)?;
    at_most("offer_id and product_id", &request.filter.product_id, 1000)?;
    let last: Option<String> = after(request.last_id.as_deref())?;
    let all: Vec<&Product> = state.products.values().filter(|product| request.filter.takes(product)).collect();
    let unseen = all.iter().filter(|product| last.as_ref().is_none_or(|last| product.offer_id > *last));
    let page: Vec<&Product> = unseen.take(size).copied().collect();
    let next = page.last().map(|product| cursor::written(&product.offer_id)).unwrap_or_default();
    let items: Vec<Value> = page.into_iter().map(|product| listed(product, state)).collect();
    Ok(json!({ "result": { "items": items, "total": all.len(), "total_items": all.len(), "last_id": next } }))
}

fn listed(product: &Product, state: &State) -> Value {
    let stocked = |shelf: &std::collections::BTreeMap<String, _>| shelf.contains_key(&product.offer_id);
    json!({
        "product_id": product.product_id,
        "offer_id": product.offer_id,
        "sku": product.sku,
        "archived": false,
        "has_fbo_stocks": false,
        "has_fbs_stocks": state.shelves.values().any(stocked),
        "is_discounted": false,
        "quants": [],
    })
}
