//! Demand: what is sold elsewhere while a channel can't know, and how many units must be held back for it.
//!
//! A channel sells from the number that it took last. It oversells if it sells all of that number while, within its lag, more
//! units are sold elsewhere than are held back from it. How much of its own number it sells isn't asked: all of it. So the
//! risk of a buffer of `b` is at most `P(N > b)`, where `N`, what is sold elsewhere within the lag, is Poisson distributed
//! with the mean rate × lag.
//!
//! What is kept and what comes out are whole numbers. Floating point is in [`reserve`] alone, where a probability is.

mod fading;
mod rate;
mod reserve;
mod sold;

use std::time::Duration;

pub use fading::HALF_LIFE;
pub use rate::Rate;
pub use reserve::reserve;
pub use sold::{Demand, Sold, sells};

/// How long a channel may go on selling what is gone, so far as that is known beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// Until a sale elsewhere is heard of.
    pub heard: Duration,
    /// How often a listing takes a new number.
    pub interval: Duration,
    /// From taking a number until buyers are bound by it.
    pub storefront: Duration,
}

impl Pace {
    /// The whole lag. `measured` is what it took lately from the change of the stock until the channel took the number. In a
    /// rush each number waits for the one before it, so it is never taken for less than the interval.
    #[must_use]
    pub fn lag(&self, measured: Option<Duration>) -> Duration {
        self.heard + self.interval.max(measured.unwrap_or_default()) + self.storefront
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_never_shorter_than_what_the_channel_says_of_itself() {
        let [heard, interval, storefront] = [20, 30, 1_200].map(Duration::from_secs);
        let pace = Pace { heard, interval, storefront };
        for (measured, lag) in [(None, 1_250), (Some(2), 1_250), (Some(40), 1_260)] {
            assert_eq!(pace.lag(measured.map(Duration::from_secs)), Duration::from_secs(lag));
        }
    }
}
