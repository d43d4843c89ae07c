//! What the shelves of a connection showed when they were read last, kept while its channel is told nothing.

use std::collections::BTreeMap;

use edin_domain::{ConnectionId, Sku, Timestamp, WarehouseId};
use serde::{Deserialize, Serialize};

use crate::access::Consistency;
use crate::item::{key, read, write};
use crate::{Store, StoreError, keys};

/// What one warehouse of a channel showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When it was read.
    pub at: Timestamp,
    /// The number of each listing. What the channel left out it shows none of.
    pub numbers: BTreeMap<Sku, u32>,
}

/// So many numbers fit into an item, whatever their SKUs are called.
const AT_ONCE: usize = 500;

impl Seen {
    /// The pieces that fit into items, one at least.
    fn pieces(&self) -> Vec<Self> {
        let all: Vec<_> = self.numbers.iter().collect();
        let piece = |some: &[(&Sku, &u32)]| Self {
            at: self.at,
            numbers: some.iter().map(|(sku, units)| ((*sku).clone(), **units)).collect(),
        };
        match all.is_empty() {
            true => vec![self.clone()],
            false => all.chunks(AT_ONCE).map(piece).collect(),
        }
    }

    /// Puts a piece to the others; those of an earlier reading count no more, however many it had.
    fn add(&mut self, piece: Self) {
        match piece.at.cmp(&self.at) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => self.numbers.extend(piece.numbers),
            std::cmp::Ordering::Greater => *self = piece,
        }
    }
}

impl Store {
    /// Keeps what a warehouse shows, in the place of what was kept before.
    ///
    /// # Errors
    /// [`StoreError`]; a part may be kept by then.
    pub async fn put_seen(
        &self,
        connection: &ConnectionId,
        warehouse: &WarehouseId,
        seen: &Seen,
    ) -> Result<(), StoreError> {
        let pieces = seen.pieces().into_iter().enumerate();
        let items = pieces.map(|(number, piece)| write(&keys::seen(connection, warehouse, number), &piece));
        self.put_many(&self.tables.stock, items.collect::<Result<_, _>>()?).await
    }

    /// What the warehouses of a connection showed when they were read last; those that never were are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seen(&self, connection: &ConnectionId) -> Result<BTreeMap<WarehouseId, Seen>, StoreError> {
        let pk = keys::connection_of(connection);
        let items = self.partition_of(&self.tables.stock, pk, keys::SEEN, Consistency::Strong).await?;
        let mut seen = BTreeMap::<WarehouseId, Seen>::new();
        for item in items {
            let Some(warehouse) = keys::seen_at(&key(&item).sk) else { continue };
            seen.entry(warehouse).or_default().add(read(item)?);
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(at: i64, numbers: usize) -> Seen {
        let number = |number| (Sku::new(format!("SKU-{number}")).unwrap(), 1);
        Seen { at: Timestamp::from_millis(at), numbers: (0..numbers).map(number).collect() }
    }

    #[test]
    fn a_long_reading_is_put_together_from_its_pieces_and_an_older_one_leaves_nothing_behind() {
        let (older, newer) = (seen(1, 1_700), seen(2, 1_100));
        assert_eq!((older.pieces().len(), newer.pieces().len(), seen(1, 0).pieces().len()), (4, 3, 1));
        for kept in [[older.pieces(), newer.pieces()].concat(), [newer.pieces(), older.pieces()].concat()] {
            let mut read = Seen::default();
            kept.into_iter().for_each(|piece| read.add(piece));
            assert_eq!(read, newer);
        }
    }
}
