//! Many runs, on all cores: one run a thread at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dice;
use crate::lock;
use crate::plan::{self, Plan};
use crate::run::{Outcome, run};

/// What came of many runs.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    /// Runs.
    pub runs: usize,
    /// Those of each kind.
    pub kinds: BTreeMap<plan::Kind, usize>,
    /// Orders that buyers made.
    pub orders: usize,
    /// Oversells, and units of them.
    pub oversells: (usize, i64),
    /// Those of them that had to be explained, and were unless it is said.
    pub judged: usize,
    /// Calls that Edin made to channels.
    pub channel_calls: u64,
    /// Calls that it made to AWS.
    pub aws_calls: u64,
    /// Simulated hours.
    pub hours: f64,
    /// Faults that fell, by kind.
    pub faults: BTreeMap<dice::Kind, usize>,
    /// What doesn't hold, by seed.
    pub broken: BTreeMap<u64, Vec<String>>,
}

impl Sum {
    fn add(&mut self, plan: &Plan, outcome: &Outcome) {
        self.runs += 1;
        *self.kinds.entry(plan.kind).or_default() += 1;
        self.orders += outcome.orders;
        self.oversells = (self.oversells.0 + outcome.oversells.0, self.oversells.1 + outcome.oversells.1);
        self.judged += if plan.kind.is_judged() { outcome.oversells.0 } else { 0 };
        self.channel_calls += outcome.channel_calls;
        self.aws_calls += outcome.aws_calls;
        self.hours += outcome.lasted.as_secs_f64() / 3_600.0;
        for fault in &outcome.faults {
            *self.faults.entry(fault.kind).or_default() += 1;
        }
        if !outcome.broken.is_empty() {
            self.broken.insert(plan.seed, outcome.broken.clone());
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, kinds, orders, oversells, judged, channel_calls, aws_calls, hours, faults, broken } = self;
        let fallen: usize = faults.values().sum();
        writeln!(formatter, "{runs} runs {kinds:?}, {hours:.0} simulated hours, {orders} orders")?;
        writeln!(formatter, "{channel_calls} calls to channels, {aws_calls} to AWS, {fallen} faults: {faults:?}")?;
        let (times, units) = oversells;
        writeln!(
            formatter,
            "{times} oversells of {units} units; {judged} in calm runs and in a rush, where each must be explained"
        )?;
        write!(formatter, "{} seeds fail: {:?}", broken.len(), broken.keys().collect::<Vec<_>>())
    }
}

/// Runs plans, as many at once as there are cores; `told` sees each outcome, and says whether to go on.
///
/// # Errors
/// If the simulation itself fails.
pub fn run_all(plans: &[Plan], told: impl Fn(&Plan, &Outcome) -> bool + Sync) -> anyhow::Result<Sum> {
    let (next, sum, failed) = (AtomicUsize::new(0), Mutex::new(Sum::default()), Mutex::new(None));
    let work = || {
        while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
            let goes_on = match run(plan) {
                Ok(outcome) => {
                    lock(&sum).add(plan, &outcome);
                    told(plan, &outcome)
                }
                Err(error) => {
                    *lock(&failed) = Some(error.context(format!("seed {}", plan.seed)));
                    false
                }
            };
            if !goes_on {
                next.store(plans.len(), Ordering::Relaxed);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    match lock(&failed).take() {
        Some(error) => Err(error),
        None => Ok(lock(&sum).clone()),
    }
}
