//! From the stock to a listing's number: everything that decides what one listing shall show.

use std::collections::BTreeMap;

use crate::bundle::{self, Product};
use crate::connection::Connection;
use crate::listing::{Listing, ListingKey, Offer};
use crate::order::Place;
use crate::shown::{Acknowledged, Decision, Shown};
use crate::stock::{Level, Tally};
use crate::{LocationId, Sku, Timestamp};

/// Levels, by place: those that a decision needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock(BTreeMap<Place, Level>);

impl FromIterator<Level> for Stock {
    fn from_iter<T: IntoIterator<Item = Level>>(levels: T) -> Self {
        Self(levels.into_iter().map(|level| (level.place.clone(), level)).collect())
    }
}

impl Extend<Level> for Stock {
    fn extend<T: IntoIterator<Item = Level>>(&mut self, levels: T) {
        self.0.extend(levels.into_iter().map(|level| (level.place.clone(), level)));
    }
}

impl Stock {
    /// The level of a place.
    #[must_use]
    pub fn level(&self, place: &Place) -> Option<&Level> {
        self.0.get(place)
    }

    /// All levels.
    pub fn levels(&self) -> impl Iterator<Item = &Level> {
        self.0.values()
    }

    /// Units of what is made of `components` that can be sold from `locations` together.
    #[must_use]
    pub fn sellable(&self, components: &BTreeMap<Sku, u32>, locations: &[LocationId]) -> i64 {
        bundle::sellable(components, |sku| self.of(sku, locations).map(|level| level.available).sum())
    }

    /// What the channel itself did to a listing's number. Counted on any of the levels that the listing ever took from.
    #[must_use]
    pub fn tally(&self, listing: &ListingKey) -> Tally {
        let noted = self.0.values().filter_map(|level| level.own.get(listing));
        noted.fold(Tally::default(), |sum, own| Tally { sold: sum.sold + own.sold, freed: sum.freed + own.freed })
    }

    /// Rises with every change of any of the levels that make up a listing's number.
    #[must_use]
    pub fn version(&self, components: &BTreeMap<Sku, u32>, locations: &[LocationId]) -> u64 {
        components.keys().flat_map(|sku| self.of(sku, locations)).map(|level| level.version).sum()
    }

    /// When any of the levels that make up a listing's number changed last.
    #[must_use]
    pub fn changed_at(&self, components: &BTreeMap<Sku, u32>, locations: &[LocationId]) -> Option<Timestamp> {
        components.keys().flat_map(|sku| self.of(sku, locations)).map(|level| level.changed_at).max()
    }

    fn of(&self, sku: &Sku, locations: &[LocationId]) -> impl Iterator<Item = &Level> {
        self.0.values().filter(move |level| level.place.sku == *sku && locations.contains(&level.place.location))
    }
}

/// What a listing shall show, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The policy's arithmetic.
    pub offer: Offer,
    /// What the channel did to the number by itself so far.
    pub tally: Tally,
    /// The version of the stock behind it.
    pub version: u64,
    /// When that stock changed last; none if there is none.
    pub changed_at: Option<Timestamp>,
    /// What is to be done.
    pub decision: Decision,
}

impl Due {
    /// What to remember when the channel took the number.
    #[must_use]
    pub const fn acknowledged(&self, at: Timestamp) -> Acknowledged {
        Acknowledged { quantity: self.offer.quantity, at, tally: self.tally, version: self.version }
    }
}

/// Works out what `listing` shall show now.
#[must_use]
pub fn due(
    listing: &Listing,
    product: &Product,
    connection: &Connection,
    stock: &Stock,
    shown: &Shown,
    now: Timestamp,
) -> Due {
    let components = product.components();
    let sellable = stock.sellable(&components, &listing.locations);
    let offer = listing.policy.offer(connection.standing(listing.standing, product), sellable);
    let tally = stock.tally(&listing.key);
    let decision = shown.decide(offer.quantity, tally, now);
    let (version, changed_at) =
        (stock.version(&components, &listing.locations), stock.changed_at(&components, &listing.locations));
    Due { offer, tally, version, changed_at, decision }
}
