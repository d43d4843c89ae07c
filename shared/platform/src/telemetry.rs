//! Logs: one JSON line per thing that happened.

use tracing_subscriber::EnvFilter;

/// Sends logs to standard output as JSON, as CloudWatch takes them. `RUST_LOG` chooses what; `info` if unset.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().json().flatten_event(true).without_time().with_current_span(false);
    let _ = logs.with_env_filter(filter).try_init();
}
