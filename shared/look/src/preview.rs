//! What a channel would be told if its connection were live, beside what it shows: before the first number is written, or after a
//! pause.

use std::collections::BTreeMap;

use edin_channels::{is_told, pace};
use edin_domain::connection::Mode;
use edin_domain::listing::{Listing, Offer, Policy};
use edin_domain::offer::due;
use edin_domain::{Connection, ConnectionId, Sku, Timestamp, WarehouseId};
use edin_store::partition::Glance;
use edin_store::seen::Seen;
use edin_store::{Store, StoreError};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::LookError;

/// What one connection's channel would be told.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// Which.
    pub connection: ConnectionId,
    /// How far it may go now.
    pub mode: Mode,
    /// When its shelves were read last while nothing was told; none if they weren't, or can't be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// How many listings there are.
    pub listings: usize,
    /// Those that would be told another number than they show, and those of which that isn't known, by SKU.
    pub rows: Vec<Row>,
}

/// A listing that would be told a number.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The good.
    pub sku: Sku,
    /// The channel's warehouse.
    pub warehouse: WarehouseId,
    /// What the channel shows; none if that isn't known.
    pub showing: Option<u32>,
    /// What it would be told, step by step.
    pub offer: Offer,
    /// How many it may offer.
    pub policy: Policy,
}

impl Preview {
    /// The rows of which it is known that another number is shown.
    pub fn changing(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.showing.is_some())
    }
}

/// How many SKUs are read at the same time.
const AT_ONCE: usize = 16;

/// Works out what the channel would be told now. Of one that is live, that is what it will be told next.
///
/// # Errors
/// If the table can't be read.
pub async fn preview(store: &Store, connection: &Connection, now: Timestamp) -> Result<Preview, LookError> {
    // A shelf is kept only while nothing is told; later on what is kept is old, and there is a belief.
    let seen = if connection.is_live() { BTreeMap::new() } else { store.seen(&connection.id).await? };
    let live = connection.clone().in_mode(Mode::Live, now);
    let look = Look { connection: &live, seen: &seen, now };
    let (mut rows, mut listings) = (Vec::new(), 0);
    let mut page = store.listings_after(&connection.id, None).await?;
    loop {
        let glance = &store.glance();
        let read = page.listings.iter().map(|listing| look.row(glance, listing));
        let read: Vec<Option<Row>> = stream::iter(read.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        listings += read.len();
        rows.extend(read.into_iter().flatten());
        if page.is_last() {
            break;
        }
        page = store.listings_after(&connection.id, Some(page)).await?;
    }
    let read_at = seen.values().map(|seen| seen.at).min();
    Ok(Preview { connection: connection.id.clone(), mode: connection.mode, read_at, listings, rows })
}

/// What a row is made of besides its listing.
struct Look<'a> {
    /// As it would be.
    connection: &'a Connection,
    seen: &'a BTreeMap<WarehouseId, Seen>,
    now: Timestamp,
}

impl Look<'_> {
    /// None if the channel shows what it would be told, or would be told nothing.
    async fn row(&self, glance: &Glance<'_>, listing: &Listing) -> Result<Option<Row>, StoreError> {
        let Self { connection, seen, now } = *self;
        let sellable = glance.sellable(&listing.key.sku).await?;
        let Some(product) = &sellable.partition.product else { return Ok(None) };
        let shown = sellable.partition.shown(&listing.key);
        let due = due(listing, product, connection, pace(connection), &sellable.stock, &shown, now);
        let seen = seen.get(&listing.key.warehouse).and_then(|seen| seen.numbers.get(&listing.key.sku).copied());
        let believed = || shown.estimate(due.tally).filter(|_| is_told(connection.channel()));
        let showing = seen.or_else(believed);
        let is_as_it_would_be = showing == Some(due.offer.quantity) || due.is_left_in_peace();
        let row = || Row {
            sku: listing.key.sku.clone(),
            warehouse: listing.key.warehouse.clone(),
            showing,
            policy: connection.policy(listing),
            offer: due.offer,
        };
        Ok((!is_as_it_would_be).then(row))
    }
}
