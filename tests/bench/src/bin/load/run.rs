//! One measured run of one function.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bench::function::environment;
use bench::machine::{busy_ms, cpu_ms, foreign_percent, peak_memory_kib, processors};
use bench::proxy::{Counts, Proxy, is_read};
use bench::runtime::Runtime;
use bench::{figure, now, percentile, round};
use serde::Serialize;
use tokio::process::{Child, Command};

use crate::engine::{Engine, Totals};
use crate::messages::{Messages, Plan};
use crate::{Load, Peer, floor};

/// What one run came to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(crate) peer: &'static str,
    pub(crate) shape: &'static str,
    pub(crate) batch: usize,
    pub(crate) environments: usize,
    /// Messages answered a second, duplicates included.
    pub(crate) orders_per_s: f64,
    /// From handing an event out until its answer.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Peak memory of all environments, of one of them, of the engine.
    pub(crate) memory_mib: f64,
    pub(crate) memory_one_mib: f64,
    pub(crate) engine_mib: f64,
    pub(crate) function_cpu_ms_per_order: f64,
    pub(crate) engine_cpu_ms_per_order: f64,
    pub(crate) driver_cpu_ms_per_order: f64,
    /// Of the machine, by processes that are not this bench's.
    pub(crate) foreign_cpu_percent: f64,
    pub(crate) sent: u64,
    pub(crate) duplicates: u64,
    pub(crate) came_again: u64,
    /// Units reserved = orders in the table = distinct orders acknowledged.
    pub(crate) is_correct: bool,
    #[serde(flatten)]
    totals: Books,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) counted: Option<Counted>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Serialize)]
struct Books {
    reserved: u64,
    stored: u64,
    acknowledged: usize,
}

/// What DynamoDB would charge, in runs through the counting proxy.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Counted {
    pub(crate) calls_per_order: f64,
    pub(crate) write_units_per_order: f64,
    pub(crate) read_units_per_order: f64,
    by_call: Counts,
}

/// What is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) plan: Plan,
    pub(crate) shape: &'static str,
    pub(crate) environments: usize,
    pub(crate) seconds: u64,
}

const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(10);

pub(crate) async fn run(load: &Load, case: Case) -> anyhow::Result<Report> {
    let Case { plan, .. } = case;
    let recording = if plan.peer == Peer::Floor { Some(floor::record(load, plan).await?) } else { None };
    let mut engine = Engine::start(plan.peer, plan.skus, &load.memory).await?;
    let proxy = if plan.most.is_some() { Some(Proxy::start(&engine.url, BTreeMap::new()).await?) } else { None };
    let tables = proxy.as_ref().map_or(engine.url.as_str(), |proxy| &proxy.url);
    let messages = Arc::new(Messages::new(plan));
    let runtime = Runtime::start(messages.clone()).await?;
    let environment = |number: usize| {
        let arguments = recording.iter().flat_map(|file| [file.path().to_owned(), number.to_string().into()]);
        spawn(load, plan.peer, arguments.collect(), &runtime, tables)
    };
    let environments: Vec<Child> = (0..case.environments).map(environment).collect::<Result<_, _>>()?;
    runtime.ready(case.environments).await?;
    quiet(load.wait).await;
    let processes: Vec<u32> = environments.iter().filter_map(Child::id).collect();
    let window = measure(case, &messages, &runtime, &processes, engine.process).await?;
    let totals = engine.totals().await?;
    let counted = proxy.map(|proxy| Counted::new(proxy.counts(), totals.orders));
    Ok(report(case, &messages, window, totals, counted, &processes, engine.process))
}

/// What was spent between two moments.
struct Window {
    seconds: f64,
    done: f64,
    functions_ms: u64,
    engine_ms: u64,
    driver_ms: u64,
    busy_ms: u64,
}

async fn measure(
    case: Case,
    messages: &Messages,
    runtime: &Runtime,
    functions: &[u32],
    engine: u32,
) -> anyhow::Result<Window> {
    let spent = || {
        let functions = functions.iter().map(|process| cpu_ms(*process)).sum::<u64>();
        (functions, cpu_ms(engine), cpu_ms(std::process::id()), busy_ms(), messages.done())
    };
    runtime.open();
    if case.plan.most.is_none() {
        tokio::time::sleep(Duration::from_secs(case.seconds.div_ceil(3))).await;
    }
    messages.measure(true);
    let (before, began) = (spent(), now());
    if case.plan.most.is_none() {
        tokio::time::sleep(Duration::from_secs(case.seconds)).await;
    } else {
        until_idle(messages, runtime).await?;
    }
    let (after, seconds) = (spent(), began.elapsed().as_secs_f64());
    messages.measure(false);
    runtime.close();
    until_idle(messages, runtime).await?;
    Ok(Window {
        seconds,
        done: figure(after.4 - before.4),
        functions_ms: after.0 - before.0,
        engine_ms: after.1 - before.1,
        driver_ms: after.2 - before.2,
        busy_ms: after.3 - before.3,
    })
}

