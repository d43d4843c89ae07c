//! What the seller's warehouses hold: `02-items.yaml`, methods of `/api/v3/stocks` and `/api/v3/warehouses`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account::{Account, Shop};
use super::refusal::{Blame, Reason, Refusal};
use crate::{Event, now};

const MOST_ROWS: usize = 1_000;
const MOST_UNITS: u64 = 100_000;
/// Refusals of a whole write that don't say which rows are to blame.
const NAMELESS: [&str; 2] = ["ProductPropertyConflict", "StoreIsProcessing"];
/// Refusals with 406 and one object.
const BLOCKS: [&str; 2] = ["StatusNotAcceptable", "WarehouseStocksUpdateBlock"];

/// One row of a write: a size of a card and the number to show.
#[derive(Debug)]
struct Row {
    chrt_id: u64,
    amount: u64,
}

/// `PUT`: sets amounts, all of them or none.
pub(super) async fn write(
    State(shop): State<Arc<Shop>>,
    Path(warehouse): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let warehouse = shop.warehouse(&warehouse)?;
    let sent = sent_rows(&body)?;
    let rows = sent.iter().filter_map(row).collect::<Result<Vec<_>, _>>()?;
    let mut account = shop.account();
    account.check(&rows)?;
    for misspelt in sent.iter().filter(|sent| row(sent).is_none()) {
        account.violation(format!("PUT stocks: {} changes nothing", Value::Object(misspelt.clone())));
    }
    for row in &rows {
        account.told(warehouse, row);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `POST`: amounts of the sizes asked for; sizes with none are left out.
pub(super) async fn read(
    State(shop): State<Arc<Shop>>,
    Path(warehouse): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let warehouse = shop.warehouse(&warehouse)?;
    let ids = sent_ids(&body)?;
    let account = shop.account();
    let amounts = account.amounts.get(&warehouse);
    let stocks: Vec<Value> = ids
        .iter()
        .filter_map(|id| Some((id, amounts?.get(id).filter(|amount| **amount > 0)?)))
        .map(|(id, amount)| json!({ "chrtId": id, "amount": amount }))
        .collect();
    Ok(Json(json!({ "stocks": stocks })))
}

/// `GET /api/v3/warehouses`: all of them deliver by FBS.
pub(super) async fn warehouses(State(shop): State<Arc<Shop>>) -> Json<Value> {
    let warehouse = |id: &u64| {
        json!({
            "name": format!("Склад {id}"), "officeId": 15, "id": id, "cargoType": 1, "deliveryType": 1,
            "isDeleting": false, "isProcessing": false,
        })
    };
    Json(shop.warehouses.iter().map(warehouse).collect())
}

fn sent_rows(body: &[u8]) -> Result<Vec<Map<String, Value>>, Refusal> {
    #[derive(Deserialize)]
    struct Sent {
        stocks: Vec<Map<String, Value>>,
    }
    let Sent { stocks } = serde_json::from_slice(body).map_err(|error| Refusal::body(error.to_string()))?;
    if !(1..=MOST_ROWS).contains(&stocks.len()) {
        return Err(Refusal::request(format!("{} rows", stocks.len())));
    }
    Ok(stocks)
}

/// A row of a write. None if a name is misspelt: Wildberries doesn't look at the names.
fn row(sent: &Map<String, Value>) -> Option<Result<Row, Refusal>> {
    if sent.contains_key("sku") {
        return Some(Err(Refusal::sku_key()));
    }
    let (chrt_id, amount) = (sent.get("chrtId")?, sent.get("amount")?);
    Some(match (chrt_id.as_u64(), amount.as_u64()) {
        (Some(chrt_id), Some(amount)) => Ok(Row { chrt_id, amount }),
        _ => Err(Refusal::body(format!("chrtId {chrt_id}, amount {amount}"))),
    })
}

fn sent_ids(body: &[u8]) -> Result<Vec<u64>, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sent {
        chrt_ids: Option<Vec<u64>>,
        skus: Option<Value>,
    }
    let sent: Sent = serde_json::from_slice(body).map_err(|error| Refusal::body(error.to_string()))?;
    match sent {
        Sent { skus: Some(_), .. } => Err(Refusal::sku_key()),
        Sent { chrt_ids: None, .. } => Err(Refusal::body("no chrtIds")),
        Sent { chrt_ids: Some(ids), .. } if ids.len() > MOST_ROWS => {
            Err(Refusal::request(format!("{} ids", ids.len())))
        }
        Sent { chrt_ids: Some(ids), .. } => Ok(ids),
    }
}

impl Shop {
    fn warehouse(&self, text: &str) -> Result<u64, Refusal> {
        let warehouse = text.parse().map_err(|_| Refusal::parameter(format!("warehouse {text}")))?;
        if self.warehouses.contains(&warehouse) {
            return Ok(warehouse);
        }
        Err(Refusal::new(StatusCode::NOT_FOUND, "NotFound", "Not found", format!("warehouse {text}")))
    }
}

impl Account {
    fn told(&mut self, warehouse: u64, row: &Row) {
        let quantity = u32::try_from(row.amount).unwrap_or(u32::MAX);
        self.set_amount(warehouse, row.chrt_id, quantity);
        let (warehouse, good) = (warehouse.to_string(), row.chrt_id.to_string());
        self.journal.events.push(Event::Told { at: now(), warehouse, good, quantity });
    }

    /// One bad row refuses the whole write.
    fn check(&self, rows: &[Row]) -> Result<(), Refusal> {
        let mut bad: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        let mut blame = Blame::Fault;
        for row in rows {
            let Some((code, of)) = self.fault_of(row) else { continue };
            bad.entry(code).or_default().push(row);
            if of == Blame::Caller {
                blame = Blame::Caller;
            }
        }
        if bad.is_empty() {
            return Ok(());
        }
        let codes = bad.keys().copied().collect::<Vec<_>>().join(", ");
        let (status, body) = match BLOCKS.iter().find(|block| bad.contains_key(**block)) {
            Some(block) => (StatusCode::NOT_ACCEPTABLE, json!({ "code": block, "message": message(block) })),
            None => (StatusCode::CONFLICT, bad.iter().map(|(code, rows)| refused(code, rows)).collect()),
        };
        Err(Refusal { status, body, reason: Reason { blame, text: codes } })
    }

    fn fault_of(&self, row: &Row) -> Option<(&str, Blame)> {
        if row.amount > MOST_UNITS {
            return Some(("UploadDataLimit", Blame::Caller));
        }
        if !self.cards.contains_key(&row.chrt_id) {
            return Some(("NotFound", Blame::Caller));
        }
        let code = self.faults.refuse.get(&row.chrt_id.to_string())?;
        Some((code, Blame::Fault))
    }
}

fn refused(code: &str, rows: &[&Row]) -> Value {
    let mut refused = json!({ "code": code, "message": message(code) });
    if let Some(refused) = refused.as_object_mut().filter(|_| !NAMELESS.contains(&code)) {
        refused.insert("data".to_owned(), rows.iter().map(|row| named(row)).collect());
    }
    refused
}

fn named(row: &Row) -> Value {
    json!({ "sku": "", "chrtId": row.chrt_id, "amount": row.amount })
}

fn message(code: &str) -> &str {
    match code {
        "UploadDataLimit" => "Upload limit exceeded.",
        "NotFound" => "Not found",
        "StoreIsProcessing" => "The store is processing",
        "ProductPropertyConflict" => "Products are not allowed for sale under the selected supply scheme.",
        "WarehouseStocksUpdateBlock" => "The warehouse is processing",
        "DeliveryTypeRestriction" => "This product category is not available for sale under this delivery type.",
        code => code,
    }
}
