//! What a channel tells, against what the table knows.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::inbound::{Content, Inbound, Told};
use edin_domain::order::{Order, OrderKey, OrderState};
use edin_domain::{Cause, Connection, ConnectionId, OrderId, Sku, Timestamp};
use edin_store::{Store, StoreError};

use crate::{Message, digest_of};

/// What was told, sorted by whether it is new.
#[derive(Debug, Default)]
pub struct Compared {
    /// What the table doesn't know, or not all of it.
    pub news: Vec<Told>,
    /// The orders that it knows, of all that were told of.
    pub known: BTreeMap<OrderKey, Order>,
}

/// Compares what a connection told with the table.
///
/// # Errors
/// [`StoreError`].
pub async fn compare(store: &Store, connection: &ConnectionId, told: Vec<Told>) -> Result<Compared, StoreError> {
    let key = |id: &OrderId| OrderKey::new(connection.clone(), id.clone());
    let keys = told.iter().flat_map(|told| told.orders.iter().map(|(id, _)| key(id)));
    let known = store.orders(keys.collect::<Vec<_>>()).await?;
    let is_new = |told: &Told| {
        let without_contact =
            || told.orders.first().and_then(|(id, _)| known.get(&key(id))).is_some_and(|o| !o.has_contact);
        told.orders
            .iter()
            .any(|(id, state)| known.get(&key(id)).is_none_or(|order| order.state.is_news(&order.state.merged(state))))
            || (told.contact.as_ref().is_some_and(|contact| !contact.is_empty()) && without_contact())
    };
    let news = told.into_iter().filter(is_new).collect();
    Ok(Compared { news, known })
}

/// A message for the inbox queue. The same news has the same cause again.
///
/// # Errors
/// If it can't be written as JSON: a bug.
pub fn message(connection: &Connection, told: Told, received_at: Timestamp) -> Result<Message, serde_json::Error> {
    let digest = digest_of(&serde_json::to_string(&told)?);
    let cause = format!("{}:{}", connection.id, digest.get(..16).unwrap_or_default());
    let cause = Cause::new(cause).map_err(serde::de::Error::custom)?;
    Message::json(&Inbound {
        cause,
        connection: connection.id.clone(),
        channel: connection.channel(),
        received_at,
        content: Content::Told(told),
    })
}

/// The goods with levels that the orders take from, where they take other units than the table knows of.
///
/// # Errors
/// [`StoreError`].
pub async fn goods(
    store: &Store,
    connection: &ConnectionId,
    told: &[Told],
    known: &BTreeMap<OrderKey, Order>,
) -> Result<BTreeSet<Sku>, StoreError> {
    let order = |id: &OrderId| known.get(&OrderKey::new(connection.clone(), id.clone()));
    let orders = told.iter().flat_map(|told| &told.orders).filter(|(id, state)| takes_other_units(order(id), state));
    let lines = orders.flat_map(|(_, state)| state.lines.values());
    let articles = lines.flat_map(|line| line.articles.iter().map(|article| (connection.clone(), article.clone())));
    let mappings = store.mappings(articles.collect::<BTreeSet<_>>()).await?;
    let products = store.products(mappings.into_values()).await?;
    Ok(products.values().flat_map(|product| product.components().into_keys()).collect())
}

/// Whether an order takes other units than is known: not if it is only told of more fully.
fn takes_other_units(known: Option<&Order>, told: &OrderState) -> bool {
    let Some(known) = known else { return true };
    let state = known.state.merged(told);
    let before = |id| known.state.lines.get(id).map(|line| known.state.counted(line));
    state.lines.iter().any(|(id, line)| before(id) != Some(state.counted(line)))
}
