//! What came back.

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::posting::{Line, Posting};
use super::request::{Id, Moment, Period, Refusal, at_most, limit, read};
use super::state::State;

/// Units of one product on their way home, here always arrived.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Return {
    id: u64,
    posting: String,
    order_id: u64,
    order_number: String,
    warehouse: u64,
    kind: String,
    line: Line,
    arrived_at: Timestamp,
}

impl Return {
    /// None if the posting never held the product.
    pub(super) fn new(id: u64, posting: &Posting, offer_id: &str, units: u32, now: Timestamp) -> Option<Self> {
        let line = posting.lines.iter().find(|line| line.offer_id == offer_id)?;
        let bought: u32 = posting.lines.iter().map(|line| line.quantity).sum();
        let kind = match posting.status.as_str() {
            _ if units < bought => "PartialReturn",
            "cancelled" => "FullReturn",
            _ => "ClientReturn",
        };
        Some(Self {
            id,
            posting: posting.number.clone(),
            order_id: posting.order_id,
            order_number: posting.order_number.clone(),
            warehouse: posting.warehouse,
            kind: kind.to_owned(),
            line: Line { quantity: units, ..line.clone() },
            arrived_at: now,
        })
    }

    fn row(&self) -> Value {
        let price: f64 = self.line.price.parse().unwrap_or(0.0);
        let money = |amount: f64| json!({ "currency_code": self.line.currency, "price": amount });
        let arrived_at = self.arrived_at.to_string();
        let place = json!({ "id": self.warehouse, "name": format!("Warehouse {}", self.warehouse), "address": "" });
        json!({
            "id": self.id,
            "company_id": 1,
            "exemplars": [],
            "return_reason_name": "Customer refused on receipt",
            "type": self.kind,
            "schema": "Fbs",
            "order_id": self.order_id,
            "order_number": self.order_number,
            "posting_number": self.posting,
            "place": place,
            "target_place": place,
            "storage": null,
            "product": {
                "sku": self.line.sku,
                "offer_id": self.line.offer_id,
                "name": self.line.name,
                "price": money(price),
                "price_without_commission": money(price),
                "commission_percent": 0,
                "commission": money(0.0),
                "quantity": self.line.quantity,
            },
            "logistic": {
                "technical_return_moment": null,
                "final_moment": arrived_at,
                "cancelled_with_compensation_moment": null,
                "return_date": arrived_at,
                "barcode": "",
            },
            "visual": {
                "status": { "id": 34, "display_name": "Received by seller", "sys_name": "ReceivedBySeller" },
                "change_moment": arrived_at,
            },
            "additional_info": { "is_opened": false, "is_super_econom": false },
            "source_id": null,
            "clearing_id": null,
            "return_clearing_id": null,
            "compensation_status": null,
        })
    }
}

#[derive(Deserialize)]
struct ListRequest {
    #[serde(default)]
    filter: Filter,
    limit: Option<usize>,
    last_id: Option<Id>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Filter {
    logistic_return_date: Option<Span>,
    storage_tariffication_start_date: Option<Span>,
    visual_status_change_moment: Option<Span>,
    posting_numbers: Vec<String>,
    offer_id: Option<String>,
    return_schema: Option<String>,
    visual_status_name: Option<String>,
}

#[derive(Deserialize)]
struct Span {
    time_from: Option<Moment>,
    time_to: Option<Moment>,
}

impl Filter {
    fn check(&self) -> Result<(), Refusal> {
        let dates =
            [&self.logistic_return_date, &self.storage_tariffication_start_date, &self.visual_status_change_moment];
        if dates.into_iter().flatten().count() > 1 {
            return Err(Refusal::invalid("filter: use only one date filter per request"));
        }
        at_most("posting_numbers", &self.posting_numbers, 50)
    }

    /// All dates of a return are the one when it arrived; storage is never paid for.
    fn takes(&self, back: &Return) -> bool {
        let dates = [&self.logistic_return_date, &self.visual_status_change_moment];
        let in_time = |span: &Span| Period::new(span.time_from, span.time_to).covers(back.arrived_at);
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted.eq_ignore_ascii_case(value))
        };
        self.storage_tariffication_start_date.is_none()
            && dates.into_iter().flatten().all(in_time)
            && (self.posting_numbers.is_empty() || self.posting_numbers.contains(&back.posting))
            && is(&self.offer_id, &back.line.offer_id)
            && is(&self.return_schema, "FBS")
            && is(&self.visual_status_name, "ReceivedBySeller")
    }
}

/// `/v1/returns/list`: by id, after `last_id`.
pub(super) fn list(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: ListRequest = read(body)?;
    let size = limit(request.limit, 500)?;
    request.filter.check()?;
    let last = request.last_id.map_or(0, |id| id.0);
    let mut found: Vec<&Return> =
        state.returns.iter().filter(|back| back.id > last && request.filter.takes(back)).collect();
    let has_next = found.len() > size;
    found.truncate(size);
    Ok(json!({ "returns": found.into_iter().map(Return::row).collect::<Vec<_>>(), "has_next": has_next }))
}
