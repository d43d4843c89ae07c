//! `simulation --seeds N [--from K]` runs many; `simulation --seed N --trace` shows one; `--sabotage` breaks Edin on purpose.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::Parser;
use simulation::many::{Sum, run_all};
use simulation::market::{self, Compared, Market, Method, Way};
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
    /// Compares what is oversold and who is turned away when channels are kept in step by a timer, by events, and with buffers.
    #[arg(long)]
    oversell: bool,
    /// And draws it into this file.
    #[arg(long, requires = "oversell")]
    chart: Option<PathBuf>,
    /// Of scarce goods alone, by the real functions; of these methods, if some are named.
    #[arg(long, requires = "oversell", num_args = 0..)]
    whole: Option<Vec<String>>,
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
        _ if arguments.oversell => oversell(&seeds, &arguments),
        Some(name) => sabotage(&seeds, name),
        None => search(&seeds, &arguments),
    }
}

fn oversell(seeds: &[u64], arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    let all: Vec<Compared> = match &arguments.whole {
        Some(named) => {
            let is_named = |method: &Method| named.is_empty() || named.contains(&format!("{method:?}"));
            let methods: Vec<Method> = Method::ALL.into_iter().filter(is_named).collect();
            vec![market::compare(Market::Scarce, &methods, seeds, Way::Whole)?]
        }
        None => {
            let of = |market| market::compare(market, &Method::ALL, seeds, Way::Short);
            Market::ALL.into_iter().map(of).collect::<anyhow::Result<_>>()?
        }
    };
    all.iter().try_for_each(|compared| writeln!(out, "{}", market::table(compared)))?;
    if let Some(chart) = &arguments.chart {
        std::fs::write(chart, market::chart(&all))?;
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
