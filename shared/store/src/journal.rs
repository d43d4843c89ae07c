//! What happened and wants to be found again: oversells, pulls of a price list, events that nobody could make sense of.

use edin_domain::oversell::Verdict;
use edin_domain::stock::Place;
use edin_domain::{Cause, ConnectionId, LocationId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{read, write};
use crate::{Store, StoreError, keys};

/// An incident: more was sold than there was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oversell {
    /// When it came to light.
    pub at: Timestamp,
    /// The good that was sold too often.
    pub sku: Sku,
    /// Where it was taken from.
    pub location: LocationId,
    /// The version of the level that it made.
    pub version: u64,
    /// Units short by it.
    pub units: i64,
    /// The event that brought it.
    pub cause: Cause,
    /// The orders that took the units, as `connection/order`.
    pub orders: Vec<String>,
    /// Whether anything of ours could have prevented it.
    pub verdict: Verdict,
}

/// A channel fetched its price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// When the channel asked.
    pub at: Timestamp,
    /// The HTTP status that it was answered with.
    pub status: u16,
    /// The list's ETag, which a channel that has the list already sends along.
    pub etag: String,
    /// Offers in it.
    pub offers: u64,
    /// Offers of those that could be bought.
    pub on_sale: u64,
    /// Its length in bytes; 0 where the channel was told that it has it already.
    pub bytes: u64,
}

impl Pull {
    /// Whether a list was handed out, or the channel was told that it has it.
    const fn is_good(&self) -> bool {
        self.status < 400
    }
}

#[derive(Serialize)]
struct Kept<'a, T> {
    #[serde(flatten)]
    what: &'a T,
    /// Seconds since the epoch, as DynamoDB's TTL wants them.
    expires_at: i64,
}

/// An event of a type that is not documented, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownEvent {
    /// What the channel calls its type.
    pub kind: String,
    /// Its body as it came, for the person who finds out what it is.
    pub body: String,
}

/// So many pulls are looked at for the last good one.
const LOOKED_AT: usize = 100;

const fn expiry(at: Timestamp) -> i64 {
    let kept = 30 * 24 * 3600;
    at.millis() / 1_000 + kept
}

impl Store {
    /// Records an oversell. The first verdict stands: it was found while everything was as it was then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_oversell(&self, oversell: &Oversell) -> Result<(), StoreError> {
        let place = Place { sku: oversell.sku.clone(), location: oversell.location.clone() };
        let item = write(&keys::oversell(oversell.at, &place, oversell.version), oversell)?;
        match self.put_one(&self.tables.stock, item, Condition::New).await {
            Err(StoreError::Stale { .. }) => Ok(()),
            other => other,
        }
    }

    /// The oversells of a month, such as `2026-11`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oversells(&self, month: &str) -> Result<Vec<Oversell>, StoreError> {
        let items = self.partition_of(&self.tables.stock, keys::oversells(month), "", Consistency::Strong).await?;
        items.into_iter().map(read).collect()
    }

    /// Records that a price list was pulled. One that was handed out is kept apart as well: however often a list is refused
    /// after it, the last good one is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_pull(&self, connection: &ConnectionId, pull: &Pull) -> Result<(), StoreError> {
        if pull.is_good() {
            let item = write(&keys::last_pull(connection), pull)?;
            self.put_one(&self.tables.stock, item, Condition::None).await?;
        }
        let item = write(&keys::pull(connection, pull.at), &Kept { what: pull, expires_at: expiry(pull.at) })?;
        self.put_one(&self.tables.stock, item, Condition::None).await
    }

    /// The last pull that was answered with a list.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_pull(&self, connection: &ConnectionId) -> Result<Option<Pull>, StoreError> {
        if let Some(item) = self.get(&self.tables.stock, &keys::last_pull(connection), Consistency::Strong).await? {
            return read(item).map(Some);
        }
        // What was pulled before good lists were kept apart.
        let items = self.last_of(&self.tables.stock, keys::connection_of(connection), "PULL#", LOOKED_AT).await?;
        let pulls: Vec<Pull> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(pulls.into_iter().find(Pull::is_good))
    }

    /// The pulls of the last 30 days, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pulls(&self, connection: &ConnectionId) -> Result<Vec<Pull>, StoreError> {
        let pk = keys::connection_of(connection);
        let items = self.partition_of(&self.tables.stock, pk, "PULL#", Consistency::Strong).await?;
        items.into_iter().map(read).collect()
    }

    /// Keeps an event of a type that is not documented, for a person to look at. It may tell of a person, so it goes into the
    /// table of those.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_unknown_event(
        &self,
        connection: &ConnectionId,
        kind: &str,
        body: &str,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        let event = UnknownEvent { kind: kind.to_owned(), body: body.to_owned() };
        let key = keys::unknown_event(connection, at, cause.as_str());
        let item = write(&key, &Kept { what: &event, expires_at: expiry(at) })?;
        self.put_one(&self.tables.customers, item, Condition::None).await
    }

    /// The events of the last 30 days that are kept for a person, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unknown_events(&self, connection: &ConnectionId) -> Result<Vec<UnknownEvent>, StoreError> {
        let pk = keys::unknown_events_of(connection);
        let items = self.partition_of(&self.tables.customers, pk, "", Consistency::Strong).await?;
        items.into_iter().map(read).collect()
    }
}
