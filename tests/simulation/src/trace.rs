//! What happened in a run, line by line: the same for the same seed.

use std::fmt::Display;
use std::sync::{Arc, Mutex};

use edin_platform::Clock as _;

use crate::clock::SimulatedClock;
use crate::lock;

/// The lines of one run.
#[derive(Clone)]
pub struct Trace {
    clock: SimulatedClock,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Trace {
    /// An empty one.
    #[must_use]
    pub fn new(clock: SimulatedClock) -> Self {
        Self { clock, lines: Arc::default() }
    }

    /// Notes one thing, with the time.
    pub fn note(&self, who: &str, what: impl Display) {
        let line = format!("{}  {who:<10} {what}", self.clock.now());
        lock(&self.lines).push(line);
    }

    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        lock(&self.lines).clone()
    }
}
