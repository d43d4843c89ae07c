//! How soon a function is ready: from its process's start to its first question for an event, over a stub of Lambda's
//! Runtime API on this machine. TLS and the network are not in it.
//!
//! `cargo run --release -p bench --bin start` measures the functions as `sam build` left them, and builds none.

mod functions;
mod stub;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use bench::function::{deployed, environment};
use bench::now;
use bench::{Measured, figure, round};
use functions::{FUNCTIONS, Function};
use serde::{Serialize, Serializer};
use stub::Stub;

/// Starts of each binary, one after another in turns, so that all of them meet the same machine.
const RUNS: usize = 31;
/// The first turns only warm the machine's caches.
const WARM_UP: usize = 3;
const EMPTY: &str = "empty";
const NODE: &str = "node";
const BUILD: &str = "sam build -t infra/template.yaml && cargo build --release -p bench --bins";

#[derive(Debug, Serialize)]
struct Report {
    runs: usize,
    empty: Started,
    functions: BTreeMap<&'static str, Started>,
    /// A Node.js function that merely builds webhook's AWS clients; none if it isn't installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<Node>,
    first_webhook: FirstWebhook,
}

#[derive(Debug, Serialize)]
struct Node {
    #[serde(serialize_with = "rounded")]
    start_ms: f64,
    #[serde(serialize_with = "rounded")]
    times_empty: f64,
    #[serde(serialize_with = "rounded")]
    times_webhook: f64,
}

/// Connections to AWS, counted: a connection is a TLS handshake there.
#[derive(Debug, Serialize)]
struct FirstWebhook {
    status: u64,
    connections_at_start: u64,
    connections_more: Measured,
}

#[derive(Debug, Serialize)]
struct Started {
    size_bytes: u64,
    /// The median.
    #[serde(serialize_with = "rounded")]
    start_ms: f64,
    #[serde(serialize_with = "rounded")]
    times_empty: f64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    budgets: BTreeMap<&'static str, Measured>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut binaries: BTreeMap<&'static str, PathBuf> =
        FUNCTIONS.iter().map(|function| (function.name, deployed(function.name))).collect();
    binaries.insert(EMPTY, release_folder()?.join(EMPTY));
    if let Some(missing) = binaries.values().find(|binary| !binary.exists()) {
        bail!("{} is missing; first: {BUILD}", missing.display());
    }
    let mut stub = Stub::start().await?;
    let mut commands: BTreeMap<&'static str, Vec<PathBuf>> =
        binaries.iter().map(|(name, binary)| (*name, vec![binary.clone()])).collect();
    commands.extend(node().map(|command| (NODE, command)));
    let medians = measure(&commands, &mut stub).await?;
    let started = |name: &'static str| {
        let size_bytes = std::fs::metadata(binaries.get(name).context("it was measured")?)?.len();
        let ms = |name: &str| medians.get(name).copied().unwrap_or_default().as_secs_f64() * 1_000.0;
        let (start_ms, times_empty) = (ms(name), ms(name) / ms(EMPTY));
        anyhow::Ok(Started { size_bytes, start_ms, times_empty, budgets: BTreeMap::new() })
    };
    let functions =
        FUNCTIONS.iter().map(|function| anyhow::Ok((function.name, started(function.name)?.against(function))));
    let functions = functions.collect::<anyhow::Result<_>>()?;
    let ms = |name: &str| medians.get(name).map(|median| median.as_secs_f64() * 1_000.0);
    let node = ms(NODE).zip(ms(EMPTY)).zip(ms("webhook")).map(|((start_ms, empty), webhook)| Node {
        start_ms,
        times_empty: start_ms / empty,
        times_webhook: start_ms / webhook,
    });
    let first_webhook = first_webhook(&deployed("webhook"), &mut stub).await?;
    bench::print(&Report { runs: RUNS, empty: started(EMPTY)?, functions, node, first_webhook })
}

/// The Node.js function, where `npm install --prefix tests/bench/node` has been run.
fn node() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let installed = folder.join("node_modules").exists();
    let node =
        std::env::split_paths(&std::env::var_os("PATH")?).map(|path| path.join("node")).find(|node| node.exists());
    installed.then(|| Some(vec![node?, folder.join("start.mjs")]))?
}

/// How many connections the first webhook opens that the start did not.
async fn first_webhook(webhook: &Path, stub: &mut Stub) -> anyhow::Result<FirstWebhook> {
    stub.have_a_webhook();
    let before = stub.connections();
    let mut process = spawn(&[webhook.to_owned()], stub)?;
    stub.asked().await?;
    let connections_at_start = stub.connections() - before;
    let answer = stub.webhook_answered().await?;
    let more = stub.connections() - before - connections_at_start;
    process.kill()?;
    process.wait()?;
    let status = answer.get("statusCode").and_then(serde_json::Value::as_u64).unwrap_or_default();
    Ok(FirstWebhook { status, connections_at_start, connections_more: Measured::against(0.0, figure(more)) })
}

/// Where the release binaries are: beside this one, or beside its debug build.
fn release_folder() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).context("this binary is in no target folder")?;
    Ok(target.join("release"))
}

/// Budgets are held against the figure as it is.
fn rounded<S: Serializer>(figure: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(round(*figure))
}

impl Started {
    fn against(mut self, function: &Function) -> Self {
        let held = [
            ("size_bytes", function.most_bytes, figure(self.size_bytes)),
            ("times_empty", function.most_times_empty, self.times_empty),
        ];
        let held = held.into_iter().filter_map(|(name, most, figure)| Some((name, Measured::against(most?, figure))));
        self.budgets.extend(held);
        self
    }
}

/// The median time to the first question, by name.
async fn measure(
    commands: &BTreeMap<&'static str, Vec<PathBuf>>,
    stub: &mut Stub,
) -> anyhow::Result<BTreeMap<&'static str, Duration>> {
    let mut times = BTreeMap::<&'static str, Vec<Duration>>::new();
    for run in 0..WARM_UP + RUNS {
        for (name, command) in commands {
            let time = start(command, stub).await.with_context(|| format!("{name} did not start"))?;
            if run >= WARM_UP {
                times.entry(name).or_default().push(time);
            }
        }
    }
    Ok(times.into_iter().map(|(name, times)| (name, median(times))).collect())
}

async fn start(command: &[PathBuf], stub: &mut Stub) -> anyhow::Result<Duration> {
    let began = now();
    let mut process = spawn(command, stub)?;
    let asked = stub.asked().await;
    process.kill()?;
    process.wait()?;
    Ok(asked?.duration_since(began))
}

fn spawn(command: &[PathBuf], stub: &Stub) -> anyhow::Result<Child> {
    let (program, arguments) = command.split_first().context("there is nothing to start")?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(environment(&stub.runtime, &stub.aws)).stdout(Stdio::null());
    Ok(command.spawn()?)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
