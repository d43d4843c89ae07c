//! The token bucket by which a channel's limits are kept, as a pure function of its durable state.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A channel's limit on one group of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The group of calls that share it.
    pub group: &'static str,
    /// One call may pass every so often.
    pub interval: Duration,
    /// So many may pass at once after a pause.
    pub burst: u32,
    /// What a call answered with any 4XX counts as.
    pub penalty: u32,
    /// So many calls are taken from the bucket at once by one who tells a channel numbers, to save writes: as many as that takes.
    pub lease: u32,
    /// Where the numbers come from, and of what date.
    pub source: &'static str,
}

/// What somebody wants of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// So many calls.
    pub calls: u32,
    /// So many must be left for others.
    pub spare: u32,
}

impl Draw {
    /// One call, were it the last.
    pub const ONE: Self = Self { calls: 1, spare: 0 };
}

/// Where a bucket stands. Starts full; whoever keeps time by a clock that runs ahead leaves one of a time to come, and that
/// counts as full from now on, for what was spent meanwhile was spent by that clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Calls spent, in thousandths; never below zero, which is full.
    pub spent: i64,
    /// Of what time that is.
    pub at: Timestamp,
    /// Nothing passes before this time, because the channel said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<Timestamp>,
}

const CALL: i64 = 1_000;
/// No two clocks that keep time differ by more.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub const fn full(at: Timestamp) -> Self {
        Self { spent: 0, at, blocked_until: None }
    }

    /// Takes calls if they may pass now.
    ///
    /// # Errors
    /// The time from which they may pass; the bucket stays as it is.
    pub fn take(self, limit: &Limit, Draw { calls, spare }: Draw, now: Timestamp) -> Result<Self, Timestamp> {
        let bucket = self.refilled(limit, now);
        if let Some(until) = bucket.blocked_until {
            return Err(until);
        }
        let spent = bucket.spent + i64::from(calls) * CALL;
        let over = spent - i64::from(limit.burst.saturating_sub(spare).max(calls)) * CALL;
        match over > 0 {
            true => Err(now.plus(earned_in(limit, over))),
            false => Ok(Self { spent, ..bucket }),
        }
    }

    /// Charges `calls` that the channel counted without asking, and keeps everybody out until `blocked_until`.
    #[must_use]
    pub fn charge(self, limit: &Limit, calls: u32, blocked_until: Option<Timestamp>, now: Timestamp) -> Self {
        let bucket = self.refilled(limit, now);
        Self {
            spent: bucket.spent + i64::from(calls) * CALL,
            blocked_until: bucket.blocked_until.max(blocked_until),
            ..bucket
        }
    }

    /// Whether its time is further ahead of `now` than clocks differ.
    #[must_use]
    pub fn is_from_the_future(&self, now: Timestamp) -> bool {
        self.at > now.plus(CLOCKS_DIFFER)
    }

    fn refilled(self, limit: &Limit, now: Timestamp) -> Self {
        if self.is_from_the_future(now) {
            return Self::full(now);
        }
        let now = now.max(self.at);
        let interval = i64::try_from(limit.interval.as_micros()).unwrap_or(i64::MAX).max(1);
        let elapsed = i64::try_from(now.since(self.at).as_micros()).unwrap_or(i64::MAX);
        let earned = elapsed.saturating_mul(CALL) / interval;
        Self {
            spent: self.spent.saturating_sub(earned).max(0),
            at: now,
            blocked_until: self.blocked_until.filter(|until| *until > now),
        }
    }
}

