//! Pushes: what Ozon tells by itself, and how stubbornly (docs.ozon.ru/api/seller, tag push_start, 22 September 2026).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use edin_domain::Timestamp;

use super::Shop;
use super::posting::Posting;
use crate::now;
use crate::pushes::{self, Held, Pushes};

/// A receiver that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// After that many tries a push is lost.
const TRIES: u32 = 8;
/// Gaps between tries double from one second up to this.
const LONGEST_GAP: Duration = Duration::from_secs(30);

/// Something to tell about a posting.
pub(super) struct Push {
    posting: String,
    body: Value,
}

impl Push {
    /// `TYPE_NEW_POSTING`: a posting came in.
    pub(super) fn new_posting(posting: &Posting) -> Self {
        let products: Vec<Value> = posting
            .lines
            .iter()
            .map(|line| json!({ "sku": line.sku, "offer_id": line.offer_id, "quantity": line.quantity }))
            .collect();
        Self::about(
            posting,
            json!({
                "message_type": "TYPE_NEW_POSTING",
                "products": products,
                "in_process_at": posting.created_at.to_string(),
                "shipment_date": posting.shipment_date.to_string(),
                "is_express": false,
                "tpl_integration_type": "ozon",
                "tracking_number": "",
                "delivery_date_begin": "",
                "delivery_date_end": "",
            }),
        )
    }

    /// `TYPE_POSTING_CANCELLED`: a posting was cancelled. Products come without `offer_id` here.
    pub(super) fn cancelled(posting: &Posting) -> Self {
        let products: Vec<Value> =
            posting.lines.iter().map(|line| json!({ "sku": line.sku, "quantity": line.quantity })).collect();
        Self::about(
            posting,
            json!({
                "message_type": "TYPE_POSTING_CANCELLED",
                "products": products,
                "old_state": posting.previous_substatus,
                "new_state": posting.substatus,
                "changed_state_date": posting.changed_at.to_string(),
                "reason": { "id": 0, "message": "Cancellation at the customer initiative" },
            }),
        )
    }

    /// `TYPE_STATE_CHANGED`: a posting moved on. What is in it isn't told.
    pub(super) fn state_changed(posting: &Posting) -> Self {
        Self::about(
            posting,
            json!({
                "message_type": "TYPE_STATE_CHANGED",
                "new_state": posting.substatus,
                "changed_state_date": posting.changed_at.to_string(),
            }),
        )
    }

    fn about(posting: &Posting, mut body: Value) -> Self {
        if let Some(body) = body.as_object_mut() {
            body.insert("posting_number".to_owned(), json!(posting.number));
            body.insert("warehouse_id".to_owned(), json!(posting.warehouse));
        }
        Self { posting: posting.number.clone(), body }
    }
}

/// Pushes in the background, so that no buyer waits for the receiver.
pub(super) fn send(shop: &Arc<Shop>, push: Push) {
    let Push { posting, mut body } = push;
    if let Some(body) = body.as_object_mut() {
        body.insert("seller_id".to_owned(), json!(shop.client_id.parse::<u64>().unwrap_or(1)));
    }
    let state = shop.lock();
    if state.hook.is_some() {
        pushes::send(shop, posting, body, &state.faults);
    }
}

#[async_trait]
impl Pushes for Shop {
    fn held(&self) -> &Held {
        &self.held
    }

    /// Tries until the receiver says that it has it, or too often.
    async fn insist(&self, body: &Value) {
        let mut gap = Duration::from_secs(1);
        for _ in 0..TRIES {
            let Some(hook) = self.lock().hook.clone() else { return };
            match attempt(self, &hook, body).await {
                Ok(()) => return,
                Err(problem) => tracing::debug!(channel = "ozon", %problem, "a push will come again"),
            }
            tokio::time::sleep(gap).await;
            gap = (gap * 2).min(LONGEST_GAP);
        }
        tracing::warn!(channel = "ozon", %body, "a push is lost: nobody took it");
    }
}

async fn attempt(shop: &Shop, hook: &str, body: &Value) -> Result<(), String> {
    let answer = post(shop, hook, body).await?;
    let taken = answer.as_ref().is_ok_and(|answer| *answer == json!({ "result": true }));
    if taken {
        return Ok(());
    }
    let what = format!("the answer to a push was not {{\"result\":true}}: {answer:?}");
    shop.lock().violation(what.clone(), now());
    Err(what)
}

/// The receiver's JSON, or what was wrong with it; the outer error is a receiver that didn't say 200.
async fn post(shop: &Shop, hook: &str, body: &Value) -> Result<Result<Value, String>, String> {
    let sent = shop.caller.send(shop.caller.post(hook).json(body), PATIENCE).await;
    let answer = sent.map_err(|error| match error.timed_out {
        true => format!("REQUEST_TIMEOUT: {error}"),
        false => format!("REQUEST_ERROR: {error}"),
    })?;
    match answer.status {
        200 => {}
        status @ 500.. => return Err(format!("SERVER_FAULT: {status}")),
        status => return Err(format!("STATUS_CODE_NOT_OK: {status}")),
    }
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(&answer.body);
    Ok(match text.is_empty() {
        true => Err("EMPTY_BODY: the answer is empty".to_owned()),
        false if !kind.starts_with("application/json") => Err(format!("INVALID_BODY: the answer is {kind:?}")),
        false => serde_json::from_str(&text).map_err(|error| format!("INVALID_JSON: {error}")),
    })
}

/// The cabinet's check of an address.
pub(super) async fn check(shop: &Shop) -> Result<(), String> {
    let hook = shop.lock().hook.clone().ok_or("REQUEST_ERROR: no address is set")?;
    let ping = json!({ "message_type": "TYPE_PING", "time": now().to_string() });
    let answer = post(shop, &hook, &ping).await??;
    let text = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default();
    if text("version").is_empty() || text("name").is_empty() {
        return Err(format!("WRONG_RESULT_FIELD: version and name have to be texts: {answer}"));
    }
    match Timestamp::parse(text("time")) {
        Some(_) => Ok(()),
        None => Err(format!("WRONG_RESULT_TIME_FIELD: time is no date: {answer}")),
    }
}
