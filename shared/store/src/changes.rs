//! Whose stock has changed, by when it was noticed: for who keeps a copy of it.
//!
//! A note lists the goods of one batch of the stream. Notes are kept by the hour, and for a week.

use std::collections::BTreeSet;
use std::time::Duration;

use edin_domain::{Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::page;
use crate::item::{Item, key, read, string, write};
use crate::{Store, StoreError, keys};

/// So long are notes kept.
pub const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// A note may come into the table so long after the time that it bears: who has read all of them reads those of this while again.
const LATE: Duration = Duration::from_secs(30);
/// Notes that are read at once.
const AT_ONCE: i32 = 100;

#[derive(Debug, Serialize, Deserialize)]
struct NoteItem {
    skus: BTreeSet<Sku>,
    /// Seconds since 1970, for the table's time to live.
    expires_at: i64,
}

/// How far changes were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position(String);

impl Position {
    /// Where reading begins for who knows all that was at `at`.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(keys::noted_at(at.minus(LATE)))
    }

    /// Reads one that was handed out; none if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic());
        keys::noted(text).filter(|_| is_plain).map(|_| Self(text.to_owned()))
    }

    /// As it is handed out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether notes after it may have been deleted by `now`.
    #[must_use]
    pub fn is_too_old(&self, now: Timestamp) -> bool {
        now.since(self.time()) > KEPT
    }

    fn time(&self) -> Timestamp {
        keys::noted(&self.0).unwrap_or(Timestamp::from_millis(0))
    }
}

/// Goods whose stock has changed, and how far that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The goods, each once. Some may be told again.
    pub skus: BTreeSet<Sku>,
    /// Where to go on.
    pub next: Position,
    /// Whether there are more by now.
    pub has_more: bool,
}

/// A note that the stock of these goods has changed; none if there are none. `id` tells notes of the same moment apart.
pub(crate) fn note(skus: BTreeSet<Sku>, at: Timestamp, id: &str) -> Result<Option<Item>, StoreError> {
    let expires_at = at.plus(KEPT).millis() / 1_000;
    let note = |skus| write(&keys::change(at, id), &NoteItem { skus, expires_at });
    Some(skus).filter(|skus| !skus.is_empty()).map(note).transpose()
}

impl Store {
    /// The goods whose stock has changed since `position`: of as many notes as it takes for `count` goods, and of all of the last
    /// of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn changes_since(
        &self,
        position: &Position,
        count: usize,
        now: Timestamp,
    ) -> Result<Changes, StoreError> {
        let mut changes = Changes { skus: BTreeSet::new(), next: position.clone(), has_more: true };
        for hour in keys::hours(position.time(), now) {
            let mut from = None;
            loop {
                let (notes, next) = page(self.notes_after(hour, &changes.next), from).await?;
                for note in notes {
                    if changes.skus.len() >= count {
                        return Ok(changes);
                    }
                    changes.next = Position(key(&note).sk);
                    changes.skus.extend(read::<NoteItem>(note)?.skus);
                }
                match next {
                    None => break,
                    next => from = next,
                }
            }
        }
        // Not behind the last note: one that is late comes in before it.
        (changes.next, changes.has_more) = (Position::at(now), false);
        Ok(changes)
    }

    fn notes_after(&self, hour: i64, position: &Position) -> crate::access::Query {
        let query = self.client.query().table_name(&self.tables.stock).limit(AT_ONCE).consistent_read(true);
        query
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", string(keys::changes_of(hour)))
            .expression_attribute_values(":after", string(position.as_str()))
    }
}
