//! What the demo came to.

use std::collections::BTreeMap;
use std::fmt;

use comfy_table::Table;
use edin_domain::Timestamp;
use edin_local::aws::meter::{Count, Counts};
use edin_local::house::House;
use edin_platform::{Clock, SystemClock};
use edin_store::Store;
use serde::Serialize;

use crate::buyers::Bought;
use crate::lag::{Lag, Lags};

/// What was measured while the demo ran.
pub(crate) struct Measured {
    pub(crate) began: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) sales: Vec<Bought>,
    pub(crate) lags: Lags,
    pub(crate) spent: Counts,
    pub(crate) channel_calls: u64,
    pub(crate) drift_units: u64,
    pub(crate) violations: Vec<String>,
}

/// What the demo came to.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Orders that buyers made; all of them are in the table.
    pub orders: usize,
    /// Orders recorded a second, from the first sale to the last record.
    pub orders_per_s: f64,
    /// Units sold that weren't there.
    pub oversold_units: i64,
    /// Of those, units that something of ours should have prevented.
    pub oversold_unexplained: i64,
    /// Milliseconds from a sale to the acknowledgement of another channel that is told by a call: the median.
    pub lag_ms_p50: u64,
    /// The same: 99 of 100 are faster.
    pub lag_ms_p99: u64,
    /// The same, by the connection that was told. Ozon takes a number for one good every 30 seconds only.
    pub lag_ms_by_channel: BTreeMap<String, Percentiles>,
    /// What of that the channel's own limits don't account for, by its own journal.
    pub excess_lag_ms_by_channel: BTreeMap<String, Percentiles>,
    /// Calls of the functions to DynamoDB and SQS.
    pub aws_calls_per_order: f64,
    /// DynamoDB write units of intake.
    pub intake_write_units_per_order: f64,
    /// DynamoDB write units of all functions, polling included.
    pub write_units_per_order: f64,
    /// HTTP calls to the channels.
    pub channel_calls: u64,
    /// Levels to which the ledger doesn't lead, step by step.
    pub ledger_gaps: usize,
    /// Units by which what the channels show differs from what they should, after reconciliation.
    pub drift_units: u64,
    /// What the channels refused or would have punished.
    pub violations: Vec<String>,
}

/// How long one channel took.
#[derive(Debug, Clone, Serialize)]
pub struct Percentiles {
    /// The median.
    pub p50: u64,
    /// 99 of 100 are faster.
    pub p99: u64,
}

impl Percentiles {
    fn of(sorted: &[u64]) -> Self {
        Self { p50: percentile(sorted, 50), p99: percentile(sorted, 99) }
    }
}

impl Measured {
    /// Sums it all up.
    pub(crate) async fn summary(self, house: &House) -> anyhow::Result<Summary> {
        let store = house.store();
        let orders = self.sales.len();
        let month = SystemClock.now().to_string().get(..7).unwrap_or_default().to_owned();
        let oversells = store.oversells(&month).await?.into_iter().filter(|oversell| oversell.at >= self.began);
        let (explained, unexplained): (Vec<_>, Vec<_>) =
            oversells.partition(|oversell| oversell.verdict.is_explained());
        let units = |all: &[edin_store::journal::Oversell]| all.iter().map(|oversell| oversell.units).sum::<i64>();
        let of = |wanted: &dyn Fn(&str) -> bool, what: &dyn Fn(&Count) -> f64| {
            let functions = self.spent.iter().filter(|((function, _), _)| is_function(function) && wanted(function));
            round(functions.map(|(_, count)| what(count)).sum::<f64>() / count(orders))
        };
        let mut all: Vec<u64> = self.lags.values().flat_map(|lag| &lag.whole).copied().collect();
        all.sort_unstable();
        let seconds = self.recorded_at.since(self.began).as_secs_f64();
        Ok(Summary {
            orders,
            orders_per_s: round(count(orders) / seconds.max(0.001)),
            oversold_units: units(&explained) + units(&unexplained),
            oversold_unexplained: units(&unexplained),
            lag_ms_p50: percentile(&all, 50),
            lag_ms_p99: percentile(&all, 99),
            lag_ms_by_channel: by_channel(&self.lags, |lag| &lag.whole),
            excess_lag_ms_by_channel: by_channel(&self.lags, |lag| &lag.excess),
            aws_calls_per_order: of(&|_| true, &|spent| f64::from(u32::try_from(spent.calls).unwrap_or(u32::MAX))),
            intake_write_units_per_order: of(&|function| function == "intake", &|spent| spent.write_units),
            write_units_per_order: of(&|_| true, &|spent| spent.write_units),
            channel_calls: self.channel_calls,
            ledger_gaps: ledger_gaps(&store).await?,
            drift_units: self.drift_units,
            violations: self.violations,
        })
    }
}

