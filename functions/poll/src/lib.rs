//! A schedule: the orders of channels that don't call us, and those that a channel forgot to tell, into the inbox queue.
//!
//! Two readings, each on its own schedule: the newest orders, often and cheaply; and every order that changed and all that came
//! back, each from where the last such reading began, with an overlap. What the table knows already is left out. A reading that
//! fails changes nothing: the next one reads the same again.

mod noted;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use edin_channels::client::{Accept, ChannelError, Client};
use edin_channels::told::{Orders, Told};
use edin_domain::order::{Milestone, OrderKey, OrderState};
use edin_domain::{Connection, ConnectionId, OrderId, Timestamp};
use edin_platform::channels::{Channels, ConnectionError};
use edin_platform::news::{Heard, compare, message};
use edin_platform::{Clock, Metric, Metrics, Queue, batch};
use edin_store::catalogue::Connections;
use edin_store::status::Cursor;
use edin_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

pub use noted::Noted;

/// The function.
pub struct Poll {
    /// Where orders and cursors are.
    pub store: Store,
    /// How channels are reached.
    pub channels: Channels,
    /// Where orders go.
    pub inbox: Queue,
    /// What the table was found to know.
    pub heard: Heard,
    /// How readings were noted to go.
    pub noted: Noted,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What the schedule says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Which connection; none reads all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// What to read.
    pub read: Reading,
    /// Again and again within a minute, so many seconds apart: a schedule can't be shorter than a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_seconds: Option<u64>,
}

/// What to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The newest orders.
    Newest,
    /// Every order that changed.
    Changes,
}

/// What a channel is asked for at one go. How each goes is noted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// The newest orders.
    Newest,
    /// Every order that changed.
    Changes,
    /// Goods that came back.
    Returns,
}

impl Feed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Changes, Self::Returns];

    /// What the table calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Changes => "changes",
            Self::Returns => "returns",
        }
    }
}

/// How far a reading reaches back behind the beginning of the last one: clocks differ, and channels list late.
const OVERLAP: Duration = Duration::from_secs(600);
/// How far the first reading of a connection reaches back.
const FIRST: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The cursor of a connection's orders.
pub const FEED: &str = "orders";
/// The cursor of goods that came back.
pub const RETURNS: &str = "returns";
/// The shortest time between two events of a schedule.
const MINUTE: Duration = Duration::from_secs(60);

impl Poll {
    /// Reads what the schedule says. Returns the connections that couldn't be read, with the reason.
    ///
    /// # Errors
    /// [`StoreError`] if the connections can't be listed.
    pub async fn handle(&self, event: Event) -> Result<Vec<(ConnectionId, String)>, StoreError> {
        let Connections { known: mut connections, unreadable } = match event.connection {
            Some(id) => Connections { known: self.store.connections_of([id]).await?, ..Connections::default() },
            None => self.store.all_connections().await?,
        };
        connections.retain(|_, connection| !connection.is_over(self.clock.now()));
        let every = event.every_seconds.filter(|every| *every > 0).map(Duration::from_secs);
        let readings = connections.values().map(|connection| async move {
            let failed = self.read_again(connection, event.read, every).await;
            failed.map(|reason| (connection.id.clone(), reason))
        });
        let failed = futures::future::join_all(readings).await.into_iter().flatten();
        Ok(unreadable.into_iter().chain(failed).collect())
    }

    /// Reads a connection once, or so often as fits into a minute. Returns why the last reading failed, if it did.
    async fn read_again(&self, connection: &Connection, reading: Reading, every: Option<Duration>) -> Option<String> {
        let end = self.clock.now().plus(MINUTE);
        loop {
            let began = self.clock.now();
            let failed = batch::guarded(Box::pin(self.read(connection, reading))).await.err();
            if let Some(reason) = &failed {
                tracing::warn!(connection = %connection.id, %reason, "orders could not be read; the next reading begins at the same place");
            }
            if reading == Reading::Changes {
                self.tell_age(&connection.id).await;
            }
            let now = self.clock.now();
            let next = every.map(|every| began.plus(every).max(now)).filter(|next| *next < end);
            let Some(next) = next else { return failed };
            tokio::time::sleep(next.since(now)).await;
        }
    }

    /// How long ago a connection's orders and returns were both read to the end.
    async fn tell_age(&self, connection: &ConnectionId) {
        let now = self.clock.now();
        let cursors = futures::try_join!(self.store.cursor(connection, FEED), self.store.cursor(connection, RETURNS));
        let Ok((orders, returns)) = cursors else { return };
        let read_at = |cursor: Option<Cursor>| cursor.map_or(now.minus(FIRST), |cursor| cursor.at);
        let age = now.since(read_at(orders).min(read_at(returns))).as_secs();
        self.metrics.tell(Metric::ReadingAgeSeconds, Some(connection), i64::try_from(age).ok().as_slice(), now);
    }

    async fn read(&self, connection: &Connection, reading: Reading) -> Result<(), ConnectionError> {
        match reading {
            Reading::Newest => self.read_newest(connection).await,
            Reading::Changes => {
                let orders = self.read_feed(connection, Feed::Changes, FEED).await;
                let returns = self.read_feed(connection, Feed::Returns, RETURNS).await;
                orders.and(returns)
            }
        }
    }

