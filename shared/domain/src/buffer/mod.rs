//! How many units a listing holds back.

mod own;

use serde::{Deserialize, Serialize};

pub use own::{OwnAdaptive, OwnBuffer, OwnCosts};

/// Units that a listing holds back, for what is sold elsewhere before its channel can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a number of units, { oversell = 5, turned_away = 1 }, or { risk = 10, most = 50, last_unit = false }"
)]
pub enum Buffer {
    /// As many units as these, whatever is sold elsewhere.
    Fixed(u32),
    /// As many as demand elsewhere asks for.
    Adaptive(Adaptive),
    /// As many as cost least, by the demand here and elsewhere.
    Weighed(Costs),
}

impl Default for Buffer {
    /// Nothing is held back.
    fn default() -> Self {
        Self::Fixed(0)
    }
}

impl Buffer {
    /// Whether it is made of what was sold lately.
    #[must_use]
    pub const fn foresees(self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Adaptive(_) | Self::Weighed(_) => true,
        }
    }

    /// Units to hold back of those that the share leaves, if `wanted` of the sellable ones should be. What the share leaves
    /// out is held back already, and counts.
    pub(crate) fn units(self, sellable: i64, shared: i64, wanted: i64) -> i64 {
        match self {
            Self::Fixed(units) => i64::from(units),
            Self::Adaptive(adaptive) => adaptive.units(sellable, shared, wanted),
            Self::Weighed(_) => (wanted - (sellable.max(0) - shared)).clamp(0, shared),
        }
    }
}

/// The smallest buffer that keeps the risk, within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adaptive {
    /// The accepted risk that more is sold elsewhere, before the channel can know, than is held back: in parts of 10 000.
    pub risk: u16,
    /// Percent of the sellable units that share and buffer together may hold back, rounded down, 0 to 100. More is held back
    /// only if the share alone does.
    pub most: u8,
    /// Whether this is where the last unit is sold: one unit is always left on sale here. Where the buffer shall be none
    /// at all, a fixed one of 0 says so.
    pub last_unit: bool,
}

impl Default for Adaptive {
    /// One in a thousand, and half of what there is stays on sale.
    fn default() -> Self {
        Self { risk: 10, most: 50, last_unit: false }
    }
}

/// What a buyer costs the seller who gets what is gone, and one who finds nothing although there is some. Only how the two
/// stand to each other matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Costs {
    /// A unit that is sold and isn't there: a fine, a lower rating, the work of calling it off.
    pub oversell: u16,
    /// A buyer who is turned away: what would have been earned.
    pub turned_away: u16,
}

impl Default for Costs {
    /// Five buyers lost are as bad as one oversell.
    fn default() -> Self {
        Self { oversell: 5, turned_away: 1 }
    }
}

/// A part of the sellable units, rounded down.
pub(crate) fn percent(sellable: i64, percent: u8) -> i64 {
    sellable.max(0).saturating_mul(i64::from(percent.min(100))) / 100
}

impl Adaptive {
    fn units(self, sellable: i64, shared: i64, wanted: i64) -> i64 {
        let besides = sellable.max(0) - shared;
        let together = wanted.min(percent(sellable, self.most));
        (together - besides).min(shared - i64::from(self.last_unit)).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: Adaptive = Adaptive { risk: 10, most: 100, last_unit: false };

    #[test]
    fn as_much_as_is_wanted_and_no_more_than_may_be() {
        for (sellable, wanted, half, all, last) in
            [(10, 0, 0, 0, 0), (10, 3, 3, 3, 3), (10, 8, 5, 8, 8), (3, 8, 1, 3, 2), (1, 8, 0, 1, 0), (0, 8, 0, 0, 0)]
        {
            let units = |adaptive: Adaptive| adaptive.units(sellable, sellable, wanted);
            let found = (units(Adaptive::default()), units(ALL), units(Adaptive { last_unit: true, ..ALL }));
            assert_eq!(found, (half, all, last), "{wanted} of {sellable}");
        }
    }

    #[test]
    fn what_the_share_leaves_out_is_held_back_already() {
        let units = [2, 5, 7].map(|wanted| ALL.units(10, 5, wanted));
        assert_eq!(units, [0, 0, 2]);
    }

    #[test]
    fn what_is_stored_and_written_is_read_as_what_it_is() {
        let weighed = |oversell, turned_away| Buffer::Weighed(Costs { oversell, turned_away });
        for (text, buffer) in [
            ("3", Buffer::Fixed(3)),
            ("{}", Buffer::Adaptive(Adaptive::default())),
            (r#"{"risk":10,"most":100,"last_unit":false}"#, Buffer::Adaptive(ALL)),
            (r#"{"oversell":20}"#, weighed(20, 1)),
            (r#"{"turned_away":2}"#, weighed(5, 2)),
            (r#"{"oversell":20,"turned_away":3}"#, weighed(20, 3)),
        ] {
            assert_eq!(serde_json::from_str::<Buffer>(text).unwrap(), buffer, "{text}");
            let written = serde_json::to_string(&buffer).unwrap();
            assert_eq!(serde_json::from_str::<Buffer>(&written).unwrap(), buffer, "{written}");
        }
        assert!(serde_json::from_str::<Buffer>(r#"{"risk":10,"oversell":20}"#).is_err(), "one kind or the other");
    }

    #[test]
    fn a_weighed_buffer_holds_back_what_the_share_has_not() {
        let units = [0, 2, 7, 12].map(|wanted| Buffer::Weighed(Costs::default()).units(10, 5, wanted));
        assert_eq!(units, [0, 0, 2, 5]);
    }

    proptest! {
        #[test]
        fn never_more_than_its_share_of_what_is_sellable(
            most in 0_u8..=100, sellable in -100_i64..10_000, share in 0_i64..=100, wanted in 0_i64..20_000, last_unit: bool,
        ) {
            let shared = sellable.max(0) * share / 100;
            let units = Adaptive { risk: 1, most, last_unit }.units(sellable, shared, wanted);
            prop_assert!(units >= 0 && units * 100 <= sellable.max(0) * i64::from(most));
            prop_assert!(units <= wanted);
            prop_assert!(!last_unit || shared == 0 || units < shared);
        }

        #[test]
        fn more_that_is_wanted_never_means_fewer_held_back(
            most in 0_u8..=100, sellable in 0_i64..10_000, wanted in 0_i64..20_000, last_unit: bool,
        ) {
            let units = |wanted| Adaptive { risk: 1, most, last_unit }.units(sellable, sellable, wanted);
            prop_assert!(units(wanted) <= units(wanted + 1));
        }
    }
}
