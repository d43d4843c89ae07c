//! Oversells, and whose they are.
//!
//! A channel sells from the number that it was last told. Until a new number has reached it, it can sell what another channel
//! has sold already: nobody but a buffer can prevent that, and such an oversell is *explained*. One that a channel made
//! although it had been told in time, or that should have been told in time and wasn't, is *unexplained*: a bug.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::shown::Acknowledged;
use crate::stock::Tally;

/// What is known when a sale took what is available below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// When the channel sold it, by the channel's clock.
    pub placed_at: Timestamp,
    /// The number that the channel had taken last.
    pub told: Option<Acknowledged>,
    /// What the channel has sold of it so far, this sale included.
    pub tally: Tally,
    /// When the table first knew of a change, made elsewhere, that the channel hadn't been told; none if there is none.
    pub stale_since: Option<Timestamp>,
    /// How long a change may take to reach the channel: its own interval, and the way there.
    pub reach: Duration,
}

/// Whose oversell it is.
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

/// Judges an oversell.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
