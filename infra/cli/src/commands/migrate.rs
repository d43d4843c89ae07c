//! `edin migrate`: what an earlier release wrote, into today's form.

use anyhow::{Context, ensure};
use edin_local::state::database;
use edin_local::state::endpoints::Endpoints;
use edin_store::migration::{Migration, Outdated};
use tempfile::TempDir;

use crate::deployment::Deployment;
use crate::output::say;
use crate::settings::{Migrate, Settings};

/// Brings it up to date, or says what there is to bring.
///
/// # Errors
/// If the deployment can't be reached, or holds what can't be read.
pub(super) async fn migrate(settings: &Settings, wanted: &Migrate) -> anyhow::Result<()> {
    let outdated = match wanted.dry_run {
        true => look(settings).await?,
        false => Deployment::open(settings).await?.store.migrate(Migration::Write).await?,
    };
    say(&told(&outdated, wanted))?;
    let unreadable = outdated.unreadable.len();
    ensure!(unreadable == 0, "{unreadable} items can not be read, named above; they stay as they are");
    Ok(())
}

/// A state folder is looked at in a copy: to open it renames tables that an earlier release called otherwise.
async fn look(settings: &Settings) -> anyhow::Result<Outdated> {
    let lies_still = settings.stack.is_none() && Endpoints::of_running(&settings.state).is_none();
    let copy = lies_still.then(|| copy(settings)).transpose().context("the state folder can not be copied")?;
    let mut settings = settings.clone();
    if let Some(copy) = &copy {
        settings.state = copy.path().to_owned();
    }
    Ok(Deployment::open(&settings).await?.store.migrate(Migration::Look).await?)
}

/// The tables alone, beside themselves: buyers' contacts leave the folder for no other.
fn copy(settings: &Settings) -> anyhow::Result<TempDir> {
    let copy = tempfile::tempdir_in(&settings.state)?;
    database::copy(&settings.state, copy.path())?;
    Ok(copy)
}

fn told(outdated: &Outdated, Migrate { dry_run }: &Migrate) -> String {
    let Outdated { listings, prices, buckets, purchases, unreadable } = outdated;
    let rows = [("listings", listings), ("prices", prices), ("buckets", buckets), ("purchases", purchases)];
    let mut lines: Vec<String> = rows.map(|(kind, count)| format!("{kind:<12}{count:>9}")).into();
    lines.extend(unreadable.iter().map(|error| format!("can not be read: {error}")));
    lines.push(match (outdated.is_none(), dry_run) {
        (true, _) => "nothing is in the form of an earlier release".to_owned(),
        (false, true) => "these would be brought up to date; nothing was written".to_owned(),
        (false, false) => "these were brought up to date".to_owned(),
    });
    lines.join("\n")
}
