//! The shop's webhooks, and `GET /webhooks` and `PUT /webhooks/{id}`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refusal::Refusal;
use super::request::{Call, Page};
use super::state::State;
use super::wire;

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

pub(super) fn list(state: &mut State, call: &Call) -> Result<Page, Refusal> {
    let status = call.one_of("status", &["all", "active", "paused", "disabled"], "all")?;
    let wanted = state.webhooks.values().filter(|webhook| status == "all" || webhook.status == status);
    call.page(wanted.map(wire::webhook).collect())
}

/// Switches one on or off. One that is switched on begins to count failures anew.
pub(super) fn update(state: &mut State, call: &Call, id: u64) -> Result<Value, Refusal> {
    #[derive(Deserialize)]
    struct Request {
        status: String,
    }
    let Request { status } = call.read()?;
    let webhook = state.webhooks.get_mut(&id).ok_or(Refusal::NoSuch("woocommerce_rest_shop_webhook_invalid_id"))?;
    if !["active", "paused", "disabled"].contains(&status.as_str()) {
        return Err(Refusal::Invalid("status"));
    }
    (webhook.status, webhook.failures) = (status, 0);
    Ok(wire::webhook(webhook))
}
