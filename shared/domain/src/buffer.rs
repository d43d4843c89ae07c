//! How many units a listing holds back.

use serde::{Deserialize, Serialize};

use crate::listing::percent;

/// Units that a listing holds back, for what is sold elsewhere before its channel can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number of units, or { risk = 10, most = 50, last_unit = false }")]
pub enum Buffer {
    /// So many.
    Fixed(u32),
    /// As many as demand elsewhere asks for.
    Adaptive(Adaptive),
}

impl Default for Buffer {
    /// None.
    fn default() -> Self {
        Self::Fixed(0)
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

/// A listing's own buffer, over its connection's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OwnBuffer {
    /// So many units.
    Fixed(u32),
    /// An adaptive one, in parts of its own.
    Adaptive(OwnAdaptive),
}

/// The parts of an adaptive buffer that are a listing's own. The others are its connection's, or the usual ones if that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnAdaptive {
    /// See [`Adaptive::risk`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<u16>,
    /// See [`Adaptive::most`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u8>,
    /// See [`Adaptive::last_unit`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_unit: Option<bool>,
}

impl OwnBuffer {
    pub(crate) fn over(self, connections: Buffer) -> Buffer {
        let own = match self {
            Self::Fixed(units) => return Buffer::Fixed(units),
            Self::Adaptive(own) => own,
        };
        let usual = match connections {
            Buffer::Adaptive(adaptive) => adaptive,
            Buffer::Fixed(_) => Adaptive::default(),
        };
        Buffer::Adaptive(Adaptive {
            risk: own.risk.unwrap_or(usual.risk),
            most: own.most.unwrap_or(usual.most),
            last_unit: own.last_unit.unwrap_or(usual.last_unit),
        })
    }
}

impl From<Buffer> for OwnBuffer {
    fn from(buffer: Buffer) -> Self {
        match buffer {
            Buffer::Fixed(units) => Self::Fixed(units),
            Buffer::Adaptive(Adaptive { risk, most, last_unit }) => {
                Self::Adaptive(OwnAdaptive { risk: Some(risk), most: Some(most), last_unit: Some(last_unit) })
            }
        }
    }
}

impl Adaptive {
    /// Units to hold back if `wanted` should be. What the share leaves out of `shared` is held back already, and counts.
    pub(crate) fn units(self, sellable: i64, shared: i64, wanted: i64) -> i64 {
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
