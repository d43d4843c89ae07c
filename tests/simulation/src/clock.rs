//! Time that passes only when everybody waits.

use edin_domain::Timestamp;
use edin_platform::Clock;
use tokio::time::Instant;

/// 2 March 2026, 06:00 UTC.
const BEGINNING: Timestamp = Timestamp::from_millis(1_772_431_200_000);

/// The clock of one run: the runtime's paused time, counted from `BEGINNING`.
#[derive(Debug, Clone, Copy)]
pub struct SimulatedClock {
    start: Instant,
}

impl SimulatedClock {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        BEGINNING.plus(self.start.elapsed())
    }
}
