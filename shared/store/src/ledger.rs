//! The ledger: one row for every version of every level.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::stock::{Entry, Place};
use edin_domain::{LocationId, Sku, Timestamp};

use crate::access::Consistency;
use crate::item::{Item, key, read, write};
use crate::{Store, StoreError, changes, keys};

/// Two that change a level one after the other may tell the time in the other order, by no more than this.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

/// A row, with the level that it is of.
pub(crate) fn row_from(item: Item) -> Result<(Place, Entry), StoreError> {
    let at = key(&item);
    let place = keys::ledgered(&at.pk, &at.sk).ok_or_else(|| crate::access::misplaced(&item))?;
    Ok((place, read(item)?))
}

impl Store {
    /// Writes rows, and along with them, in one call, a note of whose stock has changed by `now`; `id` tells the note from others
    /// of the same moment. Writing a row again changes nothing. One that is named twice is written once,
    /// because DynamoDB refuses a batch that names a key twice.
    ///
    /// # Errors
    /// [`StoreError`]; some may be written then.
    pub async fn put_ledger(&self, rows: &[(Place, Entry)], now: Timestamp, id: &str) -> Result<(), StoreError> {
        let keyed = rows.iter().map(|(place, entry)| {
            let key = keys::ledger(place, entry.version);
            write(&key, entry).map(|item| (key, item))
        });
        let mut items: Vec<_> = keyed.collect::<Result<BTreeMap<_, _>, _>>()?.into_values().collect();
        items.extend(changes::note(rows.iter().map(|(place, _)| place.sku.clone()).collect(), now, id)?);
        self.put_many(&self.tables.stock, items).await
    }

    /// All rows of a SKU, by location and version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ledger(&self, sku: &Sku) -> Result<Vec<(LocationId, Entry)>, StoreError> {
        let items = self.partition_of(&self.tables.stock, keys::ledger_of(sku), "", Consistency::Strong).await?;
        items.into_iter().map(|item| row_from(item).map(|(place, entry)| (place.location, entry))).collect()
    }

    /// The last `count` rows of one level, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ledger_end(&self, place: &Place, count: usize) -> Result<Vec<Entry>, StoreError> {
        let (pk, prefix) = (keys::ledger_of(&place.sku), format!("{}#", place.location));
        let rows = self.last_of(&self.tables.stock, pk, &prefix, count).await?;
        rows.into_iter().map(read).collect()
    }

    /// The rows of one level that were written after `since`, oldest first. However long the ledger is, no more of it is read: a
    /// level's versions rise with time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ledger_since(&self, place: &Place, since: Timestamp) -> Result<Vec<Entry>, StoreError> {
        let (pk, prefix) = (keys::ledger_of(&place.sku), format!("{}#", place.location));
        let begin = since.minus(CLOCKS_DIFFER);
        let is_later = |item: &Item| !matches!(read::<Entry>(item.clone()), Ok(entry) if entry.at <= begin);
        let rows = self.last_while(&self.tables.stock, pk, &prefix, is_later).await?;
        let entries: Vec<Entry> = rows.into_iter().rev().map(read).collect::<Result<_, _>>()?;
        Ok(entries.into_iter().filter(|entry| entry.at > since).collect())
    }
}
