//! What becomes of a sale, of Kaspi's price list and of a reconciliation as the catalogue grows.
//!
//! A sale goes the whole way in one process, and its reads and writes are counted. The price list is rendered, and Ozon
//! reconciled, by the functions' own binaries, so that the memory is theirs alone; the tables are in this process.
//!
//! ```sh
//! cargo build --release -p feed -p reconcile && cargo build --profile measure -p bench --bin growth
//! growth --feed target/release/feed --reconcile target/release/reconcile
//! ```

mod driven;
mod sale;

use std::path::PathBuf;
use std::process::ExitCode;

use bench::shop::Shop;
use bench::{Measured, now, round};
use clap::Parser;
use driven::{Fed, Reconciled};
use sale::Sale;
use serde::Serialize;

/// How it is run.
#[derive(Debug, Parser)]
#[command(about = "What becomes of a sale, a price list and a reconciliation as the catalogue grows")]
struct Growth {
    /// So many goods, one size after another.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    goods: Vec<u64>,
    /// Feed's binary, as it is deployed.
    #[arg(long, default_value_os_t = bench::function::deployed("feed"))]
    feed: PathBuf,
    /// Reconcile's.
    #[arg(long, default_value_os_t = bench::function::deployed("reconcile"))]
    reconcile: PathBuf,
    /// A folder that lies in memory, for the tables' file.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
}

/// One size.
#[derive(Debug, Serialize)]
struct Report {
    goods: u64,
    stocked_s: f64,
    sale: Sale,
    feed: Fed,
    reconcile: Reconciled,
}

/// A sale must not cost more than this many times as much among the most goods as among the fewest.
const MOST_GROWTH: f64 = 1.02;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let growth = Growth::parse();
    let mut reports = Vec::new();
    for goods in &growth.goods {
        let report = report(&growth, *goods).await?;
        bench::print_line(&report)?;
        reports.push(report);
    }
    let sales: Vec<_> = reports.iter().map(|report| report.sale.costs()).collect();
    let mut within = reports.iter().all(|report| report.feed.is_within() && report.reconcile.is_within());
    for (index, cost) in sales.first().into_iter().flatten().enumerate() {
        let last = sales.last().and_then(|last| last.get(index)).copied().unwrap_or_default();
        within &= Measured::against(MOST_GROWTH * cost, last).within;
    }
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn report(growth: &Growth, goods: u64) -> anyhow::Result<Report> {
    let began = now();
    let shop = Shop::open(goods, &growth.memory).await?;
    let stocked_s = round(began.elapsed().as_secs_f64());
    let sale = Sale::counted(&shop).await?;
    let (tables, proxy) = shop.behind_a_proxy().await?;
    let feed = driven::feed(&growth.feed, &shop, &proxy).await?;
    let reconcile = driven::reconcile(&growth.reconcile, &shop, &proxy).await?;
    drop(tables);
    Ok(Report { goods, stocked_s, sale, feed, reconcile })
}
