//! What each command does.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use edin_domain::Secret;
use edin_platform::{Clock, SystemClock};
use indicatif::{ProgressBar, ProgressStyle};

use crate::deployment::Deployment;
use crate::endpoints::Endpoints;
use crate::house::{House, Options};
use crate::import::{Importer, Report, Taken};
use crate::settings::{Command, Connection, Settings};
use crate::shop::Shop;
use crate::{connections, demo, ending, engine, reconciliation, redrive, secrets, simulate, status, why};

/// Does what the settings say.
///
/// # Errors
/// Whatever went wrong, for a person.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    if settings.stack.is_some() && settings.runs_here() {
        bail!("--stack is for commands that work on a deployment; this one starts things on this machine");
    }
    if settings.stack.is_none() && !matches!(settings.command, Some(Command::Simulate(_))) {
        state_folder(&settings)?;
    }
    let Some(command) = settings.command.clone() else { return stay(&settings, Some(demo::ORDERS)).await };
    match command {
        Command::Up(wanted) if wanted.alone => stay_alone(&settings).await,
        Command::Up(_) => stay(&settings, None).await,
        Command::Demo(wanted) => {
            let (house, shop) = open(&settings).await?;
            let summary = demo::run(&house, &shop, wanted.orders).await?;
            say(&if wanted.json { serde_json::to_string(&summary)? } else { summary.to_string() })?;
            close(&settings, &shop)
        }
        Command::Simulate(wanted) => simulate::run(&wanted.out).await,
        Command::Import { files, moves } => {
            let taken = if moves { Taken::Moves } else { Taken::Stays };
            import(&Deployment::open(&settings).await?, &files, taken).await
        }
        Command::End(wanted) => ending::end(&Deployment::open(&settings).await?, &wanted, SystemClock.now()).await,
        Command::Why { sku, json } => {
            let deployment = Deployment::open(&settings).await?;
            let told = why::why(&deployment.store, &sku, SystemClock.now()).await?;
            say(&if json { serde_json::to_string_pretty(&told)? } else { told.to_string() })
        }
        Command::Feed { connection } => {
            let deployment = Deployment::open(&settings).await?;
            match feed::preview(&deployment.store, &connection, SystemClock.now()).await? {
                Some(list) => say(&list),
                None => bail!("no connection {connection} has a price list; edin connection list says which do"),
            }
        }
        Command::Connection(Connection::List) => connections::list(&Deployment::open(&settings).await?).await,
        Command::Connection(Connection::Set { id, changes }) => {
            connections::set(&Deployment::open(&settings).await?, &id, &changes).await
        }
        Command::Status(wanted) => status::show(&Deployment::open(&settings).await?, &wanted).await,
        Command::Reconcile(wanted) => reconciliation::show(&Deployment::open(&settings).await?, &wanted).await,
        Command::Redrive(wanted) => {
            let deployment = Deployment::open(&settings).await?;
            let outcome = redrive::redrive(&deployment, &wanted, say).await?;
            say(&format!("{}: {outcome}", if wanted.dry_run { "would be redriven" } else { "redriven" }))?;
            if outcome.failed > 0 {
                bail!("{} messages could not be sent on; the log says why", outcome.failed)
            } else {
                Ok(())
            }
        }
    }
}

/// Makes the state folder for a command that begins one; any other must find it.
fn state_folder(settings: &Settings) -> anyhow::Result<()> {
    let state = &settings.state;
    if settings.makes_state() {
        private_folder(state).with_context(|| format!("the state folder {} can not be made", state.display()))?;
    }
    if !settings.makes_state() && !state.join(engine::FILE).exists() {
        bail!(
            "there is no Edin in the folder {}; name another with --state, or begin one with edin import or edin up",
            state.display()
        );
    }
    secrets::prepare(state)
}

/// A folder that only its owner can look into: buyers' contacts lie there.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Prints for the person who asked.
///
/// # Errors
/// If nobody listens.
pub fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{}", harmless(text))?)
}

/// With a sign for every control character: in what a channel says they could make a terminal do things.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

/// A progress bar on standard error; where that is no terminal, a line that says what begins.
#[must_use]
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} {elapsed}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(length).with_style(style).with_message(what);
    if bar.is_hidden() {
        // Nobody may be listening, and the work goes on.
        _ = writeln!(std::io::stderr().lock(), "{what} …");
    }
    bar
}

