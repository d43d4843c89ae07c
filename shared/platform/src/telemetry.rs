//! Logs: one JSON line per thing that happened.

use tracing_subscriber::filter::LevelFilter;

/// Sends logs to standard output as JSON, as CloudWatch takes them. `RUST_LOG` is the level, one word; `info` if unset. `trace`
/// is no level here: libraries write whole requests at it, with addresses that let somebody in, and with people's names.
pub fn init() {
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let level = level.min(LevelFilter::DEBUG);
    let logs = tracing_subscriber::fmt().json().flatten_event(true).without_time().with_current_span(false);
    let _ = logs.with_max_level(level).try_init();
}
