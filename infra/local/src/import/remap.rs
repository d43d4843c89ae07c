//! Orders that waited for a mapping, on their way again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edin_domain::order::OrderKey;
use edin_domain::{Article, Connection, ConnectionId, OrderId, Timestamp};
use edin_platform::{Message, Queue, QueueError, news};
use edin_store::{Store, StoreError};

use super::error::{At, ImportError, Problem};

/// An article that is mapped now, and the line that says so.
pub(super) type Mapped = (At, ConnectionId, Article);

/// Finds the orders that wait for these articles.
pub(super) async fn waiting(
    store: &Store,
    mapped: Vec<Mapped>,
) -> (BTreeSet<(ConnectionId, OrderId)>, Vec<ImportError>) {
    let (mut orders, mut errors) = (BTreeSet::new(), Vec::new());
    for (connection, (at, articles)) in by_connection(mapped) {
        match store.unmapped(&connection).await {
            Ok(waiting) => {
                let freed = waiting.into_iter().filter(|waiting| articles.contains(&waiting.article));
                orders.extend(freed.map(|waiting| (connection.clone(), waiting.order)));
            }
            Err(error) => errors.push(at.error(Problem::table(format!("what waits at {connection}"))(error))),
        }
    }
    (orders, errors)
}

/// The articles of each connection, and a line that maps one of them.
fn by_connection(mapped: Vec<Mapped>) -> BTreeMap<ConnectionId, (At, BTreeSet<Article>)> {
    let mut connections = BTreeMap::new();
    for (at, connection, article) in mapped {
        let (_, articles) = connections.entry(connection).or_insert_with(|| (at, BTreeSet::new()));
        articles.insert(article);
    }
    connections
}

/// Sends them to the inbox.
pub(super) async fn send(
    inbox: &Queue,
    now: Timestamp,
    connections: &BTreeMap<ConnectionId, Connection>,
    orders: BTreeSet<(ConnectionId, OrderId)>,
) -> Result<usize, QueueError> {
    let message = |(id, order)| news::remap(connections.get(&id)?, order, now).ok();
    let messages: Vec<Message> = orders.into_iter().filter_map(message).collect();
    let count = messages.len();
    inbox.send(messages).await.map(|()| count)
}

/// Waits until intake has applied them; not for long, for it may not be running just now.
pub(super) async fn until_applied(store: &Store, mut orders: Vec<OrderKey>) -> Result<(), StoreError> {
    for _ in 0..PATIENCE {
        let known = store.orders(orders.iter().cloned()).await?;
        orders.retain(|key| known.get(key).is_some_and(|order| order.unmapped().next().is_some()));
        if orders.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    tracing::warn!(orders = orders.len(), "orders still wait for a mapping, or are not taken in yet");
    Ok(())
}

/// For 10 seconds.
const PATIENCE: u32 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(100);
