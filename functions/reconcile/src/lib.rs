//! A schedule: what each channel really shows, against the table; every difference named, kept, and repaired.
//!
//! A repair is a push: the belief about the listing is dropped, and the push queue does the rest. What the table itself waits
//! for is moved on too: orders whose articles were mapped meanwhile are handed to intake once more.

mod compare;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use edin_channels::marketplace::{ChannelError, Marketplace, SeenRow};
use edin_domain::drift::{Reason, UnseenOrders};
use edin_domain::listing::ListingKey;
use edin_domain::shown::Shown;
use edin_domain::{Cause, Connection, ConnectionId, Sku, Timestamp, WarehouseId};
use edin_platform::channels::{Channels, ConnectionError};
use edin_platform::messages::pushes;
use edin_platform::news::Heard;
use edin_platform::{Clock, Message, Metrics, Queue, batch, news};
use edin_store::catalogue::Connections;
use edin_store::drift::Finding;
use edin_store::status::Status;
use edin_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::compare::{Compared, Listed};

/// The function.
pub struct Reconcile {
    /// Where stock, listings and findings are.
    pub store: Store,
    /// How channels are reached.
    pub channels: Channels,
    /// Where orders go that nobody knew.
    pub inbox: Queue,
    /// Where repairs are asked for.
    pub push: Queue,
    /// What the table was found to know.
    pub heard: Heard,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What the schedule says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Event {
    /// Which connection; none reconciles all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
}

/// What was found at one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Which.
    pub connection: ConnectionId,
    /// Listings looked at.
    pub listings: usize,
    /// Units by which they differ, summed up.
    pub drift_units: u64,
    /// The differences.
    pub findings: Vec<Finding>,
    /// Why it couldn't be looked at, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A credential that stops working within this time wants a person.
const EXPIRES_SOON: Duration = Duration::from_secs(14 * 24 * 3_600);

impl Reconcile {
    /// Reconciles what the schedule says.
    ///
    /// # Errors
    /// [`StoreError`] if the connections can't be listed.
    pub async fn handle(&self, event: Event) -> Result<Vec<Summary>, StoreError> {
        let Connections { known: mut connections, unreadable } = self.connections(event.connection).await?;
        connections.retain(|_, connection| !connection.is_over(self.clock.now()));
        let unreadable = unreadable.into_iter().map(|(id, reason)| failed(&id, reason));
        let mut summaries: Vec<_> = unreadable.collect();
        for connection in connections.values() {
            let reconciled = batch::guarded(Box::pin(self.reconcile(connection))).await;
            summaries.push(reconciled.unwrap_or_else(|reason| failed(&connection.id, reason)));
        }
        Ok(summaries)
    }

    /// One connection, or all of them.
    async fn connections(&self, only: Option<ConnectionId>) -> Result<Connections, StoreError> {
        let Some(only) = only else { return self.store.all_connections().await };
        let known = self.store.connection(&only).await?.into_iter().map(|connection| (only.clone(), connection));
        Ok(Connections { known: known.collect(), ..Connections::default() })
    }

    /// What the table says of a connection is noted even if the channel can't be asked.
    async fn reconcile(&self, connection: &Connection) -> Result<Summary, StoreError> {
        let listed = compare::listed(&self.store, connection, self.clock.now()).await?;
        let mut status = self.standing(connection, &listed).await?;
        let compared = batch::guarded(Box::pin(self.compare(connection, &listed, &mut status))).await;
        let summary = compared.unwrap_or_else(|reason| failed(&connection.id, reason));
        status.problem.clone_from(&summary.problem);
        if status.problem.is_none() {
            status.drift_units = summary.drift_units;
        }
        self.tell(connection, &status);
        self.store.put_status(&connection.id, &status).await?;
        Ok(summary)
    }

    async fn compare(
        &self,
        connection: &Connection,
        listed: &[Listed],
        status: &mut Status,
    ) -> Result<Summary, ConnectionError> {
        self.remap(connection).await?;
        let channel = self.channels.open(connection).await?;
        status.key_expires_at = self.check_credential(connection, channel.as_ref()).await;
        if !channel.capabilities().stock_can_be_read {
            return Ok(Summary { listings: listed.len(), ..Summary::empty(&connection.id) });
        }
        let unseen = self.unseen_goods(connection, channel.as_ref()).await?;
        let mut compared = Compared::default();
        for (warehouse, listings) in compare::by_warehouse(connection, listed) {
            let seen = self.read(channel.as_ref(), &warehouse, &listings).await?;
            compared.extend(compare::compare(&warehouse, &listings, &seen, &unseen, self.clock.now()));
        }
        self.repair(connection, &compared).await?;
        let summary = Summary {
            connection: connection.id.clone(),
            listings: listed.len(),
            drift_units: compared.units(),
            findings: compared.findings,
            problem: None,
        };
        tracing::info!(connection = %summary.connection, listings = summary.listings, drift_units = summary.drift_units, findings = summary.findings.len(), moved = compared.moved.len(), "reconciled");
        Ok(summary)
    }

