//! Writing and reading the shelf: `PUT` and `POST /v2/campaigns/{campaignId}/offers/stocks`.

use std::collections::BTreeSet;

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::date;
use super::limits::Resource;
use super::refusal::Refusal;
use super::request::{Call, Moment, listed, page, paging};
use super::state::{Pair, State};
use crate::Event;

/// Goods of a write.
const ROWS: usize = 2_000;
const MOST: u32 = 2_000_000_000;
/// Characters of a SKU.
const LONGEST: usize = 255;
/// Rows of a page when the shelf is read.
const PAGE: usize = 200;
const USUAL: usize = 100;
/// Goods in a filter.
const OFFERS: usize = 500;

#[derive(Deserialize)]
struct WriteRequest {
    skus: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    sku: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    count: u32,
    updated_at: Option<Moment>,
}

/// Sets what buyers can still buy: all rows, or none where one of them is wrong. A SKU that isn't in the catalogue is
/// let slip, for the answer has no word for it; and a number with an earlier `updatedAt` than the last is taken, for no
/// text says otherwise.
pub(super) fn write(state: &mut State, call: &Call, now: Timestamp) -> Result<Value, Refusal> {
    let rows = call.read::<WriteRequest>()?.skus;
    let numbers = checked(&rows)?;
    if !state.limits.of(Resource::StockWritten).take(rows.len(), now) {
        return Err(Refusal::Exhausted(format!("{} goods on top of those of this minute", rows.len())));
    }
    let refused = numbers.iter().find_map(|(sku, _)| state.faults.refuse.get(*sku));
    if let Some(code) = refused {
        return Err(Refusal::Rejected(code.clone()));
    }
    for (sku, item) in numbers {
        take(state, sku, item, now);
    }
    Ok(json!({ "status": "OK" }))
}

/// What each SKU is to show. Spaces around a SKU don't count.
fn checked(rows: &[Row]) -> Result<Vec<(&str, &Item)>, Refusal> {
    if !(1..=ROWS).contains(&rows.len()) {
        return Err(Refusal::invalid(format!("skus: {} of them, must be 1 to {ROWS}", rows.len())));
    }
    let numbers = rows.iter().map(Row::number).collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    match numbers.iter().find(|(sku, _)| !seen.insert(*sku)) {
        Some((sku, _)) => Err(Refusal::invalid(format!("skus: {sku} is there twice"))),
        None => Ok(numbers),
    }
}

impl Row {
    fn number(&self) -> Result<(&str, &Item), Refusal> {
        let sku = checked_sku(&self.sku)?;
        let [item] = self.items.as_slice() else {
            return Err(Refusal::invalid(format!("{sku}: {} items, must be exactly one", self.items.len())));
        };
        match item.count <= MOST {
            true => Ok((sku, item)),
            false => Err(Refusal::invalid(format!("{sku}: count is {}, at most {MOST}", item.count))),
        }
    }
}

fn checked_sku(sku: &str) -> Result<&str, Refusal> {
    let trimmed = sku.trim();
    let fits = (1..=LONGEST).contains(&trimmed.chars().count());
    let is_plain = !trimmed.chars().any(|it| it.is_ascii_control() && it != '\t');
    match fits && is_plain {
        true => Ok(trimmed),
        false => Err(Refusal::invalid(format!("sku: {sku:?} is none"))),
    }
}

fn take(state: &mut State, sku: &str, item: &Item, now: Timestamp) {
    if !state.offers.contains_key(sku) {
        return;
    }
    state.set_available(sku, item.count, item.updated_at.map_or(now, |at| at.0));
    let (warehouse, good) = (state.warehouse.to_string(), sku.to_owned());
    state.journal.events.push(Event::Told { at: now, warehouse, good, quantity: item.count });
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ReadRequest {
    stocks_warehouse_id: Option<u64>,
    has_stocks: Option<bool>,
    /// Turnover is only told where the Market keeps the goods.
    #[serde(rename = "withTurnover")]
    _with_turnover: Option<bool>,
    archived: Option<bool>,
    offer_ids: Option<Vec<String>>,
}

impl ReadRequest {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let mut asked: Self = if call.body.is_empty() { Self::default() } else { call.read()? };
        asked.offer_ids = listed("offerIds", asked.offer_ids, OFFERS)?;
        let is_paged = call.parameter(&["pageToken", "page_token", "limit"]).is_some();
        if asked.offer_ids.is_some() && (is_paged || asked.archived.is_some() || asked.stocks_warehouse_id.is_some()) {
            return Err(Refusal::invalid("offerIds: no page, archive or warehouse goes with them"));
        }
        match asked.has_stocks.is_some() && asked.stocks_warehouse_id.is_none() {
            true => Err(Refusal::invalid("hasStocks: only with stocksWarehouseId")),
            false => Ok(asked),
        }
    }

    fn takes(&self, sku: &String, pair: &Pair) -> bool {
        self.archived != Some(true)
            && self.offer_ids.as_ref().is_none_or(|wanted| wanted.contains(sku))
            && self.has_stocks.is_none_or(|wanted| wanted == (pair.available > 0))
    }
}

/// Every good that ever had a number, by SKU.
pub(super) fn read(state: &mut State, call: &Call, now: Timestamp) -> Result<Value, Refusal> {
    let asked = ReadRequest::read(call)?;
    let size = if asked.offer_ids.is_some() { OFFERS } else { call.limit(USUAL, PAGE)? };
    let last: Option<String> = call.after()?;
    if !state.limits.of(Resource::StockRead).take(1, now) {
        return Err(Refusal::Exhausted("goods that are read within a minute".to_owned()));
    }
    let is_here = asked.stocks_warehouse_id.is_none_or(|warehouse| warehouse == state.warehouse);
    let left = state
        .shelf
        .iter()
        .filter(|(sku, pair)| is_here && last.as_ref().is_none_or(|last| *sku > last) && asked.takes(sku, pair));
    let (shown, next) = page(left.collect(), size, |(sku, _)| (*sku).clone());
    let offers: Vec<Value> = shown.into_iter().map(|(sku, pair)| offer(sku, pair)).collect();
    state.limits.of(Resource::StockRead).charge(offers.len().saturating_sub(1));
    let warehouses = match offers.is_empty() {
        true => Vec::new(),
        false => vec![json!({ "warehouseId": state.warehouse, "offers": offers })],
    };
    Ok(json!({ "status": "OK", "result": { "warehouses": warehouses, "paging": paging(next) } }))
}

fn offer(sku: &str, pair: &Pair) -> Value {
    let stock = |kind: &str, count: u32| json!({ "type": kind, "count": count });
    let fit = pair.available.saturating_add(pair.frozen);
    json!({
        "offerId": sku,
        "stocks": [stock("FIT", fit), stock("FREEZE", pair.frozen), stock("AVAILABLE", pair.available)],
        "updatedAt": date::moment(pair.updated_at),
    })
}
