//! What each command does.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use edin_domain::{ConnectionId, Secret};
use edin_platform::{Clock, Queue, SystemClock};
use edin_store::Store;
use indicatif::{ProgressBar, ProgressStyle};

use crate::endpoints::Endpoints;
use crate::engine::{Engine, remote_queue, remote_store};
use crate::house::{House, Options};
use crate::import::{Importer, Report};
use crate::settings::{Command, Connection, Settings};
use crate::shop::Shop;
use crate::{demo, secrets, why};

/// Does what the settings say.
///
/// # Errors
/// Whatever went wrong, for a person.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    std::fs::create_dir_all(&settings.state)
        .with_context(|| format!("the state folder {} can not be made", settings.state.display()))?;
    secrets::prepare(&settings.state)?;
    match settings.command.clone() {
        None => stay(&settings, Some(demo::ORDERS)).await,
        Some(Command::Up) => stay(&settings, None).await,
        Some(Command::Demo(wanted)) => {
            let (house, shop) = open(&settings).await?;
            let summary = demo::run(&house, &shop, wanted.orders).await?;
            say(&if wanted.json { serde_json::to_string(&summary)? } else { summary.to_string() })?;
            close(&settings, &shop)
        }
        Some(Command::Import { files }) => import(&settings.state, &files).await,
        Some(Command::Why { sku, json }) => {
            let (store, _, _engine) = reach(&settings.state).await?;
            let told = why::why(&store, &sku, SystemClock.now()).await?;
            say(&if json { serde_json::to_string_pretty(&told)? } else { told.to_string() })
        }
        Some(Command::Connection(Connection::List)) => {
            let (store, _, _engine) = reach(&settings.state).await?;
            store.connections().await?.values().try_for_each(|connection| say(&serde_json::to_string(connection)?))
        }
        Some(Command::Connection(Connection::Set { id, changes })) => set(&settings.state, &id, &changes).await,
    }
}

/// Prints for the person who asked.
///
/// # Errors
/// If nobody listens.
pub fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

/// A progress bar on standard error; none where that is no terminal.
#[must_use]
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} {elapsed}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}

/// Starts the bundle, perhaps with buyers first, and stays until Ctrl-C.
async fn stay(settings: &Settings, orders: Option<u32>) -> anyhow::Result<()> {
    let (house, shop) = open(settings).await?;
    if let Some(orders) = orders {
        say(&demo::run(&house, &shop, orders).await?.to_string())?;
    }
    say(&format!(
        "Edin is up: {}  (endpoints: {}; Ctrl-C ends it)",
        house.url(),
        settings.state.join("endpoints.json").display()
    ))?;
    tokio::signal::ctrl_c().await?;
    close(settings, &shop)
}

async fn open(settings: &Settings) -> anyhow::Result<(House, Shop)> {
    if Endpoints::of_running(&settings.state).await.is_some() {
        bail!("an edin runs over {} already; end it first, or use another --state", settings.state.display());
    }
    let house = House::start(Options::new(&settings.state, settings.listen)).await?;
    let shop = Shop::open(&house).await?;
    house.endpoints(&shop.simulators()).await?.write(&settings.state)?;
    Ok((house, shop))
}

fn close(settings: &Settings, shop: &Shop) -> anyhow::Result<()> {
    Endpoints::remove(&settings.state);
    shop.save()
}

/// The tables and the inbox: of the process that runs over this state, or of engines started for this command alone.
async fn reach(state: &Path) -> anyhow::Result<(Store, Queue, Option<Engine>)> {
    if let Some(running) = Endpoints::of_running(state).await {
        return Ok((remote_store(&running.dynamodb), remote_queue(&running.sqs, "inbox"), None));
    }
    let engine = Engine::start(state).await?;
    Ok((engine.store("command"), engine.queue("command", "inbox"), Some(engine)))
}

async fn import(state: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let (store, inbox, _engine) = reach(state).await?;
    let reports = take_in(state, &Importer { store: &store, inbox: &inbox, now: SystemClock.now() }, files).await?;
    let mut errors = 0;
    for report in &reports {
        say(&report.to_string())?;
        report.errors.iter().try_for_each(|error| say(&error.to_string()))?;
        errors += report.errors.len();
    }
    match errors {
        0 => Ok(()),
        count => bail!("{count} lines were not imported; mend them and import the file again"),
    }
}

/// Imports connections, keeps their secrets, and only then the catalogues: what is listed is told to its channel at once.
///
/// # Errors
/// If the secrets can't be kept; what is wrong with the files is in the reports.
pub async fn take_in(state: &Path, importer: &Importer<'_>, files: &[PathBuf]) -> anyhow::Result<Vec<Report>> {
    let is_toml = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "toml");
    let (connections, catalogues): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|file| is_toml(&file));
    let mut reports = Vec::new();
    for files in [connections, catalogues].into_iter().filter(|files| !files.is_empty()) {
        let bar = progress(0, "importing");
        let report = importer.run(&files, &bar).await;
        bar.finish_and_clear();
        secrets::add(state, report.secrets.clone())?;
        reports.push(report);
    }
    Ok(reports)
}

async fn set(state: &Path, id: &ConnectionId, changes: &[String]) -> anyhow::Result<()> {
    let (store, _, _engine) = reach(state).await?;
    let connection = store.connection(id).await?;
    let mut connection = connection.with_context(|| format!("there is no connection {id}; import it first"))?;
    for change in changes {
        let (name, value) = change.split_once('=').with_context(|| format!("{change:?} is not NAME=VALUE"))?;
        let value = Some(value.to_owned()).filter(|value| !value.is_empty());
        match (name, name.strip_prefix("secrets."), value) {
            ("base_url", _, value) => connection.base_url = value,
            ("proxy", _, value) => connection.proxy = value,
            (_, Some(secret), Some(value)) => {
                secrets::add(state, [(format!("{id}/{secret}"), Secret::new(value))].into())?
            }
            _ => bail!("{name} can not be set; these can: base_url, proxy, secrets.NAME"),
        }
    }
    store.put_connection(&connection).await?;
    say(&format!("{id} is set"))
}
