//! Orders, as messages of the inbox queue tell them.

use acceptance::{KASPI, OZON, PP1};
use edin_channels::kaspi;
use edin_domain::customer::IdentityKind;
use edin_domain::order::{Order, OrderKey};
use edin_domain::{ChannelName, ConnectionId, OrderId, Sku};
use edin_platform::digest;
use edin_store::Store;
use edin_store::customers::Identity;
use edin_store::partition::Partition;
use serde_json::{Value, json};
use simulators::SELLER as MERCHANT;
use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;

use super::stage::Stage;
use super::stream::OPENED_AT;

/// Ozon's push of a new posting.
pub(super) fn posting(number: &str, offer_id: &str, units: u32) -> String {
    json!({
        "message_type": "TYPE_NEW_POSTING", "seller_id": MERCHANT, "warehouse_id": OZON_WAREHOUSE, "posting_number": number,
        "products": [{ "sku": 147_451_939, "offer_id": offer_id, "quantity": units }],
        "in_process_at": "2026-11-22T10:00:00Z",
    })
    .to_string()
}

/// A push, as the webhook puts it into the inbox queue.
pub(super) fn pushed(channel: ChannelName, connection: &str, push: &str) -> String {
    inbound(channel, connection, &json!({ "push": push }))
}

/// An order of one unit of each of these that Kaspi told of, bought by this telephone number.
pub(super) fn told_by_kaspi(connection: &str, code: &str, sku: &str, units: u32, phone: &str) -> String {
    let at = OPENED_AT;
    let line = json!({ "articles": [sku], "ordered": units, "kept": units, "listed_at": at });
    let state = json!({
        "warehouse": PP1, "lines": { sku: line }, "milestones": { "placed": at, "paid": at }, "listed_at": at,
    });
    let told = json!({ "orders": [[code, state]], "contact": { "phone": phone } });
    inbound(kaspi::NAME, connection, &json!({ "told": told }))
}

/// The same at the connection that everybody has.
pub(super) fn bought_at_kaspi(code: &str, sku: &str, units: u32, phone: &str) -> String {
    told_by_kaspi(KASPI, code, sku, units, phone)
}

/// A message of the inbox queue.
pub(super) fn inbound(channel: ChannelName, connection: &str, content: &Value) -> String {
    json!({
        "cause": "test:0123456789abcdef", "connection": connection, "channel": channel, "received_at": OPENED_AT,
        "content": content,
    })
    .to_string()
}

/// An order of Ozon's; none if it isn't recorded.
pub(super) async fn of_ozon(store: &Store, number: &str) -> anyhow::Result<Option<Order>> {
    of(store, OZON, number).await
}

/// An order; none if it isn't recorded.
pub(super) async fn of(store: &Store, connection: &str, id: &str) -> anyhow::Result<Option<Order>> {
    let key = OrderKey::new(ConnectionId::new(connection)?, OrderId::new(id)?);
    Ok(store.orders([key.clone()]).await?.remove(&key))
}

/// Units of a SKU that are promised, wherever they lie.
pub(super) async fn reserved(store: &Store, sku: &str) -> anyhow::Result<i64> {
    let Partition { levels, .. } = store.partition(&Sku::new(sku)?).await?;
    Ok(levels.iter().map(|level| level.reserved).sum())
}

/// Who a telephone number is.
pub(super) async fn customer(stage: &Stage, phone: &str) -> anyhow::Result<String> {
    let (kind, key) = (IdentityKind::Phone, stage.functions().key().await?);
    let identity = Identity { kind, digest: digest::keyed(&key, kind.name(), phone) };
    Ok(stage.store().customer_of(&[identity], "nobody").await?)
}
