//! Levels and demand of the goods that decisions are about, as far as they were read.

use std::collections::BTreeMap;

use crate::bundle;
use crate::demand::Demand;
use crate::listing::ListingKey;
use crate::stock::{Level, Place, Tally};
use crate::{LocationId, Sku, Timestamp};

/// What decisions need: levels, and what of them was sold lately. By SKU, so that a decision looks at its own goods alone,
/// however many others are here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    levels: BTreeMap<Sku, BTreeMap<LocationId, Level>>,
    demand: BTreeMap<Sku, Demand>,
}

impl FromIterator<Level> for Stock {
    fn from_iter<T: IntoIterator<Item = Level>>(levels: T) -> Self {
        let mut stock = Self::default();
        stock.extend(levels);
        stock
    }
}

impl Extend<Level> for Stock {
    fn extend<T: IntoIterator<Item = Level>>(&mut self, levels: T) {
        for level in levels {
            let Place { sku, location } = level.place.clone();
            self.levels.entry(sku).or_default().insert(location, level);
        }
    }
}

impl Extend<(Sku, Demand)> for Stock {
    fn extend<T: IntoIterator<Item = (Sku, Demand)>>(&mut self, demand: T) {
        self.demand.extend(demand);
    }
}

impl Stock {
    /// Adds what was read of other SKUs; what both know is the other's.
    pub fn add(&mut self, other: Self) {
        self.extend(other.levels.into_values().flat_map(BTreeMap::into_values));
        self.demand.extend(other.demand);
    }

    /// The level of a place.
    #[must_use]
    pub fn level(&self, place: &Place) -> Option<&Level> {
        self.levels.get(&place.sku)?.get(&place.location)
    }

    /// All levels that were read, in the order of their places.
    pub fn levels(&self) -> impl Iterator<Item = &Level> {
        self.levels.values().flat_map(BTreeMap::values)
    }

    /// Units of what is made of `components` that can be sold from `locations` together.
    #[must_use]
    pub fn sellable(&self, components: &BTreeMap<Sku, u32>, locations: &[LocationId]) -> i64 {
        bundle::sellable(components, |sku| self.available(sku, locations))
    }

    pub(super) fn demand(&self, sku: &Sku) -> Option<&Demand> {
        self.demand.get(sku)
    }

    pub(super) fn available(&self, sku: &Sku, locations: &[LocationId]) -> i64 {
        self.of(sku, locations).map(|level| level.available).sum()
    }

    /// What the channel itself did to a listing's number. Counted on any of the levels that the listing ever took from.
    #[must_use]
    pub fn tally(&self, listing: &ListingKey) -> Tally {
        noted(self.levels(), listing)
    }

    /// The same, counted on the levels of the listing's own good and of what it is made of.
    pub(super) fn tally_on(&self, components: &BTreeMap<Sku, u32>, listing: &ListingKey) -> Tally {
        let own = Some(&listing.sku).filter(|sku| !components.contains_key(*sku));
        let of_good = components.keys().chain(own).filter_map(|sku| self.levels.get(sku));
        noted(of_good.flat_map(BTreeMap::values), listing)
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

    pub(super) fn of<'a>(
        &'a self,
        sku: &Sku,
        locations: &'a [LocationId],
    ) -> impl Iterator<Item = &'a Level> + use<'a> {
        let levels = self.levels.get(sku).into_iter().flat_map(BTreeMap::values);
        levels.filter(|level| locations.contains(&level.place.location))
    }
}

fn noted<'a>(levels: impl Iterator<Item = &'a Level>, listing: &ListingKey) -> Tally {
    let mut sum = Tally::default();
    levels.filter_map(|level| level.own.get(listing)).for_each(|own| sum += *own);
    sum
}
