//! Notifications: what the Market tells by itself, in which words
//! (<https://github.com/yandex-market/yandex-market-notification-api>, 20 April 2026), and how stubbornly
//! (<https://yandex.ru/dev/market/partner-api/doc/ru/push-notifications/>, November 2026).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::Timestamp;
use serde_json::{Value, json};

use super::Shop;
use super::order::Order;
use super::returned::Return;
use crate::now;
use crate::pushes::{self, Held, Pushes};

/// A receiver that takes longer has failed. For a `PING` it is a second in truth; here a busy machine would make that
/// late.
const PATIENCE: Duration = Duration::from_secs(10);
/// After that many tries a notification is lost.
const TRIES: u32 = 60;
/// The gap between tries in the first hour. Here the first gaps are shorter and double up to it, so that nobody waits
/// for long.
const LONGEST_GAP: Duration = Duration::from_secs(60);

/// Something to tell about an order.
pub(super) struct Notice {
    order: u64,
    body: Value,
}

impl Notice {
    pub(super) fn created(order: &Order) -> Self {
        let at = order.created_at.to_string();
        Self::about(order.id, "ORDER_CREATED", json!({ "items": items(order), "createdAt": at }))
    }

    pub(super) fn cancelled(order: &Order) -> Self {
        let at = order.updated_at.to_string();
        Self::about(order.id, "ORDER_CANCELLED", json!({ "items": items(order), "cancelledAt": at }))
    }

    /// What is in the order isn't told.
    pub(super) fn moved(order: &Order) -> Self {
        let (status, substatus, at) = (&order.status, &order.substatus, order.updated_at.to_string());
        let says = json!({ "status": status, "substatus": substatus, "updatedAt": at });
        Self::about(order.id, "ORDER_STATUS_UPDATED", says)
    }

    pub(super) fn postponed(order: &Order) -> Self {
        let says = json!({ "updateType": "SHIPMENT_DATE_UPDATED", "updatedAt": order.updated_at.to_string() });
        Self::about(order.id, "ORDER_UPDATED", says)
    }

    pub(super) fn returned(back: &Return, now: Timestamp) -> Self {
        let says = json!({
            "returnId": back.id,
            "returnType": back.kind.name(),
            "items": [{ "offerId": back.offer_id, "count": back.units }],
            "createdAt": now.to_string(),
        });
        Self::about(back.order, "ORDER_RETURN_CREATED", says)
    }

    /// Only the status that changed is told.
    pub(super) fn return_moved(back: &Return) -> Self {
        let says = json!({
            "returnId": back.id,
            "statuses": { "shipmentStatus": back.shipment_status },
            "updatedAt": back.updated_at.to_string(),
        });
        Self::about(back.order, "ORDER_RETURN_STATUS_UPDATED", says)
    }

    fn about(order: u64, kind: &str, mut body: Value) -> Self {
        if let Some(body) = body.as_object_mut() {
            body.insert("notificationType".to_owned(), json!(kind));
            body.insert("orderId".to_owned(), json!(order));
        }
        Self { order, body }
    }
}

fn items(order: &Order) -> Vec<Value> {
    order.lines.iter().map(|line| json!({ "offerId": line.offer_id, "count": line.count })).collect()
}

/// Sends in the background, so that no buyer waits for the receiver.
pub(super) fn send(shop: &Arc<Shop>, notice: Notice) {
    let Notice { order, mut body } = notice;
    let state = shop.lock();
    if let Some(body) = body.as_object_mut() {
        body.insert("campaignId".to_owned(), json!(state.campaign_id));
    }
    if state.hook.is_some() {
        pushes::send(shop, order.to_string(), body, &state.faults);
    }
}

#[async_trait]
impl Pushes for Shop {
    fn held(&self) -> &Held {
        &self.held
    }

    /// Tries until the receiver says that it has it, that the notification is wrong, or too often.
    async fn insist(&self, body: &Value) {
        let mut gap = Duration::from_secs(1);
        for _ in 0..TRIES {
            let Some(hook) = self.lock().hook.clone() else { return };
            match post(self, &hook, body).await {
                Ok(()) => return,
                Err(Failure::ForGood(problem)) => {
                    tracing::warn!(channel = "yandex_market", %problem, "a notification is lost");
                    return;
                }
                Err(Failure::ForNow(problem)) => {
                    tracing::debug!(channel = "yandex_market", %problem, "a notification will come again");
                }
            }
            tokio::time::sleep(gap).await;
            gap = (gap * 2).min(LONGEST_GAP);
        }
        tracing::warn!(channel = "yandex_market", %body, "a notification is lost: nobody took it");
    }
}

/// The cabinet's check of an address.
pub(super) async fn check(shop: &Shop) -> Result<(), String> {
    let hook = shop.lock().hook.clone().ok_or("no address is set")?;
    let ping = json!({ "notificationType": "PING", "time": now().to_string() });
    post(shop, &hook, &ping).await.map_err(|failure| match failure {
        Failure::ForGood(problem) | Failure::ForNow(problem) => problem,
    })
}

/// Why a notification isn't taken.
enum Failure {
    /// It will come again.
    ForNow(String),
    /// The receiver says that it is wrong.
    ForGood(String),
}

async fn post(shop: &Shop, hook: &str, body: &Value) -> Result<(), Failure> {
    let sent = shop.caller.send(shop.caller.post(hook).json(body), PATIENCE).await;
    let answer = sent.map_err(|error| Failure::ForNow(error.to_string()))?;
    match answer.status {
        200 => acknowledged(&answer.body).map_err(|wrong| Failure::ForNow(shop.note(&wrong))),
        400 => Err(Failure::ForGood(shop.note(&format!("400 for {body}")))),
        status => Err(Failure::ForNow(format!("the answer is {status}"))),
    }
}

/// What was wrong with an answer of 200, as the Market documents one.
fn acknowledged(body: &[u8]) -> Result<(), String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    let text = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default();
    let named = ["version", "name"].into_iter().find(|field| !(1..=100).contains(&text(field).chars().count()));
    if let Some(field) = named {
        return Err(format!("{field} is no text of 1 to 100 characters: {answer}"));
    }
    match Timestamp::parse(text("time")) {
        Some(_) => Ok(()),
        None => Err(format!("time is no date: {answer}")),
    }
}

impl Shop {
    /// Puts a wrong answer into the journal, and says it.
    fn note(&self, wrong: &str) -> String {
        let what = format!("the answer to a notification: {wrong}");
        self.lock().violation(what.clone(), now());
        what
    }
}
