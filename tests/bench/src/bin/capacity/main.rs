//! What an order costs in DynamoDB's own units, counted on the embedded engines.
//!
//! `cargo run -p bench --bin capacity` takes two to three minutes, most of which Ozon's simulator keeps it waiting. How the
//! queue cuts a batch of ten into events is chance, so the figure of `whole_batched` moves a little from run to run.

mod holds;
mod intake;
mod orders;
mod tallies;
mod whole;

use std::collections::BTreeMap;
use std::process::ExitCode;

use bench::{Measured, figure};
use edin_local::aws::meter::{Count, Counts};
use serde::Serialize;

/// Everything that was counted.
#[derive(Debug, Serialize)]
struct Report {
    /// Intake alone, each order in an event of its own.
    intake_unbatched: Part,
    /// Intake alone, ten orders of one SKU an event.
    intake_batched: Part,
    /// From the inbox queue until Ozon and Wildberries know, one order at a time.
    whole_unbatched: Part,
    /// The same, ten orders of one SKU at a time.
    whole_batched: Part,
    /// Holds that a door asks for, the entry in the index by which they end counted with them.
    hold: Part,
    /// Intake alone, one by one, as the good is listed in more places.
    tallies: Vec<tallies::Row>,
}

/// One way of bringing orders in.
#[derive(Debug, Serialize)]
struct Part {
    orders: usize,
    per_order: BTreeMap<&'static str, Measured>,
    /// By function and operation, of all orders together.
    spent: BTreeMap<String, BTreeMap<String, Count>>,
}

impl Part {
    fn new(orders: usize, spent: Counts) -> Self {
        let mut by_function = BTreeMap::<String, BTreeMap<String, Count>>::new();
        for ((function, operation), count) in spent {
            by_function.entry(function).or_default().insert(operation, count);
        }
        Self { orders, per_order: BTreeMap::new(), spent: by_function }
    }

    /// Write units an order, against the most that they may be.
    fn write_units(mut self, most: f64) -> Self {
        let units = self.counts().map(|count| count.write_units).sum::<f64>();
        self.per_order.insert("write_units", Measured::against(most, units / self.divisor()));
        self
    }

    /// Calls that write to the table an order, against the most that they may be.
    fn write_calls(mut self, most: f64) -> Self {
        let writes = self.counts().filter(|count| count.write_units > 0.0);
        let calls = writes.map(|count| figure(count.calls)).sum::<f64>();
        self.per_order.insert("write_calls", Measured::against(most, calls / self.divisor()));
        self
    }

    fn counts(&self) -> impl Iterator<Item = &Count> {
        self.spent.values().flat_map(BTreeMap::values)
    }

    fn divisor(&self) -> f64 {
        figure(u64::try_from(self.orders).unwrap_or(u64::MAX)).max(1.0)
    }
}

impl Report {
    fn is_within(&self) -> bool {
        let parts =
            [&self.intake_unbatched, &self.intake_batched, &self.whole_unbatched, &self.whole_batched, &self.hold];
        parts.iter().all(|part| part.per_order.values().all(|measured| measured.within))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let intake = intake::Bench::start().await?;
    let whole = whole::Bench::start().await?;
    let report = Report {
        intake_unbatched: intake.measure(orders::ONE_BY_ONE).await?.write_calls(1.0).write_units(4.0),
        intake_batched: intake.measure(orders::BY_TEN).await?.write_calls(0.2).write_units(2.5),
        whole_unbatched: whole.measure(orders::ONE_BY_ONE).await?.write_units(10.0),
        whole_batched: whole.measure(orders::BY_TEN).await?.write_units(7.0),
        hold: holds::measure().await?.write_calls(1.0).write_units(8.0),
        tallies: tallies::measure().await?,
    };
    bench::print(&report)?;
    Ok(if report.is_within() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
