//! What happened in a run, line by line: the same for the same seed.

use std::fmt::Display;
use std::io::Write;
use std::sync::{Arc, Mutex};

use edin_platform::Clock as _;
use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, registry};

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

    /// Takes the warnings and errors that functions log in this thread, until the guard is dropped.
    #[must_use]
    pub fn take_logs(&self) -> DefaultGuard {
        let trace = self.clone();
        let logs = layer().without_time().with_ansi(false).with_writer(move || Log(trace.clone()));
        // An engine in memory has no connections that could be closed, and each fault would be logged as that.
        let wanted = Targets::new().with_default(Level::WARN).with_target("aws_smithy_runtime", LevelFilter::OFF);
        tracing::subscriber::set_default(registry().with(logs.with_filter(wanted)))
    }

    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        lock(&self.lines).clone()
    }
}

/// Takes one line of a log.
struct Log(Trace);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.note("log", String::from_utf8_lossy(line).trim());
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
