//! What there is to push, and what the channel has sold.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::client::StockRow;
use edin_channels::pace;
use edin_channels::told::Told;
use edin_domain::listing::{Listing, ListingKey};
use edin_domain::offer::{Due, due};
use edin_domain::shown::{Decision, Shown};
use edin_domain::{Cause, Connection, OrderId, Sku, Timestamp, WarehouseId};
use edin_store::partition::Sellable;
use edin_store::{Store, StoreError};
use edin_trade::news;
use futures::{StreamExt, TryStreamExt, stream};

use crate::{Skus, lane};

/// How many SKUs are read at the same time.
const AT_ONCE: usize = 16;

/// A listing, and what it shall show.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) key: ListingKey,
    pub(crate) listing: Listing,
    pub(crate) components: BTreeSet<Sku>,
    pub(crate) due: Due,
    pub(crate) shown: Shown,
    pub(crate) cause: Cause,
}

impl Row {
    pub(crate) fn stock(&self) -> StockRow {
        StockRow { ids: self.listing.ids.clone(), quantity: self.due.offer.quantity }
    }
}

impl lane::Row for Row {
    fn key(&self) -> &ListingKey {
        &self.key
    }

    fn cause(&self) -> &Cause {
        &self.cause
    }

    fn says(&self) -> String {
        format!("{} units", self.due.offer.quantity)
    }

    fn lag(&self, now: Timestamp) -> Option<u64> {
        let told = self.shown.acknowledged?;
        let lag = now.since(self.due.changed_at.filter(|_| told.version != self.due.version)?);
        u64::try_from(lag.as_millis()).ok()
    }
}

/// What is due now, and what not before when.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    pub(crate) due: Vec<Row>,
    pub(crate) waits: Vec<(Sku, Timestamp)>,
}

impl Sight {
    pub(crate) fn of(rows: Vec<Row>) -> Self {
        let mut sight = Self::default();
        for row in rows {
            match row.due.decision {
                Decision::UpToDate | Decision::Withheld => {}
                Decision::Push => sight.due.push(row),
                Decision::Wait(until) => sight.waits.push((row.key.sku, until)),
            }
        }
        sight
    }
}

/// The rows of each warehouse, as they are written.
pub(crate) fn by_warehouse(rows: Vec<Row>) -> BTreeMap<WarehouseId, Vec<Row>> {
    let mut warehouses = BTreeMap::<_, Vec<_>>::new();
    rows.into_iter().for_each(|row| warehouses.entry(row.key.warehouse.clone()).or_default().push(row));
    warehouses
}

/// The connection's listings of the SKUs.
pub(crate) async fn rows(
    store: &Store,
    connection: &Connection,
    skus: &Skus,
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let glance = &store.glance();
    let read = skus.iter().map(|(sku, cause)| async move { Ok((cause, glance.sellable(sku).await?)) });
    let read: Vec<_> = stream::iter(read.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
    Ok(read.into_iter().flat_map(|(cause, sellable)| of_one(connection, cause, &sellable, now)).collect())
}

fn of_one(connection: &Connection, cause: &Cause, sellable: &Sellable, now: Timestamp) -> Vec<Row> {
    let Sellable { partition, stock } = sellable;
    let Some(product) = &partition.product else { return Vec::new() };
    let listings = partition.listings.iter().filter(|listing| listing.key.connection == connection.id);
    let row = |listing: &Listing| {
        let shown = partition.shown(&listing.key);
        Row {
            key: listing.key.clone(),
            listing: listing.clone(),
            components: product.components().into_keys().collect(),
            due: due(listing, product, connection, pace(connection), stock, &shown, now),
            shown,
            cause: cause.clone(),
        }
    };
    listings.map(row).collect()
}

/// Those of the orders that a write of ours may meet.
pub(crate) fn recent(orders: Vec<Told>, now: Timestamp) -> Vec<Told> {
    let oldest = now.minus(news::RECENT);
    let is_recent = |told: &Told| told.orders.iter().any(|(_, state)| state.placed_at().is_none_or(|at| at >= oldest));
    orders.into_iter().filter(is_recent).collect()
}

/// Their ids.
pub(crate) fn orders(told: &[Told]) -> BTreeSet<OrderId> {
    told.iter().flat_map(|told| told.orders.iter().map(|(id, _)| id.clone())).collect()
}
