//! How much later a channel took a number than its own limits made it: told from its journal alone.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::Timestamp;

use crate::{Event, Journal};

/// How often a channel lets itself be told numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// A good takes a number so long after its last one.
    pub good: Duration,
    /// So many calls are let in within `window`.
    pub calls: usize,
    /// The span in which `calls` are let in.
    pub window: Duration,
}

/// When a channel took numbers.
#[derive(Debug, Clone)]
pub struct Uptake {
    pace: Pace,
    goods: BTreeMap<String, Vec<Timestamp>>,
    calls: Vec<Timestamp>,
}

impl Uptake {
    /// Looks them up in a channel's journal.
    #[must_use]
    pub fn of(journal: &Journal, pace: Pace) -> Self {
        let mut goods = BTreeMap::<String, Vec<Timestamp>>::new();
        let mut calls = Vec::new();
        for event in &journal.events {
            if let Event::Told { at, good, .. } = event {
                goods.entry(good.clone()).or_default().push(*at);
                calls.push(*at);
            }
        }
        calls.dedup();
        Self { pace, goods, calls }
    }

    /// How much later than the channel's limits allowed it took the last number for `good` that was told until `by`, if that
    /// number was due from `since` on. None if it took none between the two.
    #[must_use]
    pub fn excess(&self, good: &str, since: Timestamp, by: Timestamp) -> Option<Duration> {
        let told = self.goods.get(good)?;
        let taken = told.partition_point(|at| *at <= by).checked_sub(1)?;
        let at = *told.get(taken).filter(|at| **at >= since)?;
        let before = taken.checked_sub(1).and_then(|index| told.get(index));
        let free = before.map_or(since, |before| since.max(before.plus(self.pace.good)));
        Some(at.since(self.room(free)))
    }

    /// From when on, not before `at`, one more call would be let in.
    fn room(&self, at: Timestamp) -> Timestamp {
        let made = self.calls.partition_point(|call| *call < at);
        let full_since = made.checked_sub(self.pace.calls).and_then(|index| self.calls.get(index));
        full_since.map_or(at, |call| at.max(call.plus(self.pace.window)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { good: Duration::from_secs(30), calls: 2, window: Duration::from_secs(60) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn taken(told: &[(&str, i64)]) -> Uptake {
        let told = told.iter().map(|(good, seconds)| Event::Told {
            at: at(*seconds),
            warehouse: "1".to_owned(),
            good: (*good).to_owned(),
            quantity: 1,
        });
        Uptake::of(&Journal { events: told.collect(), calls: 0 }, PACE)
    }

    fn excess(told: &[(&str, i64)], since: i64) -> Option<u64> {
        taken(told).excess("TEA", at(since), at(1_000)).map(|excess| excess.as_secs())
    }

    #[test]
    fn a_number_that_could_have_been_told_at_once_is_late_by_all_of_its_lag() {
        assert_eq!(excess(&[("TEA", 103)], 100), Some(3));
    }

    #[test]
    fn the_channels_interval_for_a_good_is_not_counted() {
        assert_eq!(excess(&[("TEA", 90), ("TEA", 121)], 100), Some(1));
    }

    #[test]
    fn nor_is_the_time_in_which_it_lets_no_call_in() {
        assert_eq!(excess(&[("CUP", 80), ("POT", 95), ("TEA", 141)], 100), Some(1));
    }

    #[test]
    fn what_was_never_told_has_no_excess() {
        assert_eq!((excess(&[("TEA", 90)], 100), excess(&[("CUP", 110)], 100)), (None, None));
    }
}
