//! Opening a connection to its channel, behind the durable limiter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use edin_channels::client::line::Lines;
use edin_channels::client::{CanNotOpen, ChannelError, Client, Gate, Held, Opening};
use edin_channels::facts::BadAccount;
use edin_domain::limiter::{Draw, Limit};
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_store::{Store, StoreError};

use crate::readings::Readings;
use edin_platform::{Clock, QueueError, SecretError, Secrets};

/// Opens connections. Cheap to clone; keeps HTTP connections open from one event to the next.
#[derive(Clone)]
pub struct Channels {
    store: Store,
    secrets: Secrets,
    clock: Arc<dyn Clock>,
    lines: Arc<Lines>,
    readings: Readings,
    haste: Haste,
}

/// How calls are taken out of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Haste {
    /// All that a push takes, of each of its limits, in one write and down to the last call: for one who tells a channel a number.
    Writes,
    /// One by one, and leaving a part of the burst: what is taken and not used is lost to those who write, and what is read
    /// can be read later.
    Yields,
}

/// Why a connection can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its credentials can't be read just now.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// It lacks something.
    #[error(transparent)]
    CanNotOpen(#[from] CanNotOpen),
}

/// Why the work for a connection couldn't be done. Its messages, or its schedule, come again.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The connection can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its account isn't as its channel reads it, or its channel is none that is known.
    #[error(transparent)]
    Account(#[from] BadAccount),
    /// The channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A message that can't be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is of a connection that nobody set up.
    #[error("there is no connection {0}")]
    Unknown(ConnectionId),
}

impl Channels {
    /// Opens connections with these credentials, behind the limiter in this table.
    #[must_use]
    pub fn new(store: Store, secrets: Secrets, clock: Arc<dyn Clock>) -> Self {
        Self { store, secrets, clock, lines: Arc::default(), readings: Readings::default(), haste: Haste::Writes }
    }

    /// The same over these lines.
    #[must_use]
    pub fn over(self, lines: Arc<Lines>) -> Self {
        Self { lines, ..self }
    }

    /// The same, for one who only reads: it leaves a part of what the channels allow to those who tell them numbers.
    #[must_use]
    pub fn yielding(self) -> Self {
        Self { haste: Haste::Yields, ..self }
    }

    /// The same, with a memory that others in this process share.
    #[must_use]
    pub fn sharing(self, readings: Readings) -> Self {
        Self { readings, ..self }
    }

    /// What was read of the newest orders just now.
    #[must_use]
    pub const fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Opens a connection for the work of one event.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(&self, connection: &Connection) -> Result<Box<dyn Client>, OpenError> {
        let facts = edin_channels::facts_of(connection)
            .map_err(|error| CanNotOpen::Account { connection: connection.id.to_string(), error })?;
        let credentials = self.secrets.of(&connection.id).await?;
        let gate = Limiter {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            connection: connection.id.clone(),
            haste: self.haste,
            push: facts.stock.limits(),
            leases: Mutex::default(),
        };
        let opening = Opening { connection, credentials: &credentials, gate: Arc::new(gate), lines: &self.lines };
        Ok(edin_channels::open(&opening)?)
    }
}

/// Lets calls pass by the buckets in the table, for the time of one event.
struct Limiter {
    store: Store,
    clock: Arc<dyn Clock>,
    connection: ConnectionId,
    haste: Haste,
    /// The limits of one who tells the channel numbers.
    push: &'static [&'static Limit],
    /// Calls that were taken from a bucket at once and aren't made yet, by group; none where none were taken yet.
    leases: Mutex<BTreeMap<&'static str, u32>>,
}

/// What a call waits at most, in all, rather than be put off to a later event.
const WORTH_WAITING: Duration = Duration::from_millis(1_500);
/// A table that doesn't answer lets nothing pass for so long.
const TABLE_TROUBLE: Duration = Duration::from_secs(2);

#[async_trait]
impl Gate for Limiter {
    async fn pass(&self, limit: &Limit) -> Result<(), Held> {
        if self.take_lease(limit) {
            return Ok(());
        }
        let (draw, along) = match self.haste {
            Haste::Writes => (Draw { calls: limit.lease, spare: 0 }, self.unleased(limit)),
            Haste::Yields => (Draw { calls: 1, spare: limit.burst / 3 }, Vec::new()),
        };
        let mut patience = WORTH_WAITING;
        loop {
            let now = self.clock.now();
            match self.store.take_calls(&self.connection, (limit, draw), &along, now).await {
                Ok(Ok(taken)) => {
                    self.keep_lease(limit, draw.calls.saturating_sub(1));
                    taken.into_iter().for_each(|limit| self.keep_lease(limit, limit.lease));
                    return Ok(());
                }
                Ok(Err(until)) => {
                    let wait = until.since(now);
                    patience = patience.checked_sub(wait).ok_or(Held { until })?;
                    tokio::time::sleep(wait).await;
                }
                Err(error) => return Err(self.trouble(limit, &error)),
            }
        }
    }

    async fn charge(&self, limit: &Limit, calls: u32, shut_for: Option<Duration>) -> Timestamp {
        if shut_for.is_some() {
            self.keep_lease(limit, 0);
        }
        let now = self.clock.now();
        match self.store.charge_calls(&self.connection, limit, calls, shut_for, now).await {
            Ok(next) => next,
            Err(error) => self.trouble(limit, &error).until,
        }
    }
}

impl Limiter {
    fn take_lease(&self, limit: &Limit) -> bool {
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        match leases.get_mut(limit.group) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    /// What a push takes along with a first call: of the limits that nothing was taken of yet.
    fn unleased(&self, limit: &Limit) -> Vec<&'static Limit> {
        let leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        let is_untouched = |other: &&&Limit| other.group != limit.group && !leases.contains_key(other.group);
        self.push.iter().filter(is_untouched).copied().collect()
    }

    fn keep_lease(&self, limit: &Limit, calls: u32) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).insert(limit.group, calls);
    }

    fn trouble(&self, limit: &Limit, error: &StoreError) -> Held {
        tracing::warn!(connection = %self.connection, group = limit.group, %error, "the limiter can not be reached");
        Held { until: self.clock.now().plus(TABLE_TROUBLE) }
    }
}