    async fn read(
        &self,
        channel: &dyn Marketplace,
        warehouse: &WarehouseId,
        listings: &[&Listed],
    ) -> Result<Vec<SeenRow>, ChannelError> {
        let rows: Vec<_> = listings.iter().map(|listed| listed.stock_row()).collect();
        channel.read_stock(warehouse, &rows).await
    }

    /// Orders whose articles may have been mapped meanwhile go through intake once more.
    async fn remap(&self, connection: &Connection) -> Result<(), ConnectionError> {
        let waiting = self.store.unmapped(&connection.id).await?;
        let orders: BTreeSet<_> = waiting.into_iter().map(|waiting| waiting.order).collect();
        let now = self.clock.now();
        let messages = orders.into_iter().map(|order| news::remap(connection, order, now));
        let messages: Vec<Message> = messages.collect::<Result<_, _>>()?;
        if !messages.is_empty() {
            tracing::warn!(connection = %connection.id, orders = messages.len(), "orders wait for a mapping of their articles");
        }
        Ok(self.inbox.send(messages).await?)
    }

    /// The goods of orders that the table doesn't know; the orders are taken in.
    async fn unseen_goods(
        &self,
        connection: &Connection,
        channel: &dyn Marketplace,
    ) -> Result<BTreeSet<Sku>, ConnectionError> {
        let now = self.clock.now();
        let told = channel.newest_orders(now).await?.told;
        let news::Compared { news: unknown, known } =
            news::compare(&self.store, &self.heard, &connection.id, told).await?;
        let goods = news::goods(&self.store, &connection.id, &unknown, &known).await?;
        let messages = unknown.into_iter().map(|told| news::message(connection, told, now));
        self.inbox.send(messages.collect::<Result<_, _>>()?).await?;
        Ok(goods)
    }

    /// Says what is wrong with the key; returns when it dies, if the channel tells.
    async fn check_credential(&self, connection: &Connection, channel: &dyn Marketplace) -> Option<Timestamp> {
        let now = self.clock.now();
        let credential = match channel.credential(now).await {
            Ok(credential) => credential,
            Err(error) => {
                tracing::warn!(connection = %connection.id, %error, "a credential could not be checked");
                return None;
            }
        };
        for problem in &credential.problems {
            tracing::error!(connection = %connection.id, %problem, "a credential lacks something");
        }
        if let Some(expires_at) = credential.expires_at.filter(|at| *at <= now.plus(EXPIRES_SOON)) {
            tracing::error!(connection = %connection.id, %expires_at, "a credential is about to expire; make a new one");
        }
        credential.expires_at
    }

    /// Keeps the findings, drops the beliefs that proved wrong, and asks for pushes.
    async fn repair(&self, connection: &Connection, compared: &Compared) -> Result<(), ConnectionError> {
        self.store.put_findings(&connection.id, &compared.findings).await?;
        for finding in &compared.findings {
            let Finding { warehouse, sku, article, drift, .. } = finding;
            tracing::warn!(connection = %connection.id, %warehouse, ?sku, %article, actual = drift.actual, desired = drift.desired, reason = ?drift.reason, "a channel shows another number");
        }
        self.store.put_shown(&compared.doubts).await?;
        let now = self.clock.now();
        let cause = Cause::new(format!("reconcile:{}", now.millis()))
            .map_err(<serde_json::Error as serde::ser::Error>::custom)?;
        let skus: BTreeMap<Sku, Cause> = compared.skus().map(|sku| (sku, cause.clone())).collect();
        let messages = pushes(&connection.id, &skus.into_iter().collect::<Vec<_>>(), cause.as_str())?;
        Ok(self.push.send(messages).await?)
    }
}

fn failed(connection: &ConnectionId, reason: String) -> Summary {
    tracing::error!(%connection, %reason, "a connection could not be reconciled");
    Summary { problem: Some(reason), ..Summary::empty(connection) }
}

impl Summary {
    fn empty(connection: &ConnectionId) -> Self {
        Self { connection: connection.clone(), listings: 0, drift_units: 0, findings: Vec::new(), problem: None }
    }
}
