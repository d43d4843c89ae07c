//! What each command does, a file each.

mod backup;
mod connection;
mod demo;
mod doctor;
mod end;
mod export;
mod feed;
mod goods;
mod import;
mod key;
mod listing;
mod manual;
mod migrate;
mod preview;
mod reconcile;
mod redrive;
mod simulate;
mod status;
mod up;
mod upgrade;
mod why;

use anyhow::{Context, bail};
use edin_catalogue::export::Form;
use edin_local::state::{self, secrets};
use edin_platform::{Clock, SystemClock};

use crate::deployment::Deployment;
use crate::settings::{Command, Key, Settings};

/// Does what the settings say.
///
/// # Errors
/// Whatever went wrong, for a person.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    if settings.stack.is_some() && settings.runs_here() {
        bail!(
            "--stack, or EDIN_STACK, is for commands that work on a deployment; this one starts things on this machine"
        );
    }
    if settings.stack.is_none() && settings.has_a_state() {
        state_folder(&settings)?;
    }
    let Some(command) = settings.command.clone() else { return demo::demo_and_stay(&settings).await };
    let deployment = || Deployment::open(&settings);
    match command {
        Command::Up(wanted) => up::up(&settings, &wanted).await,
        Command::Demo(wanted) => demo::demo(&settings, &wanted).await,
        Command::Simulate(wanted) => simulate::simulate(&wanted).await,
        Command::Import(wanted) => {
            // Before anything is opened: what is mistyped begins no state.
            let words = import::words(&wanted)?;
            match wanted.dry_run {
                true => import::try_out(&settings, &wanted, &words).await,
                false => import::import(&deployment().await?, &wanted, &words).await,
            }
        }
        Command::End(wanted) => end::end(&deployment().await?, &wanted, SystemClock.now()).await,
        Command::Why { sku, json } => why::why(&deployment().await?, &sku, json).await,
        Command::Feed { connection } => feed::feed(&deployment().await?, &connection).await,
        Command::Preview { connection, json } => {
            preview::show(&deployment().await?, connection.as_ref(), json, SystemClock.now()).await
        }
        Command::Connection(wanted) => connection::look_after(&deployment().await?, wanted, SystemClock.now()).await,
        Command::Listing(wanted) => listing::look_after(&deployment().await?, wanted, SystemClock.now()).await,
        Command::Sku(wanted) => goods::skus(&deployment().await?, wanted).await,
        Command::Location(wanted) => goods::places(&deployment().await?, wanted).await,
        Command::Export { folder, xlsx } => {
            let form = if xlsx { Form::Xlsx } else { Form::Csv };
            export::export(&deployment().await?, &folder, form).await
        }
        Command::Key(Key::Make { connection, name, scope }) => {
            key::make(&deployment().await?, &connection, &name, scope, SystemClock.now()).await
        }
        Command::Key(Key::List) => key::list(&deployment().await?).await,
        Command::Key(Key::Revoke { id }) => key::revoke(&deployment().await?, &id, SystemClock.now()).await,
        Command::Status(wanted) => status::show(&deployment().await?, &wanted).await,
        Command::Doctor { json } => doctor::examine(&settings, json).await,
        Command::Backup { file } => backup::back_up(&settings, &file),
        Command::Restore { file } => backup::restore(&settings, &file),
        Command::Reconcile(wanted) => reconcile::show(&deployment().await?, &wanted).await,
        Command::Upgrade => upgrade::upgrade(&settings).await,
        Command::Migrate(wanted) => migrate::migrate(&settings, &wanted).await,
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { folder } => manual::pages(&folder),
        Command::Redrive(wanted) => redrive::redrive(&deployment().await?, &wanted).await,
    }
}

/// Makes the state folder for a command that begins one; any other must find it.
fn state_folder(settings: &Settings) -> anyhow::Result<()> {
    let folder = &settings.state;
    if settings.makes_state() {
        state::make(folder).with_context(|| format!("the state folder {} can not be made", folder.display()))?;
    }
    if !settings.makes_state() && !state::is_begun(folder) {
        bail!(
            "there is no Edin in the folder {}; name another with --state, or begin one with edin import or edin up",
            folder.display()
        );
    }
    secrets::prepare(folder)
}
