//! How what was sold loses weight with time.

use std::time::Duration;

/// After this, a sale counts half. It is as long as the longest lag that there is, Kaspi's hour: what matters is how much is
/// sold within the next lag. A longer memory would miss the beginning of a rush, and hold units back long after its end; a
/// shorter one would take two sales for a rush.
pub const HALF_LIFE: Duration = Duration::from_hours(1);

/// The whole, as what is left is counted: 63 bits behind the point.
const WHOLE: u128 = 1 << 63;
/// What is left after a millisecond: 2^(−1 / 3 600 000).
const AFTER_A_MILLISECOND: u128 = 9_223_370_260_978_746_049;
/// An even rate, times this, is the sum that it keeps up: the half-life / ln 2, in ms.
pub(super) const MEMORY_MS: u128 = 5_193_702;

/// What is left of an amount, to the nearest.
pub(super) fn faded(amount: u64, after: Duration) -> u64 {
    let left = (u128::from(amount) * left(after) + WHOLE / 2) >> 63;
    u64::try_from(left).unwrap_or(amount)
}

/// The part that is gone, with 32 bits behind the point.
pub(super) fn gone(after: Duration) -> u128 {
    (WHOLE - left(after)) >> 31
}

/// By squaring, with whole numbers: the same on every machine.
fn left(after: Duration) -> u128 {
    let (mut left, mut factor, mut millis) = (WHOLE, AFTER_A_MILLISECOND, after.as_millis());
    while millis > 0 {
        if millis & 1 == 1 {
            left = (left * factor) >> 63;
        }
        factor = (factor * factor) >> 63;
        millis >>= 1;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_is_left_after_the_half_life() {
        let left = [0, 1, 2, 10, 40, 1_000].map(|times| faded(1_000_000, HALF_LIFE * times));
        assert_eq!(left, [1_000_000, 500_000, 250_000, 977, 0, 0]);
        assert_eq!(faded(1_000_000, HALF_LIFE / 2), 707_107);
        assert_eq!(gone(HALF_LIFE) >> 16, 1 << 15);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_often_one_looks(amount in 0_u64..1_000_000_000, first in 0_u64..9_000_000, then in 0_u64..9_000_000) {
            let (first, then) = (Duration::from_millis(first), Duration::from_millis(then));
            prop_assert!(faded(faded(amount, first), then).abs_diff(faded(amount, first + then)) <= 1);
        }

        #[test]
        fn what_is_left_never_grows(amount in 0_u64..1_000_000_000, first in 0_u64..90_000_000, then in 0_u64..9_000_000) {
            let (first, then) = (Duration::from_millis(first), Duration::from_millis(then));
            prop_assert!(faded(amount, first + then) <= faded(amount, first));
        }
    }
}
