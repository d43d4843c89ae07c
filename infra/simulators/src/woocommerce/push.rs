//! Webhooks: what the shop tells by itself, and how (<https://github.com/woocommerce/woocommerce>, `includes/class-wc-webhook.php`,
//! November 2026; what version 10.0.2 sent on 27 November 2026).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::webhook::{TOPICS, Webhook};
use super::{Shop, WooCommerce, wire};
use crate::pushes::{self, Held, Pushes};

/// A receiver that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const AGENT: &str = "WooCommerce/10.0.2 Hookshot (WordPress/7.1.4)";

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Created,
    Updated,
    Deleted,
    Restored,
}

impl Event {
    const fn topic(self) -> &'static str {
        match self {
            Self::Created => "order.created",
            Self::Updated => "order.updated",
            Self::Deleted => "order.deleted",
            Self::Restored => "order.restored",
        }
    }
}

impl WooCommerce {
    /// Enters the seller's address and secret as webhooks of all topics of orders, in the place of those that were there; none if
    /// there is no address. Each is tried, without a signature.
    pub fn enter(&self, address: Option<(String, String)>) {
        let mut state = self.shop.lock();
        state.webhooks.clear();
        let Some((url, secret)) = address else { return };
        for topic in TOPICS {
            let id = state.number();
            let (topic, url, secret) = (topic.to_owned(), url.clone(), secret.clone());
            let webhook = Webhook { id, topic, url, secret, status: "active".to_owned(), failures: 0 };
            tokio::spawn(try_out(Arc::clone(&self.shop), webhook.clone()));
            state.webhooks.insert(id, webhook);
        }
    }
}

async fn try_out(shop: Arc<Shop>, webhook: Webhook) {
    let request = shop.caller.post(&webhook.url).header("user-agent", AGENT);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = shop.caller.send(request.body(format!("webhook_id={}", webhook.id)), PATIENCE).await;
    if !answer.as_ref().is_ok_and(|answer| answer.status == 200) {
        tracing::warn!(channel = "woocommerce", ?answer, "the shop tried an address in vain");
    }
}

/// Sends in the background, so that no buyer waits for the receiver.
pub(super) fn send(shop: &Arc<Shop>, event: Event, order: u64) {
    let state = shop.lock();
    if state.webhooks.values().any(|webhook| webhook.topic == event.topic()) {
        let notice = json!({ "topic": event.topic(), "order": order });
        pushes::send(shop, order.to_string(), notice, &state.faults);
    }
}

#[async_trait]
impl Pushes for Shop {
    fn held(&self) -> &Held {
        &self.held
    }

    /// Makes the call once, whatever it is answered with.
    async fn insist(&self, notice: &Value) {
        let Some((webhook, body)) = self.due(notice) else { return };
        let is_taken = post(self, &webhook, body).await;
        if let Some(webhook) = self.lock().webhooks.get_mut(&webhook.id) {
            webhook.note(is_taken);
        }
    }
}

impl Shop {
    /// The webhook that tells of it, and the order as it is now. Of one that is deleted or in the trash only the number is told.
    fn due(&self, notice: &Value) -> Option<(Webhook, String)> {
        let (topic, id) = (notice.get("topic")?.as_str()?, notice.get("order")?.as_u64()?);
        let state = self.lock();
        let webhook = state.webhooks.values().find(|webhook| webhook.topic == topic && webhook.status == "active")?;
        let order = state.orders.get(&id).filter(|_| topic != "order.deleted");
        let body = order.map_or_else(|| json!({ "id": id }), |order| wire::order(order, &state));
        Some((webhook.clone(), body.to_string()))
    }
}

async fn post(shop: &Shop, webhook: &Webhook, body: String) -> bool {
    let (resource, event) = webhook.topic.split_once('.').unwrap_or_default();
    let request = shop.caller.post(&webhook.url).header("user-agent", AGENT);
    let request = request
        .header("content-type", "application/json")
        .header("x-wc-webhook-source", "https://shop.example/")
        .header("x-wc-webhook-topic", &webhook.topic)
        .header("x-wc-webhook-resource", resource)
        .header("x-wc-webhook-event", event)
        .header("x-wc-webhook-signature", signature(&webhook.secret, body.as_bytes()))
        .header("x-wc-webhook-id", webhook.id.to_string())
        .header("x-wc-webhook-delivery-id", format!("{:032x}", crate::now().millis() / 1_000));
    let answer = shop.caller.send(request.body(body), PATIENCE).await;
    let is_taken = answer.as_ref().is_ok_and(|answer| matches!(answer.status, 200..=299 | 301 | 302));
    if !is_taken {
        tracing::debug!(channel = "woocommerce", topic = webhook.topic, ?answer, "a call is lost");
    }
    is_taken
}

/// Base64 of HMAC-SHA256 over the body as it is sent.
pub(super) fn signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}
