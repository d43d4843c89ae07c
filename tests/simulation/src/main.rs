//! `simulation --seeds N [--from K]` runs many; `simulation --seed N --trace` shows one; `--sabotage` breaks Edin on purpose.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::ensure;
use clap::Parser;
use simulation::many::{Sum, run_all};
use simulation::market::{self, Sync, Tally};
use simulation::shrink::shrink;
use simulation::{Plan, Sabotage};

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
    /// Prints all that happened.
    #[arg(long)]
    trace: bool,
    /// Only every so manieth seed: of ten, two are without safety nets (5, 10, …), one is a storm (1, …), one a rush (6, …), one calm (3, …).
    #[arg(long, default_value_t = 1)]
    step: usize,
    /// Breaks one thing of the mutation list, or each in turn, and tells how soon that is noticed.
    #[arg(long, num_args = 0..=1, default_missing_value = "")]
    sabotage: Option<String>,
    /// Compares how much is oversold when channels are kept in step by a timer, by events, and with an adaptive buffer.
    #[arg(long)]
    oversell: bool,
    /// So many runs are tried to find the shortest that fails.
    #[arg(long, default_value_t = 120)]
    tries: usize,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let seeds: Vec<u64> = match arguments.seed {
        Some(seed) => vec![seed],
        None => (arguments.from..).step_by(arguments.step.max(1)).take(usize::try_from(arguments.seeds)?).collect(),
    };
    match &arguments.sabotage {
        _ if arguments.oversell => oversell(&seeds),
        Some(name) => sabotage(&seeds, name),
        None => search(&seeds, &arguments),
    }
}

/// One line a way to keep channels in step.
fn oversell(seeds: &[u64]) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| channels are kept in step by | orders | oversold units per 10,000 orders | turned away per 10,000 | numbers told per order | calls to channels per order |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for sync in Sync::ALL {
        let tally = market::compare_all(seeds, sync)?;
        let Tally { orders, oversold, turned_away, told, calls } = tally;
        let of = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let units = of(u64::try_from(oversold).unwrap_or(0));
        writeln!(
            out,
            "| {sync} | {orders} | {:.0} | {:.0} | {:.2} | {:.1} |",
            tally.per_10_000(units),
            tally.per_10_000(of(turned_away)),
            tally.per_10_000(of(told)) / 10_000.0,
            tally.per_10_000(of(calls)) / 10_000.0,
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn search(seeds: &[u64], arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    let plans: Vec<Plan> = seeds.iter().map(|seed| Plan::of(*seed)).collect();
    let sum = run_all(&plans, |_, outcome| {
        let mut out = std::io::stdout().lock();
        let lines = outcome.trace.iter().filter(|_| arguments.trace);
        lines.for_each(|line| _ = writeln!(out, "{line}"));
        true
    })?;
    writeln!(out, "{sum}")?;
    let Some((seed, broken)) = sum.broken.first_key_value() else { return Ok(ExitCode::SUCCESS) };
    writeln!(out, "seed {seed}: {broken:#?}\nlooking for the shortest run of it that fails …")?;
    if let Some(shortest) = shrink(&Plan::of(*seed), arguments.tries)? {
        shortest.outcome.trace.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out, "it takes these, of people:")?;
        shortest.plan.actions.iter().try_for_each(|(at, action)| writeln!(out, "  {at:?} {action}"))?;
        writeln!(out, "and these, of luck:")?;
        shortest.outcome.faults.iter().try_for_each(|fault| writeln!(out, "  {fault}"))?;
        writeln!(out, "{:#?}\nagain: --seed {seed}", shortest.outcome.broken)?;
    }
    Ok(ExitCode::FAILURE)
}

fn sabotage(seeds: &[u64], name: &str) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    let mut unnoticed = BTreeMap::new();
    let wanted: Vec<_> = Sabotage::ALL.into_iter().filter(|it| name.is_empty() || format!("{it:?}") == name).collect();
    ensure!(!wanted.is_empty(), "there is no break called {name}; there are {:?}", Sabotage::ALL);
    for sabotage in wanted {
        let plans: Vec<Plan> = seeds.iter().map(|seed| Plan::of(*seed).sabotaged(sabotage)).collect();
        let sum: Sum = run_all(&plans, |_, outcome| outcome.broken.is_empty())?;
        match sum.broken.first_key_value() {
            Some((seed, broken)) => {
                writeln!(out, "{sabotage:?}: noticed within {} runs, by seed {seed}: {}", sum.runs, broken.join("; "))?;
            }
            None => {
                writeln!(out, "{sabotage:?}: NOT NOTICED in {} runs", sum.runs)?;
                unnoticed.insert(format!("{sabotage:?}"), sum.runs);
            }
        }
    }
    Ok(if unnoticed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
