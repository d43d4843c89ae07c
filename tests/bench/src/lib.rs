//! Benchmarks, run by hand: what an order costs (`--bin capacity`), how soon a function is ready (`--bin start`), how many
//! orders it takes in beside functions in other languages (`--bin load`), how long the whole way takes and how a backlog is
//! worked off (`--bin flow`), what becomes of all that as the catalogue grows (`--bin growth`), and how many instructions the
//! busiest steps take (`--bin instructions`).
//!
//! Each prints JSON, its figures beside their budgets where there are any. What is counted doesn't depend on the machine, and
//! breaking its budget ends the run with a failure; what is timed is only told.

pub mod function;
pub mod import;
pub mod machine;
pub mod orders;
pub mod proxy;
pub mod runtime;
pub mod shop;
pub mod tables;

use std::io::Write as _;
use std::time::Instant;

use serde::Serialize;

/// A figure beside the most that it may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// The figure.
    pub figure: f64,
    /// The most that it may be.
    pub budget: f64,
    /// Whether it keeps to that.
    pub within: bool,
}

impl Measured {
    /// Holds `figure` against `budget`.
    #[must_use]
    pub fn against(budget: f64, figure: f64) -> Self {
        Self { figure: round(figure), budget, within: figure <= budget }
    }
}

/// To two places.
#[must_use]
pub fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A count as a figure.
#[must_use]
pub fn figure(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Prints a report.
///
/// # Errors
/// If nobody listens.
pub fn print(report: &impl Serialize) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(report)?)?)
}

/// Prints a report on one line.
///
/// # Errors
/// If nobody listens.
pub fn print_line(report: &impl Serialize) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(report)?)?)
}

/// A count as a figure, of things in memory.
#[must_use]
pub fn count(things: usize) -> f64 {
    figure(u64::try_from(things).unwrap_or(u64::MAX))
}

/// What `percent` of the figures don't exceed. The figures are sorted for it.
#[must_use]
pub fn percentile(figures: &mut [f64], percent: usize) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let index = (figures.len() * percent / 100).min(figures.len().saturating_sub(1));
    figures.get(index).copied().map_or(0.0, round)
}

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "wall-clock time is what is measured here")]
pub fn now() -> Instant {
    Instant::now()
}
