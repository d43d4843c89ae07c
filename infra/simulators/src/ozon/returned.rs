//! Goods that buyers gave back, once they are with the seller again.

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::posting::{Line, Posting};

/// Units of one product on their way home, here always arrived.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Return {
    pub(super) id: u64,
    pub(super) posting: String,
    order_id: u64,
    order_number: String,
    warehouse: u64,
    kind: String,
    pub(super) line: Line,
    pub(super) arrived_at: Timestamp,
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

    pub(super) fn row(&self) -> Value {
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
