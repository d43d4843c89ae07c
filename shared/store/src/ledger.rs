//! The ledger: one row for every version of every level.

use std::collections::BTreeMap;

use edin_domain::order::Place;
use edin_domain::stock::Entry;
use edin_domain::{LocationId, Sku};

use crate::access::{Condition, Consistency};
use crate::item::{read, text, write};
use crate::{Store, StoreError, keys};

impl Store {
    /// Writes rows; writing one again changes nothing. One that is named twice is written once, because DynamoDB refuses a
    /// batch that names a key twice.
    ///
    /// # Errors
    /// [`StoreError`]; some may be written then.
    pub async fn put_ledger(&self, rows: &[(Place, Entry)]) -> Result<(), StoreError> {
        let keyed = rows.iter().map(|(place, entry)| {
            let key = keys::ledger(place, entry.version);
            write(&key, entry).map(|item| (key, item))
        });
        let mut items: Vec<_> = keyed.collect::<Result<BTreeMap<_, _>, _>>()?.into_values().collect();
        match items.len() {
            0 => Ok(()),
            1 => match items.pop() {
                Some(item) => self.put_one(&self.tables.stock, item, Condition::None).await,
                None => Ok(()),
            },
            _ => self.put_many(&self.tables.stock, items).await,
        }
    }

    /// All rows of a SKU, by location and version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ledger(&self, sku: &Sku) -> Result<Vec<(LocationId, Entry)>, StoreError> {
        let items = self.partition_of(&self.tables.stock, keys::ledger_of(sku), "", Consistency::Strong).await?;
        let row = |item| {
            let location = text(&item, "sk").split_once('#').and_then(|(location, _)| LocationId::new(location).ok());
            let location = location.ok_or_else(|| crate::access::misplaced(&item))?;
            Ok((location, read(item)?))
        };
        items.into_iter().map(row).collect()
    }

    /// The rows of one level after `version`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ledger_after(&self, place: &Place, version: u64) -> Result<Vec<Entry>, StoreError> {
        let (pk, prefix) = (keys::ledger_of(&place.sku), format!("{}#", place.location));
        let rows = self.partition_of(&self.tables.stock, pk, &prefix, Consistency::Strong);
        let entries: Vec<Entry> = rows.await?.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(entries.into_iter().filter(|entry| entry.version > version).collect())
    }
}
