//! How fast a good is sold, in whole numbers: millionths of a unit in an hour.

use std::fmt;
use std::iter::Sum;
use std::time::Duration;

use serde::Serialize;

use super::fading::{HALF_LIFE, MEMORY_MS, faded, gone};
use super::poisson::{MILLION, units};

const HOUR_MS: u128 = 3_600_000;
/// A guess stands for what would have been seen in so long, before anything was.
const GUESSED_MS: u128 = 900_000;

/// How fast something is sold: millionths of a unit in an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Rate(u64);

impl Rate {
    /// Whole units in a span of time.
    #[must_use]
    pub fn of(units: u32, during: Duration) -> Self {
        Self(narrow(u128::from(units) * u128::from(MILLION) * HOUR_MS / during.as_millis().max(1)))
    }

    /// The even rate that would keep up a fading sum of thousandths, if it had begun `watched` ago. Of less than half a
    /// half-life nothing can be said yet: it counts as that much.
    pub(super) fn keeping_up(thousandths: u64, watched: Duration) -> Self {
        let whole = u128::from(thousandths) * 1_000 * HOUR_MS / MEMORY_MS;
        Self(narrow((whole << 32) / gone(watched.max(HALF_LIFE / 2)).max(1)))
    }

    /// The same, where `guess` thousandths are taken to have been sold in the quarter of an hour before. They fade like all that
    /// is sold: after some hours nothing is left of them.
    pub(super) fn guessing(guess: u64, thousandths: u64, watched: Duration) -> Self {
        let (gone, both) = (gone(watched), u128::from(thousandths) + u128::from(faded(guess, watched)));
        let remembered = MEMORY_MS * gone + GUESSED_MS * ((1 << 32) - gone);
        Self(narrow(((both * 1_000 * HOUR_MS) << 32) / remembered.max(1)))
    }

    /// Units in an hour.
    pub(super) fn units(self) -> f64 {
        units(self.0)
    }

    /// Units expected within a span of time, in millionths, rounded up.
    #[must_use]
    pub fn expected(self, within: Duration) -> u64 {
        narrow((u128::from(self.0) * within.as_millis()).div_ceil(HOUR_MS))
    }
}

impl Sum for Rate {
    fn sum<I: Iterator<Item = Self>>(rates: I) -> Self {
        rates.fold(Self(0), |sum, rate| Self(sum.0.saturating_add(rate.0)))
    }
}

/// Units in an hour, with three decimals.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / MILLION, self.0 % MILLION / 1_000)
    }
}

fn narrow(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_rate_over_a_time_is_what_is_expected() {
        assert_eq!(Rate::of(12, MINUTE * 60).to_string(), "12.000");
        assert_eq!(Rate::of(12, MINUTE * 60).expected(MINUTE * 5), 1_000_000);
        assert_eq!(Rate::of(1, MINUTE * 60 * 24).to_string(), "0.041");
        assert_eq!(Rate::default().expected(MINUTE), 0);
    }

    #[test]
    fn a_good_that_was_counted_just_now_has_not_had_the_time_to_sell_more() {
        let rates = [0, 30, 60, 6_000].map(|minutes| Rate::keeping_up(10_000, MINUTE * minutes).to_string());
        assert_eq!(rates, ["23.665", "23.665", "13.862", "6.931"]);
    }

    #[test]
    fn a_guess_is_believed_until_something_was_seen() {
        let rates = |sold| [0, 30, 60, 600].map(|minutes| Rate::guessing(500, sold, MINUTE * minutes).to_string());
        assert_eq!(rates(0), ["2.000", "0.590", "0.295", "0.000"]);
        assert_eq!(rates(3_000), ["14.000", "5.596", "3.840", "2.081"]);
    }
}
