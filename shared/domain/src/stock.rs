//! A level: how many units of one SKU lie at one location, and how many of those are promised.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Sub};

use serde::{Deserialize, Serialize};

use crate::listing::ListingKey;
use crate::{Cause, LocationId, Sku, Timestamp};

/// A place in the stock: one SKU at one location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The good.
    pub sku: Sku,
    /// The seller's name of where it lies.
    pub location: LocationId,
}

/// A change of one place, in units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delta {
    /// Change of the units in the house.
    pub on_hand: i64,
    /// Change of the units promised.
    pub reserved: i64,
}

impl Delta {
    /// Change of what can still be sold.
    #[must_use]
    pub const fn available(self) -> i64 {
        self.on_hand - self.reserved
    }

    /// Whether neither number changes.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.on_hand == 0 && self.reserved == 0
    }
}

impl AddAssign for Delta {
    fn add_assign(&mut self, other: Self) {
        self.on_hand += other.on_hand;
        self.reserved += other.reserved;
    }
}

impl Sub for Delta {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { on_hand: self.on_hand - other.on_hand, reserved: self.reserved - other.reserved }
    }
}

/// What a channel has done by itself to a listing's number since the listing began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Units that it sold, and took off its number.
    pub sold: i64,
    /// Units of those called off, which it may or may not have put back.
    pub freed: i64,
    /// Units of those that were heard of late: a number that it was told meanwhile may count them as still there.
    #[serde(default)]
    pub late: i64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.sold += other.sold;
        self.freed += other.freed;
        self.late += other.late;
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { sold: self.sold - other.sold, freed: self.freed - other.freed, late: self.late - other.late }
    }
}

/// The stock of one SKU at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The SKU and the location: one level each.
    pub place: Place,
    /// Units in the house.
    pub on_hand: i64,
    /// Units promised to open orders.
    pub reserved: i64,
    /// Units that can still be sold: always `on_hand − reserved`. Below zero only after more was sold than there was.
    pub available: i64,
    /// Rises by one with every change.
    pub version: u64,
    /// The event that changed it last.
    pub cause: Cause,
    /// When that was.
    pub changed_at: Timestamp,
    /// When it was counted first.
    pub opened_at: Timestamp,
    /// What the last change was made of.
    pub changes: Vec<Change>,
    /// What the channels sold of it by themselves, by listing.
    pub own: BTreeMap<ListingKey, Tally>,
}

/// A part of one change of a level: what one order, or one correction, did to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// `connection/order`, or what a correction is called.
    pub order: String,
    /// Change of the units in the house.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub on_hand: i64,
    /// Change of the units promised.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reserved: i64,
}

impl Change {
    /// Units that it made available; below zero, units that it took.
    #[must_use]
    pub const fn freed(&self) -> i64 {
        self.on_hand - self.reserved
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(units: &i64) -> bool {
    *units == 0
}

/// On what terms units are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// A channel has sold it already: recorded whatever is left, even below zero.
    Sold,
    /// Somebody asks for it: granted only if as many are available.
    Hold,
}

/// Asked for more than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} units are wanted and {available} are available")]
pub struct NotAvailable {
    /// Units asked for.
    pub wanted: i64,
    /// Units that could be had.
    pub available: i64,
}

impl Level {
    /// Applies a change on the given terms.
    ///
    /// # Errors
    /// [`NotAvailable`] if it is a hold of more than is available; the level stays as it is.
    pub fn apply(&mut self, terms: Terms, delta: Delta) -> Result<(), NotAvailable> {
        let wanted = -delta.available();
        if terms == Terms::Hold && wanted > 0 && wanted > self.available {
            return Err(NotAvailable { wanted, available: self.available });
        }
        self.on_hand += delta.on_hand;
        self.reserved += delta.reserved;
        self.available += delta.available();
        self.version += 1;
        Ok(())
    }

    /// Notes what a channel did to its own number.
    pub fn note(&mut self, listing: ListingKey, own: Tally) {
        *self.own.entry(listing).or_default() += own;
    }
}

/// One row of the ledger: a level before and after one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The level's version after the change. Versions without a gap are a complete ledger.
    pub version: u64,
    /// When the level changed, by the clock of who changed it: of two rows, the later one may tell the earlier time.
    pub at: Timestamp,
    /// The event that caused it.
    pub cause: Cause,
    /// Units in the house, before and after.
    pub on_hand: (i64, i64),
    /// Units promised, before and after.
    pub reserved: (i64, i64),
    /// What it was made of.
    pub changes: Vec<Change>,
    /// Units by which this change took what is available further below zero.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub oversold: i64,
}

impl Entry {
    /// The row that records how a level became what it is. `before` is none for a new level.
    #[must_use]
    pub fn between(before: Option<&Level>, after: &Level) -> Self {
        let (on_hand, reserved, available) = before.map_or((0, 0, 0), |b| (b.on_hand, b.reserved, b.available));
        Self {
            version: after.version,
            at: after.changed_at,
            cause: after.cause.clone(),
            on_hand: (on_hand, after.on_hand),
            reserved: (reserved, after.reserved),
            changes: after.changes.clone(),
            oversold: (available.min(0) - after.available.min(0)).max(0),
        }
    }

    /// Units that the change made available; below zero, units that it took.
    #[must_use]
    pub const fn freed(&self) -> i64 {
        (self.on_hand.1 - self.on_hand.0) - (self.reserved.1 - self.reserved.0)
    }
}
