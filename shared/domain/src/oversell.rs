//! Oversells, and whether anything of ours could have prevented them.
//!
//! A channel sells from the number that it was last told. Until a new number has reached it, it can sell what another channel
//! has sold already: nobody but a buffer can prevent that, and such an oversell is *explained*. One that a channel made
//! although it had been told in time, or that should have been told in time and wasn't, is *unexplained*: a bug.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::shown::Acknowledged;
use crate::stock::{Change, Entry, Level, Tally};
use crate::{ConnectionId, Timestamp};

/// What is known when a sale took what is available below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// When the channel sold it, by the channel's clock.
    pub placed_at: Timestamp,
    /// The number that the channel had taken last.
    pub told: Option<Acknowledged>,
    /// What the channel has sold of it so far, this sale included.
    pub tally: Tally,
    /// Since when the channel had been told more than there was, by changes made elsewhere; none if it hadn't. See
    /// [`stale_since`].
    pub stale_since: Option<Timestamp>,
    /// How long a change may take to reach the channel: its own interval, and the way there.
    pub reach: Duration,
}

/// How an oversell came about, and so whether anything of ours could have prevented it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The channel was never told a number by us.
    NeverTold,
    /// The sale was made before the number that would have prevented it was taken by the channel.
    SoldBeforeTheWrite,
    /// The sale was made while a change was on its way, no longer than it may be.
    SoldOnTheWay,
    /// The channel sold more than the number that it had taken.
    SoldMoreThanTold,
    /// A change was known longer than it may take, and the channel hadn't been told.
    ToldTooLate,
}

impl Verdict {
    /// Whether nothing of ours could have prevented it.
    #[must_use]
    pub const fn is_explained(self) -> bool {
        match self {
            Self::NeverTold | Self::SoldBeforeTheWrite | Self::SoldOnTheWay => true,
            Self::SoldMoreThanTold | Self::ToldTooLate => false,
        }
    }
}

/// Says how an oversell came about, by the number that the channel had taken and by what it sold since.
#[must_use]
pub fn judge(sale: &Sale) -> Verdict {
    let Some(told) = sale.told else { return Verdict::NeverTold };
    if sale.placed_at < told.at {
        return Verdict::SoldBeforeTheWrite;
    }
    let (since, told) = (sale.tally - told.tally, i64::from(told.quantity));
    match sale.stale_since {
        _ if since.sold - since.freed > told => Verdict::SoldMoreThanTold,
        // One that was called off, which the channel has put back by itself.
        _ if since.freed > 0 && since.sold > told => Verdict::SoldOnTheWay,
        Some(since) if sale.placed_at > since.plus(sale.reach) => Verdict::ToldTooLate,
        _ => Verdict::SoldOnTheWay,
    }
}