    async fn read_newest(&self, connection: &Connection) -> Result<(), ConnectionError> {
        let now = self.clock.now();
        let (channel, orders) = self.ask(connection, Feed::Newest, now, now).await?;
        let waiting = to_accept(&orders);
        self.take_in(connection, orders.told).await?;
        match channel.acceptance() {
            Some(acceptance) => self.accept(connection, acceptance, waiting).await,
            None => Ok(()),
        }
    }

    /// Reads what a feed tells since its last reading that came to its end. Only then does its cursor move.
    async fn read_feed(&self, connection: &Connection, feed: Feed, name: &str) -> Result<(), ConnectionError> {
        let now = self.clock.now();
        let cursor = self.store.cursor(&connection.id, name).await?;
        let since = cursor.map_or(now.minus(FIRST), |cursor| cursor.at);
        let (_, orders) = self.ask(connection, feed, since.minus(OVERLAP), now).await?;
        let states = orders.told.iter().flat_map(|told| &told.orders);
        let placed = states.filter_map(|(_, state)| state.placed_at()).max();
        self.take_in(connection, orders.told).await?;
        let last_sale_at = placed.max(cursor.and_then(|cursor| cursor.last_sale_at));
        Ok(self.store.put_cursor(&connection.id, name, Cursor { at: now, last_sale_at }).await?)
    }

    /// Asks the channel, and notes how that went.
    async fn ask(
        &self,
        connection: &Connection,
        feed: Feed,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(Box<dyn Client>, Orders), ConnectionError> {
        let asked = self.open_and_ask(connection, feed, since, now).await;
        if let Err(error) = self.note(connection, feed, asked.as_ref().map(|(_, orders)| orders)).await {
            tracing::warn!(connection = %connection.id, %error, "how the reading went could not be noted");
        }
        asked
    }

    async fn open_and_ask(
        &self,
        connection: &Connection,
        feed: Feed,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(Box<dyn Client>, Orders), ConnectionError> {
        let channel = self.channels.open(connection).await?;
        let orders = match (feed, channel.orders()) {
            (_, None) => Orders::default(),
            (Feed::Newest, Some(orders)) => self.channels.readings().read(&connection.id, orders, now).await?,
            (Feed::Changes, Some(orders)) => orders.changed(since, now).await?,
            (Feed::Returns, Some(orders)) => match orders.returns() {
                Some(returns) => returns.returned(since, now).await?,
                None => Orders::default(),
            },
        };
        Ok((channel, orders))
    }

    /// Hands news to intake.
    async fn take_in(&self, connection: &Connection, told: Vec<Told>) -> Result<(), ConnectionError> {
        let compared = compare(&self.store, &self.heard, &connection.id, told).await?;
        if !compared.news.is_empty() {
            tracing::info!(connection = %connection.id, orders = compared.news.len(), "orders were read");
        }
        let now = self.clock.now();
        let messages = compared.news.into_iter().map(|told| message(connection, told, now));
        Ok(self.inbox.send(messages.collect::<Result<_, _>>()?).await?)
    }

    /// Accepts some of the orders that wait for it and are recorded; the next reading accepts more. Reading comes first: an
    /// order that isn't read reserves nothing.
    async fn accept(
        &self,
        connection: &Connection,
        channel: &dyn Accept,
        waiting: Vec<OrderId>,
    ) -> Result<(), ConnectionError> {
        if waiting.is_empty() {
            return Ok(());
        }
        let keys = waiting.into_iter().map(|id| OrderKey::new(connection.id.clone(), id));
        let known = self.store.orders(keys.collect::<Vec<_>>()).await?;
        let recorded = known.into_values().filter(|order| order.unmapped().next().is_none()).map(|order| order.key.id);
        for order in recorded.take(ACCEPTED_AT_ONCE) {
            match channel.accept(&order).await {
                Ok(()) => tracing::info!(connection = %connection.id, %order, "an order was accepted"),
                // It was called off just now, or another reading was faster. The next reading tells what it is; the others go on.
                Err(error @ ChannelError::Refused { .. }) => {
                    tracing::warn!(connection = %connection.id, %order, %error, "an order was not accepted");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// How many orders one reading accepts.
const ACCEPTED_AT_ONCE: usize = 4;

/// The orders that wait to be accepted. One that can't be read whole waits for a person.
fn to_accept(orders: &Orders) -> Vec<OrderId> {
    let left_out: BTreeSet<&str> = orders.left_out.iter().map(|left_out| left_out.order.as_str()).collect();
    let waits = |state: &OrderState| {
        state.has(Milestone::Paid) && !state.has(Milestone::Accepted) && !state.has(Milestone::Cancelled)
    };
    let all = orders.told.iter().flat_map(|told| &told.orders);
    let waiting = all.filter(|(id, state)| waits(state) && !left_out.contains(id.as_str()));
    waiting.map(|(id, _)| id.clone()).collect()
}
