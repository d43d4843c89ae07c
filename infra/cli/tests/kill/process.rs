//! The process that is killed, and commands beside it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use aws_sdk_sqs::types::QueueAttributeName;
use edin_local::aws::engine::{remote_sqs, url_of};
use edin_local::state::endpoints::Endpoints;

/// It answers by then, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
const LOG: &str = "edin.log";

/// `edin up --alone` over a state folder. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    state: PathBuf,
}

/// Messages in the queues of a process.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    inbox: u64,
    push: u64,
    deferred: u64,
    /// In any of the dead-letter queues.
    pub(crate) dead: u64,
}

impl Process {
    /// Starts it. It may be killed before it does anything.
    pub(crate) fn start(state: &Path) -> anyhow::Result<Self> {
        let _ = std::fs::remove_file(state.join("endpoints.json"));
        let child = edin(state, &["--listen", "127.0.0.1:0", "up", "--alone"])
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log(state)?)
            .spawn()?;
        Ok(Self { child, state: state.to_owned() })
    }

    /// Waits until it says where it is.
    pub(crate) async fn answers(&mut self) -> anyhow::Result<Endpoints> {
        let endpoints = self.state.join("endpoints.json");
        let answer = async {
            loop {
                self.check_that_it_lives()?;
                let written = std::fs::read(&endpoints).unwrap_or_default();
                if let Ok(endpoints) = serde_json::from_slice(&written) {
                    return Ok(endpoints);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answer).await.context("the process doesn't answer")?
    }

    /// What is in its queues.
    pub(crate) async fn waiting(&mut self) -> anyhow::Result<Waiting> {
        let Endpoints { sqs, .. } = self.answers().await?;
        let client = remote_sqs(&sqs);
        let count = async |queue: &str| messages(&client, &url_of(&sqs, queue)).await;
        let mut dead = 0;
        for queue in ["inbox-dead", "push-dead.fifo", "deferred-dead", "poll-dead", "reconcile-dead", "stream-dead"] {
            dead += count(queue).await?;
        }
        Ok(Waiting {
            inbox: count("inbox").await?,
            push: count("push.fifo").await?,
            deferred: count("deferred").await?,
            dead,
        })
    }

    /// Kills it, as nothing can be caught.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.check_that_it_lives()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn check_that_it_lives(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the process ended by itself, {status}: {}", last_lines(&self.state));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command over the state and returns what it printed.
pub(crate) async fn run(state: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = edin(state, arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "edin {arguments:?} failed: {told} {wrong}");
    Ok(told.into_owned())
}

/// That no part of the process ever panicked, and that no record of the stream was ever given up.
pub(crate) fn check_logs(state: &Path) -> anyhow::Result<()> {
    let log = std::fs::read_to_string(state.join(LOG))?;
    for bad in ["panicked", "could not be set aside"] {
        if let Some(line) = log.lines().find(|line| line.contains(bad)) {
            bail!("the log says {line}");
        }
    }
    Ok(())
}

fn edin(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_edin"));
    command.arg("--state").arg(state).args(arguments).env("NO_COLOR", "1");
    command
}

fn log(state: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(state.join(LOG))
}

fn last_lines(state: &Path) -> String {
    let log = std::fs::read_to_string(state.join(LOG)).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(10)).copied().collect::<Vec<_>>().join("\n")
}

async fn messages(client: &aws_sdk_sqs::Client, queue: &str) -> anyhow::Result<u64> {
    let request = client.get_queue_attributes().queue_url(queue).attribute_names(QueueAttributeName::All);
    let attributes = request.send().await?.attributes.unwrap_or_default();
    let numbers = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    Ok(numbers.iter().filter_map(|name| attributes.get(name)?.parse::<u64>().ok()).sum())
}

impl Waiting {
    pub(crate) fn add(&mut self, other: &Self) {
        self.inbox += other.inbox;
        self.push += other.push;
        self.deferred += other.deferred;
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inbox, push, deferred, .. } = self;
        write!(formatter, "{inbox} messages of the inbox, {push} of the push queue, {deferred} deferred ones")
    }
}
