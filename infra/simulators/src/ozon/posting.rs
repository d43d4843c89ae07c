//! A posting, its statuses, and which of them mean that it was packed, has left or stays as it is for good.

use std::time::Duration;

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Order;

/// How long the seller has to assemble a posting.
const TO_ASSEMBLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Statuses of a posting that isn't assembled yet.
const BEFORE_SHIPMENT: [&str; 3] = ["awaiting_verification", "awaiting_approve", "awaiting_packaging"];

/// Statuses of a posting whose units have left the seller's warehouse.
const GONE: [&str; 3] = ["delivering", "driver_pickup", "delivered"];

/// Statuses that a posting never leaves.
const FINAL: [&str; 3] = ["delivered", "cancelled", "cancelled_from_split_pending"];

/// Part of an order that travels as one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Posting {
    /// Such as `0132112278-0101-1`.
    pub number: String,
    /// The number without its last part.
    pub order_number: String,
    /// Ozon's id of the order.
    pub order_id: u64,
    /// What it was split from; empty if it wasn't.
    pub parent: String,
    /// The warehouse that ships it.
    pub warehouse: u64,
    /// As the API says it.
    pub status: String,
    /// As pushes say it.
    pub substatus: String,
    /// The substatus before, which a cancel's push tells as `old_state`.
    pub previous_substatus: String,
    /// What is in it by now: what was cancelled or split off is taken out.
    pub lines: Vec<Line>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub changed_at: Timestamp,
    /// Assemble by then.
    pub shipment_date: Timestamp,
    /// When it was handed over.
    pub delivering_at: Option<Timestamp>,
    /// Whether it was assembled when it was cancelled, if it was.
    pub cancelled_after_ship: Option<bool>,
    /// Whether `present` has fallen by it.
    pub gone: bool,
}

/// Units of one product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    /// The seller's article.
    pub offer_id: String,
    /// The storefront's id.
    pub sku: u64,
    /// What the buyer read.
    pub name: String,
    /// What the buyer paid for one.
    pub price: String,
    pub currency: String,
    pub quantity: u32,
}

impl Posting {
    /// The `order`-th order, as it comes in.
    pub(super) fn new(order: u64, warehouse: u64, lines: Vec<Line>, now: Timestamp) -> Self {
        let order_number = format!("{:010}-0101", 132_112_277 + order);
        Self {
            number: format!("{order_number}-1"),
            order_number,
            order_id: 35_566_798_085 + order,
            parent: String::new(),
            warehouse,
            status: "awaiting_packaging".to_owned(),
            substatus: "posting_created".to_owned(),
            previous_substatus: String::new(),
            lines,
            created_at: now,
            changed_at: now,
            shipment_date: now.plus(TO_ASSEMBLE),
            delivering_at: None,
            cancelled_after_ship: None,
            gone: false,
        }
    }

    /// Moves on to `status`.
    pub(super) fn enter(&mut self, status: &str, now: Timestamp) {
        status.clone_into(&mut self.status);
        self.previous_substatus = std::mem::replace(&mut self.substatus, substatus(status));
        self.changed_at = now;
        if status == "delivering" {
            self.delivering_at = Some(now);
        }
    }

    /// Whether it stays as it is for good.
    pub(super) fn is_final(&self) -> bool {
        FINAL.contains(&self.status.as_str())
    }

    /// Whether it was assembled, which Ozon calls shipped: a cancel then is one "after ship".
    pub(super) fn is_shipped(&self) -> bool {
        !BEFORE_SHIPMENT.contains(&self.status.as_str())
    }

    /// Whether its units have left the seller's warehouse.
    pub(super) fn has_left(&self) -> bool {
        GONE.contains(&self.status.as_str())
    }

    /// Takes up to `units` of a product out.
    pub(super) fn take(&mut self, offer_id: &str, units: u32) -> Option<Line> {
        let line = self.lines.iter_mut().find(|line| line.offer_id == offer_id)?;
        let taken = Line { quantity: units.min(line.quantity), ..line.clone() };
        line.quantity -= taken.quantity;
        self.lines.retain(|line| line.quantity > 0);
        (taken.quantity > 0).then_some(taken)
    }

    /// As a test looks at it.
    pub(super) fn order(&self) -> Order {
        Order {
            posting: self.number.clone(),
            status: self.status.clone(),
            warehouse: self.warehouse,
            items: self.lines.iter().map(|line| (line.offer_id.clone(), line.quantity)).collect(),
        }
    }
}

/// What pushes and substatuses call an API status (docs.ozon.ru/api/seller, push_types, 22 September 2026).
fn substatus(status: &str) -> String {
    let state = match status {
        "awaiting_approve" | "awaiting_packaging" => "posting_created",
        "awaiting_deliver" => "posting_transferring_to_delivery",
        "not_accepted" => "posting_not_in_sort_center",
        "arbitration" => "posting_in_arbitration",
        "client_arbitration" => "posting_in_client_arbitration",
        "delivering" => "posting_on_way_to_city",
        "driver_pickup" => "posting_driver_pick_up",
        "cancelled" => "posting_canceled",
        other => return format!("posting_{other}"),
    };
    state.to_owned()
}

/// Whether a change to this status is pushed.
pub(super) fn is_pushed(status: &str) -> bool {
    !matches!(status, "awaiting_verification" | "cancelled_from_split_pending")
}
