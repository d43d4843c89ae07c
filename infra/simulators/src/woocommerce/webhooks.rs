//! `GET /webhooks` and `PUT /webhooks/{id}`.

use serde::Deserialize;
use serde_json::Value;

use super::refusal::Refusal;
use super::request::{Call, Page};
use super::state::State;
use super::wire;

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