/// How long it takes to earn `spent` thousandths of a call, rounded up to a millisecond.
fn earned_in(limit: &Limit, spent: i64) -> Duration {
    let micros = limit.interval.as_micros().saturating_mul(u128::try_from(spent).unwrap_or(0)) / 1_000;
    Duration::from_millis(u64::try_from(micros / 1_000 + 1).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Limit =
        Limit { group: "stocks", interval: Duration::from_millis(200), burst: 20, penalty: 10, lease: 1, source: "" };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn calls(calls: u32) -> Draw {
        Draw { calls, spare: 0 }
    }

    #[test]
    fn one_who_spares_some_passes_no_more_when_only_they_are_left() {
        let sparing = Draw { calls: 1, spare: 6 };
        let bucket = Bucket::full(at(0)).take(&LIMIT, calls(13), at(0)).unwrap().take(&LIMIT, sparing, at(0)).unwrap();
        assert_eq!(bucket.take(&LIMIT, sparing, at(0)), Err(at(201)));
        let bucket = (0..6).fold(bucket, |bucket, _| bucket.take(&LIMIT, Draw::ONE, at(0)).unwrap());
        assert!(bucket.take(&LIMIT, Draw::ONE, at(0)).is_err());
    }

    #[test]
    fn a_burst_passes_and_the_next_call_waits_for_one_interval() {
        let bucket = Bucket::full(at(0)).take(&LIMIT, calls(20), at(0)).unwrap();
        let until = bucket.take(&LIMIT, Draw::ONE, at(0)).unwrap_err();
        assert_eq!(until, at(201));
        assert!(bucket.take(&LIMIT, Draw::ONE, until).is_ok());
    }

    #[test]
    fn two_refused_calls_empty_the_bucket() {
        let bucket = Bucket::full(at(0)).charge(&LIMIT, 10, None, at(0)).charge(&LIMIT, 10, None, at(0));
        assert!(bucket.take(&LIMIT, Draw::ONE, at(100)).is_err());
        assert!(bucket.take(&LIMIT, Draw::ONE, at(400)).is_ok());
    }

    #[test]
    fn nobody_passes_while_the_channel_blocks() {
        let bucket = Bucket::full(at(0)).charge(&LIMIT, 0, Some(at(5_000)), at(0));
        assert_eq!(bucket.take(&LIMIT, Draw::ONE, at(4_999)), Err(at(5_000)));
        assert!(bucket.take(&LIMIT, Draw::ONE, at(5_000)).is_ok());
    }

    #[test]
    fn a_clock_that_runs_back_gives_nothing() {
        let bucket = Bucket::full(at(1_000)).take(&LIMIT, calls(20), at(1_000)).unwrap();
        assert!(bucket.take(&LIMIT, Draw::ONE, at(0)).is_err());
    }

    #[test]
    fn a_bucket_from_the_future_is_full_from_now_on() {
        let days_ahead = at(3 * 24 * 3_600_000);
        let shut = Some(days_ahead.plus(Duration::from_secs(3_600)));
        let spent = Bucket::full(days_ahead).charge(&LIMIT, 40, shut, days_ahead);
        assert!(spent.is_from_the_future(at(0)));
        let taken = spent.take(&LIMIT, calls(20), at(0)).unwrap();
        assert!(taken.take(&LIMIT, Draw::ONE, at(0)).is_err(), "and it empties as any other");
        let a_little_ahead = Bucket::full(at(900)).take(&LIMIT, calls(20), at(900)).unwrap();
        assert!(a_little_ahead.take(&LIMIT, Draw::ONE, at(0)).is_err(), "clocks differ a little");
    }

    proptest! {
        #[test]
        fn no_window_sees_more_than_the_burst_and_what_it_earns(gaps in proptest::collection::vec(0_i64..500, 1..200)) {
            let (mut bucket, mut now, mut passed) = (Bucket::full(at(0)), 0, Vec::new());
            for gap in gaps {
                now += gap;
                if let Ok(taken) = bucket.take(&LIMIT, Draw::ONE, at(now)) {
                    bucket = taken;
                    passed.push(now);
                }
            }
            for (index, start) in passed.iter().enumerate() {
                let within = passed.iter().skip(index).filter(|at| **at - start < 2_000).count();
                prop_assert!(within <= 20 + 10, "{within} calls in 2 s");
            }
        }
    }
}
