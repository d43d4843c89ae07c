//! `simulation --seeds N [--from K]` runs many; `simulation --seed N --trace` shows one.

use std::io::Write as _;

use clap::Parser;
use simulation::{Plan, run};

/// Runs simulated sellers, each with its own bad luck.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many runs.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// One run alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Prints what happened.
    #[arg(long)]
    trace: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let seeds = match arguments.seed {
        Some(seed) => seed..seed + 1,
        None => arguments.from..arguments.from + arguments.seeds,
    };
    for seed in seeds {
        let outcome = run(&Plan::of(seed))?;
        if arguments.trace {
            for line in &outcome.trace {
                writeln!(out, "{line}")?;
            }
        }
        writeln!(out, "{seed}: {} orders, {} faults, {:?}", outcome.orders, outcome.faults.len(), outcome.broken)?;
    }
    Ok(())
}
