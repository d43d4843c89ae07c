//! What is sold, as the demand that adaptive and weighed buffers are made of.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::demand::sells;
use edin_domain::stock::Level;
use edin_domain::{ConnectionId, Sku};
use edin_store::StoreError;
use edin_store::partition::Partition;
use futures::{StreamExt, TryStreamExt, stream};

use crate::Project;

/// How many SKUs are looked at at the same time.
const AT_ONCE: usize = 16;
/// How many bundles of one of them are.
const BUNDLES_AT_ONCE: usize = 4;
/// How often two who write one SKU's demand at the same time try again.
const ATTEMPTS: u32 = 5;

impl Project {
    /// Counts what these changes sold, with one write a SKU at most. What can't be read is left out: the ledger doesn't wait
    /// for an estimate.
    pub(crate) async fn note_demand(&self, changed: impl Iterator<Item = &Level>) -> Result<(), StoreError> {
        let mut sold = BTreeMap::<&Sku, Vec<&Level>>::new();
        for level in changed.filter(|level| sells(level)) {
            sold.entry(&level.place.sku).or_default().push(level);
        }
        let noted = sold.iter().map(|(sku, levels)| self.note_demand_of(sku, levels));
        stream::iter(noted.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn note_demand_of(&self, sku: &Sku, levels: &[&Level]) -> Result<(), StoreError> {
        let mut attempt = 1;
        while let Err(error) = self.count(sku, levels).await {
            match error {
                StoreError::Stale { .. } if attempt < ATTEMPTS => attempt += 1,
                StoreError::Unreadable { .. } => {
                    tracing::warn!(%sku, %error, "what was sold could not be counted as demand");
                    return Ok(());
                }
                error => return Err(error),
            }
        }
        Ok(())
    }

    async fn count(&self, sku: &Sku, levels: &[&Level]) -> Result<(), StoreError> {
        let partition = self.store.partition(sku).await?;
        match partition.demand.with(levels.iter().copied()) {
            Some(demand) if self.is_asked_for(&partition).await? => self.store.put_demand(sku, &demand).await,
            _ => Ok(()),
        }
    }

    /// Whether a listing of the SKU, or of a bundle that it is part of, has a buffer that asks for it, of its own or its
    /// connection's. Reading costs a fifth of the write that it may save.
    async fn is_asked_for(&self, partition: &Partition) -> Result<bool, StoreError> {
        if self.foresees(partition).await? {
            return Ok(true);
        }
        let bundles: Vec<_> = partition.bundles.iter().map(|bundle| self.store.partition(bundle)).collect();
        let bundles: Vec<Partition> = stream::iter(bundles).buffered(BUNDLES_AT_ONCE).try_collect().await?;
        for bundle in &bundles {
            if self.foresees(bundle).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn foresees(&self, partition: &Partition) -> Result<bool, StoreError> {
        let ids: BTreeSet<ConnectionId> =
            partition.listings.iter().map(|listing| listing.key.connection.clone()).collect();
        let connections = self.store.connections_of(ids).await?;
        Ok(partition.listings.iter().any(|listing| {
            let connection = connections.get(&listing.key.connection);
            connection.is_some_and(|connection| connection.policy(listing).buffer.foresees())
        }))
    }
}
