//! How many orders of one line intake takes in, beside functions in other languages that do the same work.
//!
//! Each function is a process for each concurrent environment, driven over a stub of Lambda's Runtime API with the same stream
//! of orders, 5 % of them duplicates, over the same engine in a process of its own: DynamoDB over SQLite, in a file that lies
//! in memory, its stream on and cut all the time. Queues cost nothing here.
//!
//! ```sh
//! cargo build --release -p intake && cargo build --profile measure -p bench --bin load
//! load --intake target/release/intake --peers PEERS > load.jsonl
//! ```
//!
//! The *floor* is what the engine lets anybody reach: the calls that intake made for as many orders, none of them a duplicate, made
//! again for other orders by a bare HTTP client.
//!
//! `PEERS` has `node/dist/boot.mjs` and `py/boot.py` with `py/venv`; without it, intake runs alone.

mod engine;
mod floor;
mod messages;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use messages::Plan;
use run::{Case, Report, run, times};
use serde::Serialize;

/// Whose function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Peer {
    /// Edin's intake.
    Edin,
    /// The calls of DynamoDB that intake makes, by a client that does nothing else.
    Floor,
    /// AWS's own libraries for Node.js.
    Node,
    /// AWS's own libraries for Python.
    Python,
}

impl Peer {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Edin => "edin",
            Self::Floor => "floor",
            Self::Node => "node",
            Self::Python => "python",
        }
    }
}

#[derive(Debug, Parser)]
#[command(about = "How many orders intake takes in, beside functions in other languages")]
struct Command {
    #[command(flatten)]
    load: Load,
    #[command(subcommand)]
    part: Option<Part>,
}

/// How it is run.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// Intake's binary, as it is deployed.
    #[arg(long, default_value_os_t = bench::function::deployed("intake"))]
    intake: PathBuf,
    /// Where the other functions are.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// How long each run is measured; a third of that it runs before.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Messages of the runs that count DynamoDB's units; 0 leaves them out.
    #[arg(long, default_value_t = 1_000)]
    counted: u64,
    /// Only these numbers of environments.
    #[arg(long, value_delimiter = ',', default_value = "1,4,16")]
    environments: Vec<usize>,
    /// Only these sizes of batches.
    #[arg(long, value_delimiter = ',', default_value = "10,1")]
    batches: Vec<usize>,
    /// How many seconds a run waits for a quiet machine.
    #[arg(long, default_value_t = 20)]
    wait: u64,
    /// A folder that lies in memory, for the engine's file.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// The engine alone, for this program's own use.
    #[command(hide = true)]
    Engine { file: PathBuf, peer: Peer, skus: u64 },
    /// The floor's function, likewise.
    #[command(hide = true)]
    Floor { recording: PathBuf, environment: u64 },
}

/// Intake beside the others, in one case.
#[derive(Debug, Serialize)]
struct Ratio {
    times: &'static str,
    shape: &'static str,
    batch: usize,
    environments: usize,
    orders_per_s: f64,
}

const HOT: (&str, u64) = ("hot", 1);
const SPREAD: (&str, u64) = ("spread", 200);
const DUPLICATE_PERCENT: u64 = 5;
/// Where only intake runs.
const OURS_ALONE: usize = 4;

impl Load {
    /// What starts a function.
    pub(crate) fn command(&self, peer: Peer) -> anyhow::Result<Vec<PathBuf>> {
        let peers = || self.peers.clone().ok_or_else(|| anyhow::anyhow!("--peers says where {} is", peer.name()));
        Ok(match peer {
            Peer::Edin => vec![self.intake.clone()],
            Peer::Floor => vec![std::env::current_exe()?, "floor".into()],
            Peer::Node => vec![program("node")?, peers()?.join("node/dist/boot.mjs")],
            Peer::Python => vec![peers()?.join("py/venv/bin/python"), peers()?.join("py/boot.py")],
        })
    }

    fn peers(&self) -> &'static [Peer] {
        match self.peers {
            Some(_) => &[Peer::Edin, Peer::Floor, Peer::Node, Peer::Python],
            None => &[Peer::Edin, Peer::Floor],
        }
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for (shape, skus) in [HOT, SPREAD] {
            for batch in &self.batches {
                for environments in &self.environments {
                    let peers = if *environments == OURS_ALONE { &[Peer::Edin, Peer::Floor] } else { self.peers() };
                    cases.extend(peers.iter().map(|peer| self.case(*peer, (shape, skus), *batch, *environments)));
                }
            }
        }
        cases
    }

    fn case(&self, peer: Peer, (shape, skus): (&'static str, u64), batch: usize, environments: usize) -> Case {
        let duplicate_percent = if peer == Peer::Floor { 0 } else { DUPLICATE_PERCENT };
        let plan = Plan { peer, skus, batch, duplicate_percent, most: None };
        Case { plan, shape, environments, seconds: self.seconds }
    }

    fn counted(&self) -> Vec<Case> {
        let plan = |case: Case| Case { plan: Plan { most: Some(self.counted), ..case.plan }, ..case };
        let is_alone = |case: &Case| case.environments == 1 && case.plan.peer != Peer::Floor;
        let alone = self.cases().into_iter().filter(|case| is_alone(case) && self.counted > 0);
        alone.map(plan).collect()
    }
}

fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.exists());
    found.ok_or_else(|| anyhow::anyhow!("there is no {name} on this machine"))
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let Command { load, part } = Command::parse();
    match part {
        Some(Part::Engine { file, peer, skus }) => {
            return engine::serve(&file, peer, skus).await.map(|()| ExitCode::SUCCESS);
        }
        Some(Part::Floor { recording, environment }) => {
            return floor::serve(&recording, environment).await.map(|()| ExitCode::SUCCESS);
        }
        None => {}
    }
    let mut reports = Vec::new();
    for case in load.cases() {
        let report = run(&load, case).await?;
        bench::print_line(&report)?;
        reports.push(report);
    }
    for ratio in ratios(&reports) {
        bench::print_line(&ratio)?;
    }
    for case in load.counted() {
        let report = run(&load, case).await?;
        bench::print_line(&report)?;
        reports.push(report);
    }
    Ok(if run::all_correct(&reports) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ratios(reports: &[Report]) -> Vec<Ratio> {
    let is_ours = |report: &&Report| report.peer == Peer::Edin.name();
    let case = |report: &Report| (report.shape, report.batch, report.environments);
    let beside = |ours: &Report| {
        let others = reports.iter().filter(|other| !is_ours(other));
        let others = others.filter(|other| case(other) == case(ours)).map(|other| Ratio {
            times: other.peer,
            shape: ours.shape,
            batch: ours.batch,
            environments: ours.environments,
            orders_per_s: times(ours, other),
        });
        others.collect::<Vec<_>>()
    };
    reports.iter().filter(is_ours).flat_map(beside).collect()
}
