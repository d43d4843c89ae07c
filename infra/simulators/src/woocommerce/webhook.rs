//! A webhook, and when it is given up.

use serde::{Deserialize, Serialize};

/// What the seller has the shop tell.
pub(super) const TOPICS: [&str; 4] = ["order.created", "order.updated", "order.deleted", "order.restored"];

/// The seventh failure in a row is one too many.
const MOST_FAILURES: u32 = 6;

/// An address that the shop calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Webhook {
    pub id: u64,
    pub topic: String,
    pub url: String,
    pub secret: String,
    pub status: String,
    /// Failures in a row.
    pub failures: u32,
}

impl Webhook {
    /// Notes how a call went.
    pub(super) fn note(&mut self, is_taken: bool) {
        self.failures = if is_taken { 0 } else { self.failures + 1 };
        if self.failures > MOST_FAILURES {
            "disabled".clone_into(&mut self.status);
        }
    }
}
