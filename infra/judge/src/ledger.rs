//! The ledger leads from nothing to the levels as they are, step by step.

use edin_domain::Sku;
use edin_domain::stock::{Entry, Level};
use edin_store::{Store, StoreError};

use crate::Broken;

/// Where the ledger of a SKU doesn't lead to its levels.
///
/// # Errors
/// [`StoreError`] if the tables can't be read.
pub async fn gaps(store: &Store, sku: &Sku) -> Result<Broken, StoreError> {
    let levels = store.partition(sku).await?.levels;
    let rows = store.ledger(sku).await?;
    let of = |level: &Level| {
        let its = rows.iter().filter(|(location, _)| *location == level.place.location).map(|(_, row)| row);
        gap(its, level).map(|gap| format!("the ledger of {sku} at {}: {gap}", level.place.location))
    };
    Ok(levels.iter().filter_map(of).collect())
}

/// Where rows don't lead to a level: versions without a gap, each beginning where the one before ended, each the sum of its parts
/// and saying by how much it went below zero, and the last one ending at the level.
#[must_use]
pub fn gap<'a>(rows: impl IntoIterator<Item = &'a Entry>, level: &Level) -> Option<String> {
    let mut before = (0, 0, 0);
    for row in rows {
        let version = row.version;
        if (version, row.on_hand.0, row.reserved.0) != (before.0 + 1, before.1, before.2) {
            return Some(format!("version {version} doesn't follow {before:?}"));
        }
        let parts = row.changes.iter().fold((0, 0), |sum, part| (sum.0 + part.on_hand, sum.1 + part.reserved));
        let moved = (row.on_hand.1 - row.on_hand.0, row.reserved.1 - row.reserved.0);
        if parts != moved {
            return Some(format!("version {version} moved {moved:?} and its parts {parts:?}"));
        }
        let lacking = |on_hand: i64, reserved: i64| (reserved - on_hand).max(0);
        let oversold = lacking(row.on_hand.1, row.reserved.1) - lacking(row.on_hand.0, row.reserved.0);
        if row.oversold != oversold.max(0) {
            return Some(format!("version {version} says that it oversold {} and did so by {oversold}", row.oversold));
        }
        before = (version, row.on_hand.1, row.reserved.1);
    }
    let now = (level.version, level.on_hand, level.reserved);
    (before != now).then(|| format!("it ends at {before:?} and the level is at {now:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{level, row};

    /// Ten are counted, then sold three and twelve.
    fn whole() -> (Vec<Entry>, Level) {
        let rows = vec![row(1, (0, 10), (0, 0)), row(2, (10, 10), (0, 3)), row(3, (10, 10), (3, 15))];
        (rows, level(3, 10, 15))
    }

    fn broken(change: impl FnOnce(&mut Vec<Entry>, &mut Level)) -> String {
        let (mut rows, mut level) = whole();
        change(&mut rows, &mut level);
        gap(&rows, &level).unwrap()
    }

    #[test]
    fn a_ledger_that_leads_to_its_level_is_whole() {
        let (rows, level) = whole();
        assert_eq!(gap(&rows, &level), None);
        assert_eq!(gap(&[], &crate::example::level(0, 0, 0)), None, "nothing ever happened");
    }

    #[test]
    fn a_row_that_is_missing_is_noticed_wherever_it_was() {
        assert_eq!(broken(|rows, _| _ = rows.remove(0)), "version 2 doesn't follow (0, 0, 0)");
        assert_eq!(broken(|rows, _| _ = rows.remove(1)), "version 3 doesn't follow (1, 10, 0)");
        assert_eq!(broken(|rows, _| _ = rows.pop()), "it ends at (2, 10, 3) and the level is at (3, 10, 15)");
    }

    #[test]
    fn a_row_that_is_there_twice_is_noticed() {
        assert_eq!(broken(|rows, _| rows.insert(1, rows[0].clone())), "version 1 doesn't follow (1, 10, 0)");
    }

    #[test]
    fn a_row_that_begins_elsewhere_is_noticed() {
        assert_eq!(broken(|rows, _| rows[1].reserved = (1, 4)), "version 2 doesn't follow (1, 10, 0)");
    }

    #[test]
    fn a_row_that_is_not_the_sum_of_its_parts_is_noticed() {
        assert_eq!(broken(|rows, _| rows[1].changes.clear()), "version 2 moved (0, 3) and its parts (0, 0)");
    }

    #[test]
    fn a_level_that_moved_by_itself_is_noticed() {
        let found = broken(|_, level| level.on_hand = 11);
        assert_eq!(found, "it ends at (3, 10, 15) and the level is at (3, 11, 15)");
    }

    #[test]
    fn an_oversell_that_the_ledger_is_silent_about_is_noticed() {
        let found = broken(|rows, _| rows[2].oversold = 0);
        assert_eq!(found, "version 3 says that it oversold 0 and did so by 5");
    }
}
