//! The one place where the simulators read the clock.

use edin_domain::Timestamp;

/// The time by which the simulated channels go.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a channel has a clock of its own")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
