//! Counts calls against a limit, as a channel does.

use std::collections::VecDeque;
use std::time::Duration;

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

/// So many calls in any span of so long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Window {
    calls: usize,
    span: Duration,
    passed: VecDeque<Timestamp>,
}

impl Window {
    /// At most `calls` in any `span`.
    #[must_use]
    pub const fn new(calls: usize, span: Duration) -> Self {
        Self { calls, span, passed: VecDeque::new() }
    }

    /// Counts one call. False if it is one too many.
    pub fn pass(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        let fits = self.passed.len() < self.calls;
        if fits {
            self.passed.push_back(now);
        }
        fits
    }

    /// Calls that would pass now.
    pub fn remaining(&mut self, now: Timestamp) -> usize {
        self.forget(now);
        self.calls.saturating_sub(self.passed.len())
    }

    /// How long until a call passes.
    #[must_use]
    pub fn how_long(&self, now: Timestamp) -> Duration {
        match self.passed.front() {
            Some(oldest) if self.passed.len() >= self.calls => oldest.plus(self.span).since(now),
            _ => Duration::ZERO,
        }
    }

    fn forget(&mut self, now: Timestamp) {
        while self.passed.front().is_some_and(|at| now.since(*at) >= self.span) {
            self.passed.pop_front();
        }
    }
}

/// A token bucket: one call every `interval`, `burst` at once after a pause.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Meter {
    interval: Duration,
    burst: u32,
    /// Milliseconds' worth of calls that are spent.
    spent: Duration,
    at: Option<Timestamp>,
}

impl Meter {
    /// A full bucket.
    #[must_use]
    pub const fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, burst, spent: Duration::ZERO, at: None }
    }

    /// Counts one call.
    ///
    /// # Errors
    /// How long until one would have passed.
    pub fn pass(&mut self, now: Timestamp) -> Result<(), Duration> {
        self.refill(now);
        let over = (self.spent + self.interval).saturating_sub(self.interval * self.burst);
        if over > Duration::ZERO {
            return Err(over);
        }
        self.spent += self.interval;
        Ok(())
    }

    /// Counts `calls` more, whether they fit or not.
    pub fn punish(&mut self, calls: u32, now: Timestamp) {
        self.refill(now);
        self.spent += self.interval * calls;
    }

    /// Calls that would pass now without a pause.
    pub fn remaining(&mut self, now: Timestamp) -> u32 {
        self.refill(now);
        let left = (self.interval * self.burst).saturating_sub(self.spent).as_micros();
        u32::try_from(left.checked_div(self.interval.as_micros()).unwrap_or(0)).unwrap_or(0)
    }

    fn refill(&mut self, now: Timestamp) {
        self.spent = self.spent.saturating_sub(self.at.map_or(Duration::ZERO, |at| now.since(at)));
        self.at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_window_counts_any_span() {
        let mut window = Window::new(2, Duration::from_secs(1));
        assert_eq!(
            [window.pass(at(0)), window.pass(at(900)), window.pass(at(950)), window.pass(at(1_000))],
            [true, true, false, true]
        );
    }

    #[test]
    fn a_bucket_lets_a_burst_pass_and_then_one_an_interval() {
        let mut meter = Meter::new(Duration::from_millis(200), 20);
        assert!((0..20).all(|_| meter.pass(at(0)).is_ok()));
        assert_eq!(meter.pass(at(0)), Err(Duration::from_millis(200)));
        assert!(meter.pass(at(200)).is_ok());
        meter.punish(10, at(200));
        assert_eq!(meter.remaining(at(200)), 0);
    }
}
