//! Orders that waited for a mapping, on their way again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edin_domain::order::OrderKey;
use edin_domain::{Article, Connection, ConnectionId, OrderId, Timestamp};
use edin_platform::{Message, Queue};
use edin_store::{Store, StoreError};
use edin_trade::news;

use crate::error::{At, Problem};
use crate::report::Report;
use crate::write::Writing;

/// Looks after the orders that wait for what an import maps.
pub(crate) struct Remap<'a> {
    store: &'a Store,
    inbox: &'a Queue,
    connections: &'a BTreeMap<ConnectionId, Connection>,
    now: Timestamp,
    /// What waited at each connection when it was met first.
    waiting: BTreeMap<ConnectionId, BTreeMap<Article, BTreeSet<OrderId>>>,
    /// What is mapped now, and hasn't been looked for.
    mapped: Vec<(At, ConnectionId, Article)>,
    sent: BTreeSet<OrderKey>,
    /// How often it is still looked whether intake has applied them.
    patience: u32,
}

/// For 10 seconds in all: intake may not be running just now.
const PATIENCE: u32 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl<'a> Remap<'a> {
    pub(crate) fn new(
        store: &'a Store,
        inbox: &'a Queue,
        connections: &'a BTreeMap<ConnectionId, Connection>,
        now: Timestamp,
    ) -> Self {
        let (waiting, mapped, sent) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        Self { store, inbox, connections, now, waiting, mapped, sent, patience: PATIENCE }
    }

    /// Adds what a good is called.
    pub(crate) fn add(&mut self, writing: &Writing<'_>) {
        for ((connection, article), at) in writing.good.names() {
            self.mapped.push((at.clone(), connection.clone(), article.clone()));
        }
    }

    /// Sends the orders that wait for what was added, and gives intake a while to apply them.
    pub(crate) async fn go_on(&mut self, report: &mut Report) -> Result<(), Problem> {
        let mut orders = BTreeSet::new();
        for (at, connection, article) in std::mem::take(&mut self.mapped) {
            match self.waiting(&connection).await {
                Ok(waiting) => {
                    let freed = waiting.get(&article).into_iter().flatten();
                    orders.extend(freed.map(|order| OrderKey::new(connection.clone(), order.clone())));
                }
                Err(error) => {
                    let what = format!("what waits at {connection}");
                    report.errors.push(at.error(Problem::table(what)(error)));
                }
            }
        }
        self.send(orders).await
    }

    /// Sends the orders that have begun to wait since, for what is mapped now.
    pub(crate) async fn look_again(&mut self) -> Result<(), Problem> {
        let mut orders = BTreeSet::new();
        for (connection, before) in &self.waiting {
            let waiting = self.store.unmapped(connection).await.map_err(Problem::table("the orders that waited"))?;
            let fresh: Vec<_> = waiting
                .into_iter()
                .filter(|one| !before.get(&one.article).is_some_and(|orders| orders.contains(&one.order)))
                .collect();
            let articles: Vec<_> = fresh.iter().map(|one| (connection.clone(), one.article.clone())).collect();
            let mapped = self.store.mappings(articles).await.map_err(Problem::table("the orders that waited"))?;
            let freed = fresh.into_iter().filter(|one| mapped.contains_key(&(connection.clone(), one.article.clone())));
            orders.extend(freed.map(|one| OrderKey::new(connection.clone(), one.order)));
        }
        self.send(orders).await
    }

    async fn waiting(
        &mut self,
        connection: &ConnectionId,
    ) -> Result<&BTreeMap<Article, BTreeSet<OrderId>>, StoreError> {
        if !self.waiting.contains_key(connection) {
            let mut waiting = BTreeMap::<_, BTreeSet<_>>::new();
            for one in self.store.unmapped(connection).await? {
                waiting.entry(one.article).or_default().insert(one.order);
            }
            self.waiting.insert(connection.clone(), waiting);
        }
        Ok(self.waiting.entry(connection.clone()).or_default())
    }

    async fn send(&mut self, orders: BTreeSet<OrderKey>) -> Result<(), Problem> {
        let orders: Vec<OrderKey> = orders.into_iter().filter(|order| !self.sent.contains(order)).collect();
        let message =
            |order: &OrderKey| news::remap(self.connections.get(&order.connection)?, order.id.clone(), self.now).ok();
        let messages: Vec<Message> = orders.iter().filter_map(message).collect();
        self.inbox.send(messages).await?;
        self.sent.extend(orders.iter().cloned());
        self.until_applied(orders).await.map_err(Problem::table("the orders that waited"))
    }

    async fn until_applied(&mut self, mut orders: Vec<OrderKey>) -> Result<(), StoreError> {
        while !orders.is_empty() {
            let known = self.store.orders(orders.iter().cloned()).await?;
            orders.retain(|key| known.get(key).is_some_and(|order| order.unmapped().next().is_some()));
            if orders.is_empty() {
                break;
            }
            if self.patience == 0 {
                tracing::warn!(orders = orders.len(), "orders still wait for a mapping, or are not taken in yet");
                break;
            }
            self.patience -= 1;
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// How many orders were sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent.len()
    }
}
