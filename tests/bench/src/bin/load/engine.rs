//! The engine as a process of its own, so that what it spends is told apart from what the functions spend.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context;
use bench::tables::{Tables, keep_cutting_the_stream};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Peer;

const UNITS: u64 = 100_000_000;

/// The engine's process. Ends when dropped.
pub(crate) struct Engine {
    pub(crate) url: String,
    pub(crate) process: u32,
    _child: Child,
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _folder: tempfile::TempDir,
}

/// What is in the tables in the end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Totals {
    pub(crate) reserved: u64,
    pub(crate) orders: u64,
}

impl Engine {
    pub(crate) async fn start(peer: Peer, skus: u64, memory: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(memory)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("engine").arg(folder.path().join("tables.db")).arg(peer.name()).arg(skus.to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let (ask, answers) = (child.stdin.take(), child.stdout.take());
        let mut answers = BufReader::new(answers.context("it has an output")?).lines();
        let url = serde_json::from_str(&answers.next_line().await?.context("the engine did not start")?)?;
        let process = child.id().context("the engine ended")?;
        Ok(Self { url, process, _child: child, ask: ask.context("it has an input")?, answers, _folder: folder })
    }

    /// Adds everything up.
    pub(crate) async fn totals(&mut self) -> anyhow::Result<Totals> {
        self.ask.write_all(b"totals\n").await?;
        self.ask.flush().await?;
        let line = self.answers.next_line().await?.context("the engine ended")?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// The process itself: says where it is, and the totals whenever it is asked.
pub(crate) async fn serve(file: &Path, peer: Peer, skus: u64) -> anyhow::Result<()> {
    let tables = Tables::open(file).await?;
    let stage = bench::shop::stage().await?;
    match peer {
        Peer::Edin | Peer::Floor => tables.stock(skus, &stage, async |_| Ok(())).await?,
        Peer::Node | Peer::Python => tables.stock_plainly(skus, UNITS)?,
    }
    keep_cutting_the_stream(file)?;
    bench::print_line(&tables.url())?;
    let mut asked = BufReader::new(tokio::io::stdin()).lines();
    while asked.next_line().await?.is_some() {
        bench::print_line(&totals(&tables, peer)?)?;
    }
    std::process::exit(0)
}

fn totals(tables: &Tables, peer: Peer) -> anyhow::Result<Totals> {
    let table = match peer {
        Peer::Edin | Peer::Floor => edin_local::aws::engine::tables().stock,
        Peer::Node | Peer::Python => "stock".to_owned(),
    };
    let mut totals = Totals::default();
    tables.each(&table, |item| {
        let text = |name: &str, kind: &str| item.get(name).and_then(|value| value.get(kind)?.as_str());
        if text("sk", "S").is_some_and(|sk| sk.starts_with("LEVEL")) {
            totals.reserved += text("reserved", "N").and_then(|units| units.parse::<u64>().ok()).unwrap_or_default();
        } else if text("sk", "S") == Some("ORDER") {
            totals.orders += 1;
        }
    })?;
    Ok(totals)
}
