//! Demand: what is sold elsewhere while a channel can't know, and how many units must be held back for it.
//!
//! A channel sells from the number that it took last. That number has an [`Age`]: what was sold elsewhere since, the channel
//! doesn't know; what it sold itself since, it has taken off by itself. Two answers are given to how many units it should show.
//!
//! [`reserve()`] keeps a risk, and asks only what is sold elsewhere: with a buffer of `b` the channel oversells at most with
//! `P(N > b)`, if it sells all of its number while `N` units are sold elsewhere.
//!
//! [`weigh()`] asks what is sold here, too, and what it costs. Of `S` units that can be sold, `q` were shown. Since then `C` buyers
//! came here and `O` units were sold elsewhere, both Poisson distributed with the mean rate × age, independent of one another.
//! The next buyer here
//!
//! - gets what is gone if the channel still shows a unit and none is left: `C < q` and `C + O ≥ S`;
//! - is turned away though there is one if the channel has sold its number and of those held back not all were sold elsewhere:
//!   `C ≥ q` and `q + O < S`.
//!
//! The others are told at once, so what is held back here is theirs to sell, and a buyer who finds nothing because they have sold it
//! has lost nothing by the buffer. The number to show is the one with the least `cost of an oversell × P(first) + cost of a
//! buyer turned away × P(second)`, over the ages that the number has. When others sell fast, the last units are theirs alone; when
//! their demand fades, the channel gets them back.
//!
//! What is kept and what comes out are whole numbers. Floating point is where a probability is: in `poisson`, [`reserve()`] and
//! [`weigh()`].

mod age;
mod fading;
mod poisson;
mod rate;
mod reserve;
mod sold;
mod weigh;

use std::time::Duration;

pub use age::Age;
pub use fading::HALF_LIFE;
pub use rate::Rate;
pub use reserve::reserve;
pub use sold::{Demand, Sold, sells};
pub use weigh::{Chances, Rates, Weighed, weigh};

/// How long a channel may go on selling what is gone, so far as that is known beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// From a sale elsewhere until the stock table has it.
    pub heard: Duration,
    /// How often a listing takes a new number, where the channel is told; none if it asks for its numbers. How often it asks is in
    /// `storefront`.
    pub interval: Option<Duration>,
    /// From taking a number until buyers are bound by it.
    pub storefront: Duration,
}

impl Pace {
    /// The whole lag. `measured` is what it took lately from the change of the stock until the channel took the number. In a
    /// rush each number waits for the one before it, so it is never taken for less than the interval.
    #[must_use]
    pub fn lag(&self, measured: Option<Duration>) -> Duration {
        self.heard + self.interval.max(measured).unwrap_or_default() + self.storefront
    }

    /// How old the channel's number is. That of one that is told of each change, on the average: a sale is heard of after half of
    /// the longest time, and the channel waits for its interval only where it was told just before, as was measured.
    #[must_use]
    pub fn age(&self, measured: Option<Duration>) -> Age {
        match self.interval {
            Some(interval) => Age::About(self.heard / 2 + measured.unwrap_or(interval) + self.storefront),
            None => Age::UpTo(self.heard + self.storefront),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_never_shorter_than_what_the_channel_says_of_itself() {
        let [heard, interval, storefront] = [20, 30, 1_200].map(Duration::from_secs);
        let pace = Pace { heard, interval: Some(interval), storefront };
        for (measured, lag) in [(None, 1_250), (Some(2), 1_250), (Some(40), 1_260)] {
            assert_eq!(pace.lag(measured.map(Duration::from_secs)), Duration::from_secs(lag));
        }
    }

    #[test]
    fn the_usual_age_is_what_was_measured() {
        let [heard, interval, storefront] = [20, 30, 1_200].map(Duration::from_secs);
        let pace = Pace { heard, interval: Some(interval), storefront };
        for (measured, age) in [(None, 1_240), (Some(2), 1_212), (Some(40), 1_250)] {
            assert_eq!(pace.age(measured.map(Duration::from_secs)), Age::About(Duration::from_secs(age)));
        }
        let asks = Pace { interval: None, ..pace };
        assert_eq!(asks.age(None), Age::UpTo(Duration::from_secs(1_220)));
    }
}
