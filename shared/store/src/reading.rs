//! How the reading of a connection's orders goes: why it fails, and which orders it can't make sense of.

use std::collections::BTreeMap;

use edin_domain::{ConnectionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{key, read, write};
use crate::{Store, StoreError, keys};

/// How one reading of a connection's orders goes. Written by that reading alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingState {
    /// Why it failed last; none if it went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Trouble>,
    /// What is wrong with the orders that it left out, wholly or in part, by the channel's name of each; the first [`NAMED`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, Trouble>,
    /// How many more it left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u64,
}

/// What is wrong, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// When it was found first and hasn't gone since.
    pub since: Timestamp,
    /// What is wrong, in words for a person.
    pub reason: String,
}

/// So many orders that can't be read are named.
pub const NAMED: usize = 100;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl ReadingState {
    /// The same with what another reading of the connection left out.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.failing = self.failing.or(other.failing);
        for (order, trouble) in other.left_out {
            self.left_out.entry(order).or_insert(trouble);
        }
        self.more = self.more.max(other.more);
        self
    }
}

impl Store {
    /// How the readings of these connections go, by connection and feed; those that never had any trouble are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reading_states(
        &self,
        of: impl IntoIterator<Item = (ConnectionId, &'static str)>,
    ) -> Result<BTreeMap<(ConnectionId, &'static str), ReadingState>, StoreError> {
        let ids: BTreeMap<_, _> = of.into_iter().map(|(id, feed)| (keys::reading(&id, feed), (id, feed))).collect();
        let items = self.get_many(&self.tables.stock, ids.keys().cloned(), Consistency::Strong).await?;
        let named = items.into_iter().filter_map(|item| Some((ids.get(&key(&item))?.clone(), read(item))));
        named.map(|(id, state)| Ok((id, state?))).collect()
    }

    /// Notes how a reading goes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_reading_state(
        &self,
        connection: &ConnectionId,
        feed: &str,
        state: &ReadingState,
    ) -> Result<(), StoreError> {
        let item = write(&keys::reading(connection, feed), state)?;
        self.put_one(&self.tables.stock, item, Condition::None).await
    }
}
