//! An order, and its statuses.

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

/// All statuses of orders that can be asked for.
pub(super) const STATUSES: [&str; 11] = [
    "any",
    "trash",
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
];

/// What one buyer ordered at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub id: u64,
    pub status: String,
    /// Where it stood before it went into the trash.
    pub before_trash: Option<String>,
    pub lines: Vec<Line>,
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub modified_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// Whether its units were taken off the shop's number.
    pub is_reduced: bool,
}

/// Units of one product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    pub id: u64,
    pub product: u64,
    pub quantity: u32,
    /// Of one unit, in whole units of the shop's currency.
    pub price: u64,
    /// Units that it took off the shop's number (`_reduced_stock`).
    pub reduced: Option<u32>,
    /// Units that refunds put back (`_restock_refunded_items`).
    pub put_back: u32,
    /// Units that were refunded.
    pub refunded: u32,
}

impl Order {
    pub(super) fn new(id: u64, status: &str, lines: Vec<Line>, now: Timestamp) -> Self {
        Self {
            id,
            status: status.to_owned(),
            before_trash: None,
            lines,
            created_at: now,
            modified_at: now,
            paid_at: None,
            completed_at: None,
            is_reduced: false,
        }
    }

    /// Whether a list of orders of any status has it.
    pub(super) fn is_listed(&self) -> bool {
        !matches!(self.status.as_str(), "trash" | "auto-draft" | "checkout-draft")
    }

    pub(super) fn line_mut(&mut self, product: u64) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.product == product)
    }

    /// Comes to a status.
    pub(super) fn enter(&mut self, status: &str, now: Timestamp) {
        status.clone_into(&mut self.status);
        self.modified_at = now;
        if matches!(status, "processing" | "completed") {
            self.paid_at.get_or_insert(now);
        }
        if status == "completed" {
            self.completed_at = Some(now);
        }
    }
}
