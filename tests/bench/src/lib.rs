//! Benchmarks, run by hand: what an order costs (`--bin capacity`), and how soon a function is ready (`--bin start`).
//!
//! Each prints one JSON object, its figures beside their budgets. What is counted doesn't depend on the machine, and breaking
//! its budget ends the run with a failure; what is timed is only told.

use std::io::Write as _;

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