pub(crate) async fn until_idle(messages: &Messages, runtime: &Runtime) -> anyhow::Result<()> {
    let idle = async {
        while !messages.is_idle() {
            runtime.look_again();
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, idle).await.context("some messages were never answered")
}

fn report(
    case: Case,
    messages: &Messages,
    window: Window,
    totals: Totals,
    counted: Option<Counted>,
    functions: &[u32],
    engine: u32,
) -> Report {
    let mut tally = messages.tally();
    let memory: Vec<f64> = functions.iter().map(|process| figure(peak_memory_kib(*process)) / 1024.0).collect();
    let own_ms = window.functions_ms + window.engine_ms + window.driver_ms;
    let per_order = |ms: u64| round(figure(ms) / window.done.max(1.0));
    let distinct = tally.acknowledged.len();
    let is_correct = distinct > 0
        && totals.reserved == totals.orders
        && usize::try_from(totals.orders).is_ok_and(|orders| orders == distinct);
    Report {
        peer: case.plan.peer.name(),
        shape: case.shape,
        batch: case.plan.batch,
        environments: case.environments,
        orders_per_s: round(window.done / window.seconds),
        p50_ms: percentile(&mut tally.latencies, 50),
        p99_ms: percentile(&mut tally.latencies, 99),
        memory_mib: round(memory.iter().sum()),
        memory_one_mib: round(memory.iter().copied().fold(0.0, f64::max)),
        engine_mib: round(figure(peak_memory_kib(engine)) / 1024.0),
        function_cpu_ms_per_order: per_order(window.functions_ms),
        engine_cpu_ms_per_order: per_order(window.engine_ms),
        driver_cpu_ms_per_order: per_order(window.driver_ms),
        foreign_cpu_percent: foreign_percent(window.busy_ms, own_ms, window.seconds * 1_000.0),
        sent: tally.sent,
        duplicates: tally.duplicates,
        came_again: tally.failed,
        is_correct,
        totals: Books { reserved: totals.reserved, stored: totals.orders, acknowledged: distinct },
        counted,
        errors: tally.errors,
    }
}

impl Counted {
    /// By distinct order, as the peers are counted.
    fn new(by_call: Counts, orders: u64) -> Self {
        let units = |reading: bool| {
            let of = by_call.iter().filter(|(call, _)| is_read(call) == reading);
            round(of.map(|(_, count)| count.units).sum::<f64>() / figure(orders).max(1.0))
        };
        let calls = by_call.values().map(|count| count.calls).sum::<u64>();
        Self {
            calls_per_order: round(figure(calls) / figure(orders).max(1.0)),
            write_units_per_order: units(false),
            read_units_per_order: units(true),
            by_call,
        }
    }
}

/// Starts an environment, with `more` arguments.
pub(crate) fn spawn(
    load: &Load,
    peer: Peer,
    more: Vec<PathBuf>,
    runtime: &Runtime,
    tables: &str,
) -> anyhow::Result<Child> {
    let command = load.command(peer)?;
    let (program, arguments) = command.split_first().context("there is nothing to start")?;
    let mut command = Command::new(program);
    let address = tables.trim_start_matches("http://");
    command.args(arguments).args(more).env_clear().envs(environment(runtime.address(), address));
    command.envs([("DDB_ENDPOINT", tables), ("POWERTOOLS_SERVICE_NAME", "bench"), ("NODE_ENV", "production")]);
    command.env("AWS_DEFAULT_REGION", "eu-central-1");
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?)
}

/// Waits until nobody else uses the machine much, for so many seconds at most.
async fn quiet(most: u64) {
    for _ in 0..most {
        let before = busy_ms();
        tokio::time::sleep(Duration::from_secs(1)).await;
        if figure(busy_ms() - before) < 120.0 * figure(processors()) {
            return;
        }
    }
}

/// The same case, by two functions: how many times more orders the first one takes in.
pub(crate) fn times(one: &Report, other: &Report) -> f64 {
    round(one.orders_per_s / other.orders_per_s.max(0.01))
}

/// Whether every run was.
pub(crate) fn all_correct(reports: &[Report]) -> bool {
    reports.iter().all(|report| report.is_correct)
}
