//! What each command does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use edin_catalogue::{Importer, Taken};
use edin_platform::{Clock, SystemClock};

use crate::deployment::Deployment;
use crate::endpoints::Endpoints;
use crate::house::{House, Options};
use crate::import::take_in;
use crate::output::say;
use crate::settings::{Command, Connection, Settings};
use crate::shop::Shop;
use crate::{connections, demo, ending, engine, output, reconciliation, redrive, secrets, simulate, status};

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
            let told = edin_look::why::why(&deployment.store, &sku, SystemClock.now()).await?;
            say(&if json { serde_json::to_string_pretty(&told)? } else { output::why::text(&told) })
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
