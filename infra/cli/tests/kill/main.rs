//! The process is killed at random moments while buyers buy, again and again, and started anew over the same state. In the end
//! everything adds up as if nothing had happened.
//!
//! The channels live in the test and outlive the process. What was in the queues is there again. Or all is lost but a backup.
//!
//! `EDIN_KILLS` says how often it is killed, `EDIN_SEED` at which moments, and what the buyers do.

mod answered;
mod backup;
mod check;
mod crowd;
mod market;
mod process;

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use edin_domain::Timestamp;
use fastrand::Rng;

use check::Books;
use crowd::Crowds;
use market::Market;
use process::{Process, Waiting, run};

/// So often.
const KILLS: usize = 50;

/// What happened.
#[derive(Default)]
struct Figures {
    /// When the process was killed.
    kills: Vec<Timestamp>,
    /// How often before it answered.
    unanswered: usize,
    /// Messages that were in its queues then.
    waiting: Waiting,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_moment_the_process_is_killed_at_everything_adds_up_in_the_end() {
    let (kills, seed) = (setting("EDIN_KILLS", KILLS), setting("EDIN_SEED", 1));
    let began = simulators::now();
    match story(kills, seed).await {
        Ok(told) => println!("{told}\nit took {:?}", simulators::now().since(began)),
        Err(wrong) => panic!("with EDIN_SEED={seed}: {wrong:?}"),
    }
}

fn setting<T: FromStr>(name: &str, usual: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

async fn story(kills: usize, seed: u64) -> anyhow::Result<String> {
    let state = tempfile::tempdir()?;
    let market = Arc::new(Market::open().await?);
    let files = market.write_imports(state.path())?;
    run(state.path(), &["import", &files[0], &files[1]]).await?;
    let mut process = Process::start(state.path())?;
    market.dial(&process.answers().await?);
    let steps = market.spawn_steps();
    check::until_opening_stock_is_shown(&market).await?;

    let crowds = Crowds::spawn(&market, seed);
    let mut figures = Figures::default();
    let mut rng = Rng::with_seed(seed);
    for _ in 0..kills {
        live(&mut process, &market, &crowds, &mut rng, &mut figures).await?;
        process.kill()?;
        figures.kills.push(simulators::now());
        process = Process::start(state.path())?;
    }
    let endpoints = process.answers().await?;
    market.dial(&endpoints);
    crowds.reach(&endpoints);
    let (sold, counted) = crowds.go_home().await?;

    let books = Books::new(&market, &endpoints, sold, counted)?;
    books.until_every_sale_is_recorded().await?;
    let first = reconcile(state.path()).await?;
    books.until_every_shelf_is_right().await?;
    let second = reconcile(state.path()).await?;
    let drifting: Vec<&str> = second.lines().filter(|line| !line.ends_with(" 0 units of drift")).collect();
    ensure!(drifting.is_empty(), "reconciliation still finds {drifting:?}");
    books.until_the_ledger_is_complete().await?;
    books.check_levels().await?;
    books.check_rules(&figures.kills)?;
    ensure!(process.waiting().await?.dead == 0, "messages were given up");
    books.until_the_stream_is_short(state.path()).await?;
    steps.abort();
    process.kill()?;
    books.check_file(state.path())?;
    process::check_logs(state.path())?;
    let found: Vec<&str> = first.lines().filter(|line| !line.starts_with(' ')).collect();
    Ok(format!("{figures}\n{books}\nthe first reconciliation after it all found {found:?}"))
}

/// Reconciles, once more while a channel's limit lets nothing pass.
async fn reconcile(state: &Path) -> anyhow::Result<String> {
    for _ in 0..20 {
        if let Ok(told) = run(state, &["reconcile", "--now"]).await {
            return Ok(told);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    run(state, &["reconcile", "--now"]).await
}

/// Lets the process live for a while; sometimes not even until it answers.
async fn live(
    process: &mut Process,
    market: &Market,
    crowds: &Crowds,
    rng: &mut Rng,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    if rng.u8(0..6) == 0 {
        figures.unanswered += 1;
        tokio::time::sleep(Duration::from_millis(rng.u64(1..200))).await;
        return Ok(());
    }
    let endpoints = process.answers().await?;
    market.dial(&endpoints);
    crowds.reach(&endpoints);
    tokio::time::sleep(Duration::from_millis(rng.u64(50..1_200))).await;
    let waiting = process.waiting().await?;
    ensure!(waiting.dead == 0, "messages were given up");
    figures.waiting.add(&waiting);
    Ok(())
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, unanswered, waiting, .. } = self;
        write!(formatter, "killed {} times, {unanswered} of them before it answered; it left {waiting}", kills.len())
    }
}