fn by_channel(lags: &Lags, sorted: impl Fn(&Lag) -> &Vec<u64>) -> BTreeMap<String, Percentiles> {
    lags.iter().map(|(id, lag)| (id.to_string(), Percentiles::of(sorted(lag)))).collect()
}

/// Those who watch, and the loops that play AWS, are no functions.
fn is_function(name: &str) -> bool {
    !matches!(name, "setup" | "watch" | "source" | "command")
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)).max(1.0)
}

fn round(value: f64) -> f64 {
    // What is nothing is 0, not -0.
    (value * 100.0).round() / 100.0 + 0.0
}

fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(0)
}

/// How many levels the ledger doesn't lead to.
async fn ledger_gaps(store: &Store) -> anyhow::Result<usize> {
    let mut skus = std::collections::BTreeSet::new();
    for connection in store.connections().await?.into_values() {
        skus.extend(store.listings(&connection.id).await?.into_iter().map(|listing| listing.key.sku));
    }
    let mut gaps = 0;
    for sku in skus {
        gaps += judge::ledger::gaps(store, &sku).await?.len();
    }
    Ok(gaps)
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(["", "", "what it means, and what is good"]);
        let told = |lag: &Percentiles| format!("{} ms / {} ms", lag.p50, lag.p99);
        let rows = [
            ("orders", self.orders.to_string(), "all of them are in the table"),
            ("orders a second", self.orders_per_s.to_string(), "the buyers set the pace"),
            (
                "oversold units",
                self.oversold_units.to_string(),
                "sold after they were gone, before the channel could know: few; each is an error in the log",
            ),
            ("of them unexplained", self.oversold_unexplained.to_string(), "those that Edin should have prevented: 0"),
            (
                "sale to acknowledged elsewhere, p50 / p99",
                format!("{} ms / {} ms", self.lag_ms_p50, self.lag_ms_p99),
                "most of it is Ozon's limit: a good takes a number every 30 s",
            ),
            ("AWS calls an order", self.aws_calls_per_order.to_string(), "what AWS is paid for, polling included"),
            ("write units an order: intake", self.intake_write_units_per_order.to_string(), "of DynamoDB"),
            ("write units an order: all", self.write_units_per_order.to_string(), "of DynamoDB, polling included"),
            ("channel calls", self.channel_calls.to_string(), "within each channel's limits"),
            ("ledger gaps", self.ledger_gaps.to_string(), "changes of stock without a row: 0"),
            ("drift after reconciliation, units", self.drift_units.to_string(), "wrongly shown: 0"),
            ("violations of a channel's rules", self.violations.len().to_string(), "0"),
        ];
        let lags = self
            .lag_ms_by_channel
            .iter()
            .map(|(id, lag)| [format!("sale to acknowledged by {id}, p50 / p99"), told(lag), String::new()]);
        let excess = self.excess_lag_ms_by_channel.iter().map(|(id, lag)| {
            let meaning = "below a second, on a machine with nothing else to do".to_owned();
            [format!("the same beyond {id}'s own limits, p50 / p99"), told(lag), meaning]
        });
        let rows = rows.map(|(name, value, meaning)| [name.to_owned(), value, meaning.to_owned()]);
        table.add_rows(rows.into_iter().chain(lags).chain(excess));
        write!(f, "{table}")
    }
}
