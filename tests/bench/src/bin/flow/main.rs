//! How long the whole way of a sale takes while many are made, and how fast a backlog is worked off.
//!
//! `whole` is the house in one process over the embedded engines and the simulated channels: producers put orders into the
//! inbox, each the next one as soon as its last is in the table; then the channels are waited for. Ozon takes a number for one
//! good every 30 seconds only, which is most of its lag. `backlog` is intake alone, over a queue that is full already, in
//! batches of ten; nobody reads the stream there, and it is cut all the time.
//!
//! `steady` is a stream of sales at a rate that the house can take, over many goods: what of the channels' lag their own limits
//! don't account for, at its beginning and at its end. `holds` is such a stream, beside which visitors of the seller's own shop
//! hold goods and let them go.
//!
//! ```sh
//! cargo run --profile measure -p bench --bin flow
//! ```

mod backlog;
mod holds;
mod steady;
mod watch;
mod whole;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// How it is run.
#[derive(Debug, Parser)]
#[command(about = "How long the whole way of a sale takes, and how fast a backlog is worked off")]
pub(crate) struct Flow {
    /// Producers at the same time, one number after another.
    #[arg(long, value_delimiter = ',', default_value = "1,4,16")]
    producers: Vec<usize>,
    /// How long they produce.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Messages that wait in the inbox; 0 leaves that part out.
    #[arg(long, default_value_t = 50_000)]
    backlog: u64,
    /// Instances of intake that work the backlog off.
    #[arg(long, default_value_t = 4)]
    instances: usize,
    /// How long the steady stream lasts; 0 leaves that part out.
    #[arg(long, default_value_t = 120)]
    steady_seconds: u64,
    /// How long goods are held beside such a stream; 0 leaves that part out.
    #[arg(long, default_value_t = 30)]
    hold_seconds: u64,
    /// Its sales a second.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Its goods.
    #[arg(long, default_value_t = 2_000)]
    steady_goods: u64,
    /// A folder that lies in memory, for the tables' file.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
}

/// All orders are of one good; or each of any of two hundred.
pub(crate) const SHAPES: [(&str, u64); 2] = [("hot", 1), ("spread", 200)];

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let flow = Flow::parse();
    let mut is_correct = true;
    for (shape, goods) in SHAPES {
        if flow.backlog > 0 {
            let report = backlog::work_off(&flow, shape, goods).await?;
            is_correct &= report.is_correct;
            bench::print_line(&report)?;
        }
        for producers in &flow.producers {
            let report = whole::run(&flow, shape, goods, *producers).await?;
            is_correct &= report.is_correct;
            bench::print_line(&report)?;
        }
    }
    if flow.steady_seconds > 0 {
        let report = steady::run(&flow).await?;
        is_correct &= report.is_correct;
        bench::print_line(&report)?;
    }
    if flow.hold_seconds > 0 {
        let report = holds::run(&flow).await?;
        is_correct &= report.is_correct;
        bench::print_line(&report)?;
    }
    Ok(if is_correct { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
