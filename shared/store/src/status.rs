//! How each connection is, as it was found last.

use std::collections::BTreeMap;

use edin_domain::{ConnectionId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{key, read, write};
use crate::{Store, StoreError, keys};

/// How far a connection's orders were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When the reading began that had all of them: the next one asks for what changed since, and a little before.
    pub at: Timestamp,
    /// When the last order was made, of those that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sale_at: Option<Timestamp>,
    /// A reading that began later and isn't at its end yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
}

/// A reading of several pages that isn't at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// When it began.
    pub began: Timestamp,
    /// Where its next page begins, in the channel's own words.
    pub next: String,
    /// Pages that it has read.
    pub pages: u32,
    /// When it is to go on.
    pub go_on_at: Timestamp,
}

/// How a connection is, as the last reconciliation found it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// When it was found so.
    pub at: Timestamp,
    /// How many listings it has, paused and ended ones included.
    pub listings: u64,
    /// Those whose number the channel hasn't taken yet.
    #[serde(default)]
    pub due: u64,
    /// What waits longest, and since when.
    #[serde(default)]
    pub waiting: BTreeMap<String, Timestamp>,
    /// Since when the one waits that waits longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_since: Option<Timestamp>,
    /// When the next of them may be told, where the channel sets a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<Timestamp>,
    /// When the channel took or pulled a number last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// From a change of stock until the channel took the number: the median of the listings of the last hour, in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    /// What the channel refuses; the first few.
    #[serde(default)]
    pub refused: Vec<Refused>,
    /// Units by which it showed something else than it should.
    #[serde(default)]
    pub drift_units: u64,
    /// When its key dies, if the channel tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_expires_at: Option<Timestamp>,
    /// What is wrong with its key, in words for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_problems: Vec<String>,
    /// Why it couldn't be looked at, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A number that a channel refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The good whose number it is.
    pub sku: Sku,
    /// The channel's code for it.
    pub code: String,
    /// The channel's words.
    pub message: String,
}

impl Store {
    /// How far a topic of a connection was read; none if never.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn progress(&self, connection: &ConnectionId, topic: &str) -> Result<Option<Progress>, StoreError> {
        let item = self.get(&self.tables.stock, &keys::progress(connection, topic), Consistency::Strong).await?;
        item.map(read).transpose()
    }

    /// Notes how far a topic of a connection was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_progress(
        &self,
        connection: &ConnectionId,
        topic: &str,
        progress: Progress,
    ) -> Result<(), StoreError> {
        let item = write(&keys::progress(connection, topic), &progress)?;
        self.put_one(&self.tables.stock, item, Condition::None).await
    }

    /// Notes how a connection is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_status(&self, connection: &ConnectionId, status: &Status) -> Result<(), StoreError> {
        let item = write(&keys::status(connection), status)?;
        self.put_one(&self.tables.stock, item, Condition::None).await
    }

    /// How connections are; those that nobody looked at yet are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statuses(
        &self,
        of: impl IntoIterator<Item = ConnectionId>,
    ) -> Result<BTreeMap<ConnectionId, Status>, StoreError> {
        let ids: BTreeMap<_, _> = of.into_iter().map(|id| (keys::status(&id), id)).collect();
        let items = self.get_many(&self.tables.stock, ids.keys().cloned(), Consistency::Eventual).await?;
        let named = items.into_iter().filter_map(|item| Some((ids.get(&key(&item))?.clone(), read(item))));
        named.map(|(id, status)| Ok((id, status?))).collect()
    }
}