/// Since when there is less than what a channel was told, by somebody else's doing; none if there is as much, or is again.
///
/// `told` are the units that the channel may take by the number that it was told; `levels` are those that it takes them from,
/// each with the ledger since then. Units beyond what was told were nobody's promise: as long as only those are gone, the number
/// still holds. What the channel sold itself it has taken off its number itself.
#[must_use]
pub fn stale_since(told: i64, levels: &[(Level, Vec<Entry>)], channel: &ConnectionId) -> Option<Timestamp> {
    let mut entries: Vec<&Entry> = levels.iter().flat_map(|(_, entries)| entries).collect();
    entries.sort_by_key(|entry| (entry.at, entry.version));
    let now: i64 = levels.iter().map(|(level, _)| level.available).sum();
    let then = now - entries.iter().map(|entry| entry.freed()).sum::<i64>();
    let own = format!("{channel}/");
    let (mut beyond, mut since) = ((then - told).max(0), None);
    for entry in entries {
        let its_own = entry.changes.iter().filter(|change| change.order.starts_with(&own));
        beyond += entry.freed() - its_own.map(Change::freed).sum::<i64>();
        since = if beyond < 0 { since.or(Some(entry.at)) } else { None };
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::Place;
    use crate::{Cause, LocationId, Sku};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn sale(placed_at: i64) -> Sale {
        let told = Acknowledged { quantity: 1, at: at(1_000), tally: Tally::default(), version: 1 };
        Sale {
            placed_at: at(placed_at),
            told: Some(told),
            tally: Tally { sold: 1, freed: 0, late: 0 },
            stale_since: Some(at(2_000)),
            reach: Duration::from_millis(500),
        }
    }

    #[test]
    fn a_sale_that_nothing_could_reach_is_explained() {
        assert_eq!(judge(&sale(999)), Verdict::SoldBeforeTheWrite);
        assert_eq!(judge(&sale(2_400)), Verdict::SoldOnTheWay);
        assert_eq!(judge(&Sale { stale_since: None, ..sale(9_000) }), Verdict::SoldOnTheWay);
        assert_eq!(judge(&Sale { told: None, ..sale(9_000) }), Verdict::NeverTold);
    }

    #[test]
    fn a_sale_that_should_have_been_prevented_is_not() {
        assert_eq!(judge(&sale(2_501)), Verdict::ToldTooLate);
        let twice = Sale { tally: Tally { sold: 2, freed: 0, late: 0 }, ..sale(1_500) };
        assert_eq!(judge(&twice), Verdict::SoldMoreThanTold);
        assert!(!judge(&twice).is_explained());
    }

    #[test]
    fn a_unit_that_the_channel_put_back_by_itself_was_not_told_too_late() {
        let back = Sale { tally: Tally { sold: 2, freed: 1, late: 0 }, ..sale(2_501) };
        assert_eq!(judge(&back), Verdict::SoldOnTheWay);
    }

    #[test]
    fn what_is_heard_of_late_was_sold_all_the_same() {
        let late = Sale { tally: Tally { sold: 2, freed: 0, late: 2 }, ..sale(1_500) };
        assert_eq!(judge(&late), Verdict::SoldMoreThanTold);
    }

    #[test]
    fn a_unit_that_came_back_by_a_cancel_may_be_sold_again() {
        let again = Sale { tally: Tally { sold: 2, freed: 1, late: 0 }, ..sale(1_500) };
        assert_eq!(judge(&again), Verdict::SoldOnTheWay);
    }

    /// A level of which so many are there now, and what others, or a sale of `wb`, took from it every second since the first.
    fn level(available: i64, taken: &[(&str, i64)]) -> (Level, Vec<Entry>) {
        let place = Place { sku: Sku::new("CUP").unwrap(), location: LocationId::new("almaty").unwrap() };
        let entry = |(version, (order, units)): (u64, &(&str, i64))| Entry {
            version,
            at: at(i64::try_from(version).unwrap() * 1_000),
            cause: Cause::new("test").unwrap(),
            on_hand: (9, 9),
            reserved: (0, *units),
            changes: vec![Change { order: (*order).to_owned(), on_hand: 0, reserved: *units }],
            oversold: 0,
        };
        let level = Level {
            place,
            on_hand: 9,
            reserved: 9 - available,
            available,
            version: 9,
            cause: Cause::new("test").unwrap(),
            changed_at: at(9_000),
            opened_at: at(0),
            changes: Vec::new(),
            own: std::collections::BTreeMap::new(),
        };
        (level, (1..).zip(taken).map(entry).collect())
    }

    #[test]
    fn a_number_is_stale_once_there_is_less_than_it_says() {
        let wb = ConnectionId::new("wb").unwrap();
        let since = |told, levels: &[_]| stale_since(told, levels, &wb);
        assert_eq!(since(5, &[level(3, &[("ozon/1", 1), ("ozon/2", 1)])]), Some(at(1_000)));
        // Only three of the five were told; two more had to go.
        assert_eq!(since(3, &[level(3, &[("ozon/1", 1), ("ozon/2", 1)])]), None);
        assert_eq!(since(3, &[level(2, &[("ozon/1", 1), ("ozon/2", 1), ("ozon/3", 1)])]), Some(at(3_000)));
        // What the channel sold itself, it knows.
        assert_eq!(since(5, &[level(3, &[("wb/1", 1), ("wb/2", 1)])]), None);
        // What came back makes up for it.
        assert_eq!(since(5, &[level(5, &[("ozon/1", 1), ("ozon/1", -1)])]), None);
    }

    #[test]
    fn a_number_of_two_locations_is_stale_by_both_together() {
        let wb = ConnectionId::new("wb").unwrap();
        let both = [level(1, &[("ozon/1", 1)]), level(3, &[("ozon/2", 1)])];
        assert_eq!(stale_since(6, &both, &wb), Some(at(1_000)));
        assert_eq!(stale_since(4, &both, &wb), None);
    }
}
