//! What was sold of a SKU lately: in the SKU's partition, so that the Query that decides brings it along.

use edin_domain::Sku;
use edin_domain::demand::Demand;

use crate::access::{Condition, Consistency};
use crate::item::{key, read, unreadable, write};
use crate::{Store, StoreError, keys};

impl Store {
    /// Writes what was sold lately. Its version is one above the stored one.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if somebody else wrote first: read it again.
    pub async fn put_demand(&self, sku: &Sku, demand: &Demand) -> Result<(), StoreError> {
        let item = write(&keys::demand(sku), demand)?;
        self.put_one(&self.tables.stock, item, Condition::over(demand.version.saturating_sub(1))).await
    }

    /// What was sold of these SKUs lately; those of which nothing is known are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn demand(&self, of: impl IntoIterator<Item = Sku>) -> Result<Vec<(Sku, Demand)>, StoreError> {
        let keys = of.into_iter().map(|sku| keys::demand(&sku));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Strong).await?;
        let one = |item| {
            let at = key(&item);
            let sku = keys::sku_of(&at.pk).ok_or_else(|| unreadable(&at, "its key is not a SKU's"))?;
            Ok((sku, read(item)?))
        };
        items.into_iter().map(one).collect()
    }
}
