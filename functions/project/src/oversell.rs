//! An oversell, and whose it is.

use std::time::Duration;

use edin_channels::facts;
use edin_domain::listing::ListingKey;
use edin_domain::order::{Order, OrderKey};
use edin_domain::oversell::{Sale, Verdict, judge, stale_since};
use edin_domain::shown::Acknowledged;
use edin_domain::stock::{Change, Entry, Level, Place};
use edin_domain::{ConnectionId, OrderId, Timestamp};
use edin_platform::Metric;
use edin_store::StoreError;
use edin_store::journal::Oversell;

use crate::Project;

/// How long a change may take from the table to the channel's door.
const ON_THE_WAY: Duration = Duration::from_secs(10);

impl Project {
    /// Judges and records what took a level below zero. It is told first: rather twice than never.
    pub(crate) async fn judge(&self, place: &Place, entry: &Entry) -> Result<(), StoreError> {
        let taking: Vec<OrderKey> = entry.changes.iter().filter(|change| takes(change)).filter_map(order_key).collect();
        let orders = self.store.orders(taking.iter().cloned()).await?;
        let mut verdicts = Vec::new();
        for order in orders.values() {
            verdicts.push(self.verdict(place, entry, order).await?);
        }
        let oversell = Oversell {
            at: entry.at,
            sku: place.sku.clone(),
            location: place.location.clone(),
            version: entry.version,
            units: entry.oversold,
            cause: entry.cause.clone(),
            orders: taking.iter().map(ToString::to_string).collect(),
            verdict: worst(verdicts),
        };
        let Oversell { sku, location, units, cause, verdict, .. } = &oversell;
        tracing::error!(%sku, %location, units, %cause, orders = ?oversell.orders, ?verdict, "more was sold than there is; somebody must find goods or cancel");
        self.metrics.tell(Metric::OversoldUnits, None, &[*units], self.clock.now());
        self.store.put_oversell(&oversell).await
    }

    async fn verdict(&self, place: &Place, entry: &Entry, order: &Order) -> Result<Verdict, StoreError> {
        let sold = order.mapped.values().find(|mapped| mapped.takes.iter().any(|take| take.sku == place.sku));
        let (Some(mapped), Some(warehouse)) = (sold, order.state.warehouse.clone()) else {
            return Ok(Verdict::NeverTold);
        };
        let Some(connection) = self.store.connection(&order.key.connection).await? else {
            return Ok(Verdict::NeverTold);
        };
        let Some(channel) = facts(connection.channel()) else { return Ok(Verdict::NeverTold) };
        let listing =
            ListingKey { connection: connection.id.clone(), warehouse: warehouse.clone(), sku: mapped.sku.clone() };
        let sellable = self.store.sellable(&mapped.sku).await?;
        let told = match channel.stock.is_told() {
            true => sellable.partition.shown(&listing).acknowledged,
            false => self.pulled(&connection.id).await?,
        };
        let stale_since = match told {
            Some(told) => {
                let each = mapped.takes.iter().find(|take| take.sku == place.sku).map_or(1, |take| take.quantity);
                let locations = connection.locations(Some(&warehouse)).iter();
                let places = locations.map(|location| Place { location: location.clone(), ..place.clone() });
                let levels: Vec<_> = places.filter_map(|place| sellable.stock.level(&place).cloned()).collect();
                let since = self.since(told.at, levels).await?;
                stale_since(i64::from(told.quantity) * i64::from(each), &since, &connection.id)
            }
            None => None,
        };
        Ok(judge(&Sale {
            placed_at: order.state.placed_at().unwrap_or(entry.at),
            told,
            tally: sellable.stock.tally(&listing),
            stale_since,
            reach: channel.reach + ON_THE_WAY,
        }))
    }

    /// A price list says no number per listing here: it held whatever was right when it was pulled.
    async fn pulled(&self, connection: &ConnectionId) -> Result<Option<Acknowledged>, StoreError> {
        let last = self.store.last_pull(connection).await?;
        Ok(last.map(|pull| Acknowledged {
            quantity: u32::MAX,
            at: pull.at,
            tally: edin_domain::stock::Tally::default(),
            version: 0,
        }))
    }

    /// What happened to levels after `at`, up to what they are.
    async fn since(&self, at: Timestamp, levels: Vec<Level>) -> Result<Vec<(Level, Vec<Entry>)>, StoreError> {
        let mut all = Vec::new();
        for level in levels {
            let mut entries = self.store.ledger_since(&level.place, at).await?;
            entries.retain(|entry| entry.version <= level.version);
            all.push((level, entries));
        }
        Ok(all)
    }
}

/// Whether a part of a change took something.
const fn takes(change: &Change) -> bool {
    change.freed() < 0
}

fn order_key(change: &Change) -> Option<OrderKey> {
    let (connection, id) = change.order.split_once('/')?;
    Some(OrderKey::new(ConnectionId::new(connection).ok()?, OrderId::new(id).ok()?))
}

/// The verdict that wants most attention. A correction by hand that leaves too little is nobody's sale.
fn worst(verdicts: Vec<Verdict>) -> Verdict {
    let unexplained = verdicts.iter().copied().find(|verdict| !verdict.is_explained());
    unexplained.or_else(|| verdicts.first().copied()).unwrap_or(Verdict::NeverTold)
}
