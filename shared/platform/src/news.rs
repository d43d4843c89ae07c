//! What a channel tells, against what the table knows.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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

/// What the table was found to know already. The table only ever learns, so what it knew once is never news again, and needs
/// no second look: a channel that lists the same open orders at every reading costs no reads of the table.
#[derive(Debug, Default)]
pub struct Heard(Mutex<HashSet<u64>>);

/// Orders older than this are not looked for around a write of a number. Nor need they be: one that the table takes in later than
/// [`LATE`] casts doubt on what its channel was told meanwhile.
pub const RECENT: Duration = Duration::from_secs(600);
/// An order is heard of late after this. Well below [`RECENT`], so that no write falls between the two.
pub const LATE: Duration = Duration::from_secs(300);

/// So many reports are remembered; then it starts anew.
const MEMORY: usize = 50_000;

impl Heard {
    fn has(&self, report: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&report)
    }

    fn note(&self, reports: impl Iterator<Item = u64>) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() > MEMORY {
            heard.clear();
        }
        heard.extend(reports);
    }
}

/// What a report says, when it was read left out.
fn fingerprint(connection: &ConnectionId, told: &Told) -> Option<u64> {
    let mut same = told.clone();
    for (_, state) in &mut same.orders {
        state.listed_at = None;
        state.lines.values_mut().for_each(|line| line.listed_at = None);
    }
    let mut hasher = DefaultHasher::new();
    connection.hash(&mut hasher);
    serde_json::to_string(&same).ok()?.hash(&mut hasher);
    Some(hasher.finish())
}

/// Compares what a connection told with the table. What `heard` remembers isn't looked at, and its orders are not among the
/// known ones.
///
/// # Errors
/// [`StoreError`].
pub async fn compare(
    store: &Store,
    heard: &Heard,
    connection: &ConnectionId,
    told: Vec<Told>,
) -> Result<Compared, StoreError> {
    let key = |id: &edin_domain::OrderId| OrderKey::new(connection.clone(), id.clone());
    let told: Vec<(Option<u64>, Told)> = told
        .into_iter()
        .map(|told| (fingerprint(connection, &told), told))
        .filter(|(report, _)| report.is_none_or(|report| !heard.has(report)))
        .collect();
    let keys = told.iter().flat_map(|(_, told)| told.orders.iter().map(|(id, _)| key(id)));
    let known = store.orders(keys.collect::<Vec<_>>()).await?;
    let (news, old): (Vec<_>, Vec<_>) = told.into_iter().partition(|(_, told)| is_news(told, &known, key));
    heard.note(old.into_iter().filter_map(|(report, _)| report));
    Ok(Compared { news: news.into_iter().map(|(_, told)| told).collect(), known })
}

fn is_news(told: &Told, known: &BTreeMap<OrderKey, Order>, key: impl Fn(&edin_domain::OrderId) -> OrderKey) -> bool {
    let unheard = |(id, state): &(edin_domain::OrderId, edin_domain::order::OrderState)| {
        known.get(&key(id)).is_none_or(|order| order.state.is_news(&order.state.merged(state)))
    };
    let first = told.orders.first().and_then(|(id, _)| known.get(&key(id)));
    let has_contact = told.contact.as_ref().is_some_and(|contact| !contact.is_empty());
    told.orders.iter().any(unheard) || (has_contact && first.is_some_and(|order| !order.has_contact))
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

/// A message for the inbox queue that hands an order to intake once more: what it waits for may be mapped now.
///
/// # Errors
/// If it can't be written as JSON: a bug.
pub fn remap(connection: &Connection, order: OrderId, at: Timestamp) -> Result<Message, serde_json::Error> {
    let cause: String = format!("remap:{order}").chars().take(64).collect();
    Message::json(&Inbound {
        cause: Cause::new(cause.trim_end()).map_err(serde::de::Error::custom)?,
        connection: connection.id.clone(),
        channel: connection.channel(),
        received_at: at,
        content: Content::Remap(order),
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

#[cfg(test)]
mod tests {
    use edin_domain::Channel;

    use super::*;

    #[test]
    fn the_cause_of_a_long_order_is_shortened() {
        let connection =
            serde_json::json!({"id": "wb-main", "account": {"wildberries": {}}, "currency": "RUB", "warehouses": {}});
        let connection: Connection = serde_json::from_value(connection).unwrap();
        let order = OrderId::new(format!("{} {}", "7".repeat(57), "8".repeat(6))).unwrap();
        let expected = Inbound {
            cause: Cause::new(format!("remap:{}", "7".repeat(57))).unwrap(),
            connection: connection.id.clone(),
            channel: Channel::Wildberries,
            received_at: Timestamp::from_millis(1),
            content: Content::Remap(order.clone()),
        };
        assert_eq!(remap(&connection, order, Timestamp::from_millis(1)).unwrap(), Message::json(&expected).unwrap());
    }
}