/// Starts the bundle, perhaps with buyers first, and stays until Ctrl-C.
async fn stay(settings: &Settings, orders: Option<u32>) -> anyhow::Result<()> {
    let (house, shop) = open(settings).await?;
    if let Some(orders) = orders {
        say(&demo::run(&house, &shop, orders).await?.to_string())?;
    }
    until_ended(settings, &house).await?;
    close(settings, &shop)
}

/// Starts the bundle over what was imported, without channels of its own, and stays until Ctrl-C.
async fn stay_alone(settings: &Settings) -> anyhow::Result<()> {
    let house = House::start(Options::new(&settings.state, settings.listen)).await?;
    house.endpoints(&BTreeMap::new()).await?.write(&settings.state)?;
    until_ended(settings, &house).await?;
    Endpoints::remove(&settings.state);
    Ok(())
}

async fn until_ended(settings: &Settings, house: &House) -> anyhow::Result<()> {
    let endpoints = settings.state.join("endpoints.json");
    say(&format!("Edin is up: {}  (endpoints: {}; Ctrl-C ends it)", house.url(), endpoints.display()))?;
    asked_to_end().await?;
    say("Edin ends")
}

/// Waits for Ctrl-C, or for SIGTERM, by which a service is ended.
#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

async fn open(settings: &Settings) -> anyhow::Result<(House, Shop)> {
    let house = House::start(Options::new(&settings.state, settings.listen)).await?;
    let shop = Shop::open(&house).await?;
    house.endpoints(&shop.urls()).await?.write(&settings.state)?;
    Ok((house, shop))
}

fn close(settings: &Settings, shop: &Shop) -> anyhow::Result<()> {
    Endpoints::remove(&settings.state);
    shop.save()
}

async fn import(deployment: &Deployment, files: &[PathBuf], taken: Taken) -> anyhow::Result<()> {
    let (inbox, deferred) = (deployment.queue("inbox")?, deployment.queue("deferred")?);
    let now = SystemClock.now();
    let importer = Importer { store: &deployment.store, inbox: &inbox, deferred: &deferred, taken, now };
    deployment.keep(BTreeMap::new()).await?;
    let reports = take_in(&importer, files, async |secrets| deployment.keep(secrets).await).await?;
    let mut errors = 0;
    for report in &reports {
        say(&report.to_string())?;
        report.errors.iter().try_for_each(|error| say(&error.to_string()))?;
        errors += report.errors.len();
    }
    match errors {
        0 => Ok(()),
        1 => bail!("1 line was not imported; mend it and import the file again"),
        count => bail!("{count} lines were not imported; mend them and import the file again"),
    }
}

/// Imports connections, has their secrets kept, and only then the catalogues: what is listed is told to its channel at once.
///
/// # Errors
/// If the secrets can't be kept; what is wrong with the files is in the reports.
pub async fn take_in(
    importer: &Importer<'_>,
    files: &[PathBuf],
    keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Report>> {
    let is_toml = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "toml");
    let (connections, catalogues): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|file| is_toml(&file));
    let mut reports = Vec::new();
    for files in [connections, catalogues].into_iter().filter(|files| !files.is_empty()) {
        let bar = progress(0, "importing");
        let report = said_now_and_then(&bar, importer.run(&files, &bar)).await;
        bar.finish_and_clear();
        keep(report.secrets.clone()).await?;
        reports.push(report);
    }
    Ok(reports)
}

/// How often it is said how far it is, where no bar can be drawn.
const NOW_AND_THEN: Duration = Duration::from_secs(5);

/// Says on standard error how far the work is, where that is no terminal and so has no bar.
async fn said_now_and_then<T>(bar: &ProgressBar, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(NOW_AND_THEN, &mut work).await {
            Ok(done) => return done,
            Err(_) if bar.is_hidden() => {
                let (done, of) = (bar.position(), bar.length().unwrap_or(0));
                // Nobody may be listening, and the work goes on.
                _ = writeln!(std::io::stderr().lock(), "{} {done} of {of} goods", bar.message());
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_moves_a_cursor() {
        assert_eq!(
            harmless("Чай\t1\n\u{1b}[2J\u{9b}2J\r\0\u{7f}"),
            "Чай\t1\n\u{fffd}[2J\u{fffd}2J\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
