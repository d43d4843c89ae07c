//! How many units must be held back to keep a risk.

use super::poisson::{MILLION, Mean, Top};

/// So much is expected at most, in units. Nobody sells a million units within a lag; it bounds the work.
const MOST_EXPECTED: u64 = 1_000_000;

/// The smallest number that a Poisson distributed number exceeds with no more than the accepted risk: 0 if none is expected.
/// `expected` is its mean in millionths, `risk` is in parts of 10 000. It never falls if more is expected, and never rises
/// if more is risked.
#[must_use]
pub fn reserve(expected: u64, risk: u16) -> u32 {
    if expected == 0 || risk >= 10_000 {
        return 0;
    }
    let mean = Mean::of(expected.min(MOST_EXPECTED * MILLION));
    let Top { mut number, mut weight, upper } = mean.top();
    let accepted = f64::from(risk) / 10_000.0 * (upper + mean.lower());
    // From the top down, so that small weights are added up first. `above` is the weight of all that is more than `number`.
    let mut above = 0.0;
    while number > 0 && above + weight <= accepted {
        above += weight;
        weight = mean.one_less(weight, number);
        number -= 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Exact tails, computed with 60 decimals: mean in millionths, risk in parts of 10 000, the smallest sufficient number.
    const EXACT: [(u64, u16, u32); 24] = [
        (100, 1, 0),
        (100, 10, 0),
        (100, 100, 0),
        (10_000, 1, 1),
        (10_000, 10, 1),
        (10_000, 100, 0),
        (141_000, 1, 3),
        (141_000, 10, 2),
        (141_000, 100, 1),
        (500_000, 1, 5),
        (500_000, 10, 4),
        (500_000, 100, 3),
        (1_000_000, 1, 6),
        (1_000_000, 10, 5),
        (1_000_000, 100, 4),
        (4_000_000, 1, 13),
        (4_000_000, 10, 11),
        (4_000_000, 100, 9),
        (30_000_000, 1, 52),
        (30_000_000, 10, 48),
        (30_000_000, 100, 43),
        (900_000_000, 1, 1014),
        (900_000_000, 10, 994),
        (900_000_000, 100, 971),
    ];

    #[test]
    fn it_is_what_exact_poisson_tails_say() {
        for (expected, risk, wanted) in EXACT {
            assert_eq!(reserve(expected, risk), wanted, "mean {expected} millionths, risk {risk} of 10 000");
        }
    }

    #[test]
    fn nothing_is_held_back_for_what_is_not_sold() {
        assert_eq!(reserve(0, 0), 0);
        assert_eq!(reserve(0, 10_000), 0);
    }

    #[test]
    fn whoever_accepts_every_risk_holds_nothing_back() {
        for expected in [1, 1_000_000, 700_000_000, u64::MAX] {
            assert_eq!(reserve(expected, 10_000), 0, "{expected}");
        }
    }

    proptest! {
        #[test]
        fn more_demand_never_means_a_smaller_reserve(expected in 0_u64..200_000_000, more in 0_u64..2_000_000, risk in 0_u16..=10_000) {
            prop_assert!(reserve(expected, risk) <= reserve(expected + more, risk));
        }

        #[test]
        fn more_risk_never_means_a_larger_reserve(expected in 0_u64..200_000_000, risk in 0_u16..10_000, more in 0_u16..5_000) {
            prop_assert!(reserve(expected, (risk + more).min(10_000)) <= reserve(expected, risk));
        }
    }
}
