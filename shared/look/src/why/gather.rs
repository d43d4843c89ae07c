//! Finds the answer in the tables.

use std::collections::BTreeSet;

use edin_channels::{is_told, pace};
use edin_domain::listing::Listing;
use edin_domain::offer::{Due, due};
use edin_domain::order::{OrderKey, effect};
use edin_domain::shown::{Decision, Shown};
use edin_domain::stock::{Entry, Level, Place};
use edin_domain::{Connection, ConnectionId, OrderId, Sku, Timestamp};
use edin_store::{Store, StoreError};

use super::{LevelSaid, ListingSaid, Reservation, Row, Why};
use crate::LookError;

/// Rows of a level's ledger that are read at least, if there are so many.
const ROWS: usize = 100;

/// Finds out everything about a SKU.
///
/// # Errors
/// If the table can't be read, or there is no such SKU.
pub async fn why(store: &Store, sku: &Sku, now: Timestamp) -> Result<Why, LookError> {
    let sellable = store.sellable(sku).await?;
    let Some(product) = sellable.partition.product.clone() else {
        return Err(LookError::NoSku(sku.clone()));
    };
    let mut histories = Vec::new();
    for level in sellable.stock.levels().filter(|level| level.place.sku == *sku) {
        histories.push(history(store, level).await?);
    }
    let (ledger, reservations): (Vec<_>, Vec<_>) = histories.into_iter().unzip();
    let connections = store.connections().await?;
    let mut listings = Vec::new();
    for listing in &sellable.partition.listings {
        let Some(connection) = connections.get(&listing.key.connection) else { continue };
        let shown = sellable.partition.shown(&listing.key);
        let due = due(listing, &product, connection, pace(connection), &sellable.stock, &shown, now);
        let pulled = match is_told(connection.channel()) {
            true => None,
            false => store.last_pull(&connection.id).await?.map(|pull| pull.at),
        };
        let showing = match is_told(connection.channel()) {
            true => shown.estimate(due.tally),
            false => {
                pulled.filter(|at| due.changed_at.is_none_or(|changed| changed <= *at)).map(|_| due.offer.quantity)
            }
        };
        listings.push(said(listing, connection, due, shown, showing, pulled));
    }
    Ok(Why {
        sku: sku.clone(),
        title: product.title.clone(),
        components: product.components(),
        levels: sellable.stock.levels().map(level).collect(),
        reservations: reservations.into_iter().flatten().collect(),
        ledger: ledger.into_iter().flatten().collect(),
        listings,
    })
}

fn level(level: &Level) -> LevelSaid {
    LevelSaid {
        sku: level.place.sku.clone(),
        location: level.place.location.to_string(),
        on_hand: level.on_hand,
        reserved: level.reserved,
        available: level.available,
        version: level.version,
        cause: level.cause.to_string(),
    }
}

fn said(
    listing: &Listing,
    connection: &Connection,
    due: Due,
    shown: Shown,
    showing: Option<u32>,
    pulled_at: Option<Timestamp>,
) -> ListingSaid {
    ListingSaid {
        connection: listing.key.connection.to_string(),
        channel: connection.channel().clone(),
        mode: connection.mode,
        warehouse: listing.key.warehouse.to_string(),
        ids: listing.ids.iter().map(|(kind, id)| (kind.clone(), id.to_string())).collect(),
        locations: connection.sells_from(&listing.key.warehouse).iter().map(ToString::to_string).collect(),
        policy: connection.policy(listing),
        offer: due.offer,
        foresight: due.foresight,
        shown,
        showing,
        decision: match due.decision {
            Decision::Push | Decision::Wait(_) if !is_told(connection.channel()) => Decision::UpToDate,
            decision => decision,
        },
        pulled_at,
    }
}

/// How a level came to what it is, and who holds what of it: the ledger is read backwards until all that is reserved is found.
async fn history(store: &Store, level: &Level) -> Result<(Vec<Row>, Vec<Reservation>), StoreError> {
    let mut count = ROWS;
    loop {
        let entries = store.ledger_end(&level.place, count).await?;
        let held = reservations(store, &level.place, &entries).await?;
        let is_all = entries.len() < count || held.iter().map(|held| held.units).sum::<i64>() >= level.reserved;
        if is_all {
            let row = |entry| Row { location: level.place.location.to_string(), entry };
            return Ok((entries.into_iter().rev().map(row).collect(), held));
        }
        count *= 10;
    }
}

/// The orders that rows of a level's ledger name, as they are now, where they still hold something of it.
async fn reservations(store: &Store, place: &Place, entries: &[Entry]) -> Result<Vec<Reservation>, StoreError> {
    let changes = entries.iter().flat_map(|entry| &entry.changes);
    let named: BTreeSet<OrderKey> = changes.filter_map(|change| order_of(&change.order)).collect();
    let orders = store.orders(named).await?;
    let held = orders.values().filter_map(|order| {
        let units = effect(order).stock.get(place)?.reserved;
        let order = order.key.to_string();
        (units > 0).then(|| Reservation { order, location: place.location.to_string(), units })
    });
    Ok(held.collect())
}

/// Which order a change is of, if it is an order's: `connection/order`.
fn order_of(name: &str) -> Option<OrderKey> {
    let (connection, id) = name.split_once('/')?;
    Some(OrderKey::new(ConnectionId::new(connection).ok()?, OrderId::new(id).ok()?))
}
