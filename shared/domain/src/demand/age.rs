//! How old the number is that a buyer acts on.

use std::time::Duration;

/// How old a channel's number is when a buyer acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// The channel is told of each change: always about so old.
    About(Duration),
    /// It asks now and then: anything up to so old, each age as likely as another.
    UpTo(Duration),
}

/// So many ages stand for all of them. With one, what is shown costs a tenth more in the simulator; sixteen save nothing.
const PARTS: u32 = 8;

/// Up to this age, a number is known at once.
const AT_ONCE: Duration = Duration::from_secs(60);

impl Age {
    /// The oldest that it is, or is about.
    #[must_use]
    pub const fn longest(self) -> Duration {
        match self {
            Self::About(age) | Self::UpTo(age) => age,
        }
    }

    /// Whether the channel is told so soon that there is no better place to sell a last unit.
    pub(super) fn is_known_at_once(self) -> bool {
        matches!(self, Self::About(age) if age <= AT_ONCE)
    }

    /// Ages that stand for all that are likely.
    pub(super) fn each(self) -> Vec<Duration> {
        match self {
            Self::About(age) => vec![age],
            Self::UpTo(longest) => (0..PARTS).map(|part| longest * (2 * part + 1) / (2 * PARTS)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_asked_for_is_half_as_old_on_the_average_as_it_gets() {
        let ages = Age::UpTo(Duration::from_secs(160)).each();
        assert_eq!(ages, [10, 30, 50, 70, 90, 110, 130, 150].map(Duration::from_secs));
    }
}
