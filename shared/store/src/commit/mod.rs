//! Group commit: the changes of many orders, and what they mean for the stock, in as few transactions as they fit into.
//!
//! A transaction may touch an item once and holds at most a hundred. So the changes of one level are added up first, and a
//! batch of orders for one SKU costs one write of its level. Orders are written only over the version that they were
//! computed from; levels are added to, so that two instances never overwrite each other.
//!
//! Whether a commit without an answer was done is not asked here: the order's version tells, and the caller reads it back.

mod pack;
mod transaction;

pub use pack::MOST;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edin_domain::customer::Contact;
use edin_domain::order::{Effect, Order, OrderKey};
use edin_domain::stock::{Place, Terms};
use edin_domain::{Article, Cause};

pub use crate::stamp::Stamp;
use crate::{Store, StoreError};
use transaction::Refusal;

/// What shall become of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// The order as it shall be; its version is one above the stored one.
    pub after: Order,
    /// What that adds to the stock.
    pub effect: Effect,
    /// Places that were chosen among several because they have enough: if one has not any more, the change is stale.
    pub chosen: BTreeSet<Place>,
    /// Articles for which the order begins to wait, and why.
    pub awaits: BTreeMap<Article, String>,
    /// Articles for which it waits no more.
    pub found: BTreeSet<Article>,
    /// Who it is for, where that is news.
    pub contact: Option<Contact>,
}

impl OrderChange {
    /// How many items it touches, at most.
    #[must_use]
    pub fn items(&self) -> usize {
        let alone = self.effect.own.keys().filter(|(place, _)| !self.effect.stock.contains_key(place));
        let levels = self.effect.stock.len() + alone.count();
        1 + levels + self.awaits.len() + self.found.len() + usize::from(self.contact.is_some())
    }
}

/// Changes that are made together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// On what terms the units are taken.
    pub terms: Terms,
    /// What becomes of each order: of no order twice, since a transaction may touch an item once.
    pub changes: Vec<OrderChange>,
}

/// How often a transaction that met another one is tried again.
const ATTEMPTS: u32 = 6;

impl Store {
    /// Commits the units. One result a unit, in their order; a unit with an error was not applied, unless the error is
    /// [`StoreError::Unknown`].
    ///
    /// # Errors
    /// By unit. [`StoreError::Stale`]: read its orders and levels again and plan anew.
    pub async fn commit(&self, units: &[Unit], stamp: &Stamp) -> Vec<Result<(), StoreError>> {
        let mut results: Vec<Result<(), StoreError>> = Vec::with_capacity(units.len());
        for batch in pack::batches(units) {
            results.extend(self.commit_batch(batch, stamp).await);
        }
        results
    }

    /// Commits units that fit into one transaction. Those that are stale are left out and the rest is tried again.
    async fn commit_batch(&self, batch: &[Unit], stamp: &Stamp) -> Vec<Result<(), StoreError>> {
        let mut stale = BTreeSet::new();
        let mut attempt = 0;
        let settled = loop {
            let fresh: Vec<(usize, &Unit)> =
                batch.iter().enumerate().filter(|(index, _)| !stale.contains(index)).collect();
            if fresh.is_empty() {
                break Ok(());
            }
            match self.transact(&fresh, stamp).await {
                Ok(()) => break Ok(()),
                Err(Refusal::Stale(units)) => stale.extend(units),
                Err(Refusal::Met(reason)) if attempt < ATTEMPTS => {
                    attempt += 1;
                    tracing::debug!(%reason, attempt, cause = %stamp.cause, "two commits met");
                    tokio::time::sleep(pause(&stamp.cause, attempt)).await;
                }
                Err(Refusal::Met(reason)) => break Err(StoreError::Busy { call: "TransactWriteItems", reason }),
                Err(Refusal::Failed(error)) => break Err(error),
            }
        };
        let result = |index| match stale.contains(&index) {
            true => Err(StoreError::Stale { call: "TransactWriteItems" }),
            false => settled.clone(),
        };
        (0..batch.len()).map(result).collect()
    }
}

/// A pause that grows with the attempt and differs between commits, so that two that met don't meet again.
fn pause(cause: &Cause, attempt: u32) -> Duration {
    let seed =
        cause.as_str().bytes().fold(u64::from(attempt), |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let most = 10_u64 << attempt.min(6);
    Duration::from_millis(most / 2 + seed % (most / 2))
}

/// All that a set of units adds to one level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LevelSum {
    on_hand: i64,
    reserved: i64,
    /// Take no more than is there.
    guarded: bool,
    own: BTreeMap<edin_domain::listing::ListingKey, edin_domain::stock::Tally>,
    changes: Vec<edin_domain::stock::Change>,
}

/// Adds up what the units do to each level.
fn sums<'a>(units: impl IntoIterator<Item = &'a Unit>) -> BTreeMap<Place, LevelSum> {
    let mut sums = BTreeMap::<Place, LevelSum>::new();
    for unit in units {
        for change in &unit.changes {
            add(&mut sums, unit.terms, change);
        }
    }
    sums
}

fn add(sums: &mut BTreeMap<Place, LevelSum>, terms: Terms, change: &OrderChange) {
    for (place, delta) in &change.effect.stock {
        let sum = sums.entry(place.clone()).or_default();
        sum.on_hand += delta.on_hand;
        sum.reserved += delta.reserved;
        sum.guarded |= terms == Terms::Hold || change.chosen.contains(place);
        sum.changes.push(ledger_note(&change.after.key, delta.on_hand, delta.reserved));
    }
    for ((place, listing), own) in &change.effect.own {
        let sum = sums.entry(place.clone()).or_default();
        *sum.own.entry(listing.clone()).or_default() += *own;
        if !change.effect.stock.contains_key(place) {
            sum.changes.push(ledger_note(&change.after.key, 0, 0));
        }
    }
}

fn ledger_note(order: &OrderKey, on_hand: i64, reserved: i64) -> edin_domain::stock::Change {
    edin_domain::stock::Change { order: order.to_string(), on_hand, reserved }
}
