//! Every shelf shows what there is.

use edin_domain::Sku;
use edin_domain::stock::Level;
use edin_store::{Store, StoreError};
use simulators::{Event, Good, Journal};

/// What there is of a good: the levels of each of its parts, and how many of that part are in it.
#[derive(Debug, Clone)]
pub struct There(Vec<(Vec<Level>, u32)>);

impl There {
    /// Looks it up.
    ///
    /// # Errors
    /// [`StoreError`] if the tables can't be read.
    pub async fn of(good: &Good, store: &Store) -> Result<Self, StoreError> {
        let itself = [(good.sku.clone(), 1)];
        let parts = if good.components.is_empty() { itself.as_slice() } else { good.components.as_slice() };
        let mut there = Vec::new();
        for (sku, units) in parts {
            // What is no SKU has no levels.
            let levels = match Sku::new(sku) {
                Ok(sku) => store.partition(&sku).await?.levels,
                Err(_) => Vec::new(),
            };
            there.push((levels, *units));
        }
        Ok(Self(there))
    }

    /// How many can be sold from these locations together: of a bundle, as many as its scarcest part allows.
    #[must_use]
    pub fn at(&self, locations: &[&str]) -> i64 {
        let of_part = |(levels, units): &(Vec<Level>, u32)| {
            let here = levels.iter().filter(|level| locations.contains(&level.place.location.as_str()));
            here.map(|level| level.available).sum::<i64>().div_euclid(i64::from(*units).max(1))
        };
        self.0.iter().map(of_part).min().unwrap_or(0).max(0)
    }
}

/// Whether a shelf shows another number than there is.
#[must_use]
pub fn broken(shelf: &str, sku: &str, shown: Option<u32>, there: i64) -> Option<String> {
    (shown.map(i64::from) != Some(there)).then(|| match shown {
        Some(shown) => format!("{shelf} shows {shown} of {sku}, not {there}"),
        None => format!("{shelf} was never told of {sku}, and there are {there}"),
    })
}

/// Whether the last number that a channel took for an ended listing isn't 0. What it shows may be more: a channel gives a unit back
/// that a buyer called off.
#[must_use]
pub fn not_ended(shelf: &str, sku: &str, last: Option<u32>) -> Option<String> {
    last.filter(|told| *told > 0)
        .map(|told| format!("the listing of {sku} at {shelf} is ended, and what was told last is {told}"))
}

/// The number that a channel took last for a good in a warehouse, both as its journal calls them.
#[must_use]
pub fn last_told(journal: &Journal, warehouse: &str, good: &str) -> Option<u32> {
    journal.events.iter().rev().find_map(|event| match event {
        Event::Told { good: told, warehouse: at, quantity, .. } if told == good && at == warehouse => Some(*quantity),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{at, level};

    fn there(parts: &[(i64, u32)]) -> There {
        There(parts.iter().map(|(available, units)| (vec![level(1, *available, 0)], *units)).collect())
    }

    #[test]
    fn what_can_be_sold_is_the_sum_over_locations_and_the_least_over_parts() {
        let astana = Level { place: at("astana"), ..level(1, 4, 0) };
        let both = There(vec![(vec![level(1, 10, 3), astana], 1)]);
        assert_eq!((both.at(&["almaty"]), both.at(&["almaty", "astana"]), both.at(&["almere"])), (7, 11, 0));
        assert_eq!(there(&[(10, 1), (9, 2)]).at(&["almaty"]), 4, "four pairs of the second");
        assert_eq!(there(&[(-3, 2)]).at(&["almaty"]), 0, "what was sold twice is not for sale");
    }

    #[test]
    fn a_shelf_that_shows_another_number_is_noticed() {
        assert_eq!(broken("wb", "TEA", Some(7), 7), None);
        assert_eq!(broken("wb", "TEA", Some(8), 7).as_deref(), Some("wb shows 8 of TEA, not 7"));
        assert_eq!(broken("wb", "TEA", None, 0).as_deref(), Some("wb was never told of TEA, and there are 0"));
    }

    #[test]
    fn a_listing_that_ended_with_a_number_is_noticed() {
        let told = |at, quantity| Event::Told {
            at: edin_domain::Timestamp::from_millis(at),
            warehouse: "1".to_owned(),
            good: "TEA".to_owned(),
            quantity,
        };
        let journal = Journal { events: vec![told(1, 0), told(2, 5)], calls: 0 };
        assert_eq!(last_told(&journal, "2", "TEA"), None);
        assert!(not_ended("wb", "TEA", last_told(&journal, "1", "TEA")).is_some());
        assert_eq!((not_ended("wb", "TEA", Some(0)), not_ended("wb", "TEA", None)), (None, None));
    }
}
