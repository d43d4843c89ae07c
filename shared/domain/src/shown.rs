//! What a channel is believed to show for a listing, and whether it must be told a new number.
//!
//! Nobody counts a channel's own sales down one by one: a level carries how many units each channel has sold of it so far
//! ([`Tally`]), and what a channel shows is what it acknowledged less what it has sold since. So a repeated or a late
//! event can't make the belief drift. In doubt there is no belief, and the channel is told again.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::stock::Tally;

/// A number that a channel took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The number.
    pub quantity: u32,
    /// When the channel took it.
    pub at: Timestamp,
    /// The listing's tally in the stock from which the number was computed.
    pub tally: Tally,
    /// The sum of the versions of the levels from which it was computed. Rises with every change of any of them.
    pub version: u64,
}

/// A number that a channel refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The number.
    pub quantity: u32,
    /// When the channel said so.
    pub at: Timestamp,
    /// The channel's code for it.
    pub code: String,
    /// The channel's words, in its own language, for a person.
    pub message: String,
}

/// What is known of a listing at its channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// What the channel took last; none if nothing yet, or if that was cast into doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
    /// The channel takes no new number before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// What it refused, if that was the last thing that it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
    /// What it took lately from a change of the stock until the channel took the number, in ms; none if never measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
}

/// No lag counts for longer, in ms: a channel that was down for a night isn't slow the day after.
const LONGEST_LAG: u64 = 3_600_000;

/// What to do about a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "decision", content = "until")]
pub enum Decision {
    /// It shows the right number.
    UpToDate,
    /// It must be told.
    Push,
    /// It must be told, but not before this time.
    Wait(Timestamp),
    /// It is told nothing, whatever it shows: its connection isn't live, or has ended for good.
    Withheld,
}

impl Shown {
    /// The number that the channel should be showing now, if there is no doubt about it.
    ///
    /// There is doubt if nothing was acknowledged, if the channel sold more than it had, if a sale of its own was called off,
    /// for whether a channel then puts the unit back is not documented for any of them, or if one was heard of late.
    #[must_use]
    pub fn estimate(&self, tally: Tally) -> Option<u32> {
        let told = self.acknowledged?;
        // Both tallies only ever grow, so what lies between them is what happened since the number was worked out, however often
        // and in whatever order it was heard of.
        match tally - told.tally {
            // What it sold itself it has taken off its own number. A tally older than the one noted (`sold < 0`) and one that has
            // sold more than was told say nothing of what it shows.
            Tally { sold, freed: 0, late: 0 } if sold >= 0 => u32::try_from(i64::from(told.quantity) - sold).ok(),
            _ => None,
        }
    }

    /// What to remember of the lags when another one is measured, in ms. A longer one counts for a half and a shorter one
    /// for a quarter: it leans to the long side, since a number that came too late is what costs.
    #[must_use]
    pub fn lag_with(&self, measured: Option<u64>) -> Option<u64> {
        let Some(measured) = measured.map(|lag| lag.min(LONGEST_LAG)) else { return self.lag_ms };
        Some(match self.lag_ms {
            None => measured,
            Some(known) if measured > known => known + (measured - known) / 2,
            Some(known) => known - (known - measured) / 4,
        })
    }

    /// Whether the channel took a 0 after the listing had ended, and so hears nothing of it any more.
    #[must_use]
    pub fn has_ended(&self, ended_at: Timestamp) -> bool {
        self.acknowledged.is_some_and(|told| told.quantity == 0 && told.at >= ended_at)
    }

    /// Whether the channel must be told `desired`. After a refusal it must be in any case: until it takes a number, nobody knows
    /// that what it refused for is mended.
    #[must_use]
    pub fn decide(&self, desired: u32, tally: Tally, now: Timestamp) -> Decision {
        match self.estimate(tally) {
            Some(shown) if shown == desired && self.rejected.is_none() => Decision::UpToDate,
            _ => self.as_soon_as_it_may(now),
        }
    }

    /// Whether the channel must be told a last 0 of a listing that ended: nothing but a 0 that it took since then will do. One
    /// that sold all that it showed may put a unit back, and nobody looks there any more.
    #[must_use]
    pub fn decide_last(&self, ended_at: Timestamp, now: Timestamp) -> Decision {
        if self.has_ended(ended_at) { Decision::UpToDate } else { self.as_soon_as_it_may(now) }
    }

    /// Waiting is a decision of its own, so that a wait costs a look at its end and no delivery: a message that fails until its
    /// time has come would end in the dead-letter queue.
    fn as_soon_as_it_may(&self, now: Timestamp) -> Decision {
        self.not_before.filter(|until| *until > now).map_or(Decision::Push, Decision::Wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(sold: i64, freed: i64) -> Tally {
        Tally { sold, freed, late: 0 }
    }

    fn told(quantity: u32, sold: i64) -> Shown {
        let tally = tally(sold, 0);
        let acknowledged = Some(Acknowledged { quantity, at: Timestamp::from_millis(0), tally, version: 1 });
        Shown { acknowledged, ..Shown::default() }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    #[test]
    fn a_channel_that_sold_a_unit_itself_is_not_told_so() {
        let shown = told(5, 10);
        assert_eq!(shown.decide(4, tally(11, 0), NOW), Decision::UpToDate);
    }

    #[test]
    fn a_sale_elsewhere_is_told() {
        assert_eq!(told(5, 10).decide(4, tally(10, 0), NOW), Decision::Push);
    }

    #[test]
    fn a_sale_of_its_own_that_was_called_off_leaves_doubt_and_doubt_is_told() {
        let shown = told(5, 10);
        assert_eq!(shown.estimate(tally(11, 1)), None);
        assert_eq!(shown.decide(5, tally(11, 1), NOW), Decision::Push);
    }

    #[test]
    fn a_sale_that_is_heard_of_late_leaves_doubt() {
        assert_eq!(told(5, 10).estimate(Tally { late: 1, ..tally(11, 0) }), None);
    }

    #[test]
    fn a_channel_that_sold_more_than_it_had_is_in_doubt() {
        assert_eq!(told(1, 0).estimate(tally(2, 0)), None);
    }

    #[test]
    fn a_longer_lag_is_believed_sooner_than_a_shorter_one() {
        let shown = |lag_ms| Shown { lag_ms, ..Shown::default() };
        assert_eq!(shown(None).lag_with(None), None);
        assert_eq!(shown(None).lag_with(Some(800)), Some(800));
        assert_eq!(shown(Some(800)).lag_with(None), Some(800));
        assert_eq!(shown(Some(800)).lag_with(Some(1_600)), Some(1_200));
        assert_eq!(shown(Some(800)).lag_with(Some(400)), Some(700));
        assert_eq!(shown(None).lag_with(Some(u64::MAX)), Some(LONGEST_LAG));
    }

    #[test]
    fn nothing_is_told_before_the_channel_takes_it() {
        let later = NOW.plus(std::time::Duration::from_secs(30));
        let shown = Shown { not_before: Some(later), ..told(5, 0) };
        assert_eq!(shown.decide(4, Tally::default(), NOW), Decision::Wait(later));
        assert_eq!(shown.decide(4, Tally::default(), later), Decision::Push);
    }
}
