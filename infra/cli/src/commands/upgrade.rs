//! `edin upgrade`: a state folder that an earlier release left, in today's form: a backup of it, then what `edin up` does at its
//! start, then what `edin migrate` does.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use edin_local::state::claim::Claim;
use edin_local::state::{backup, database};
use edin_platform::{Clock, SystemClock};
use edin_store::migration::{Migration, Outdated};

use super::migrate;
use crate::deployment::Deployment;
use crate::output::say;
use crate::settings::Settings;

/// Brings it to today's form, and says what was done.
///
/// # Errors
/// If a process runs over it, a later release wrote it, it can't be copied, or it holds what can't be read.
pub(super) async fn upgrade(settings: &Settings) -> anyhow::Result<()> {
    ensure!(
        settings.stack.is_none(),
        "a stack is upgraded by deploying the new version, and then by edin migrate (in the runbook: upgrading)"
    );
    let (told, migrated) = bring(settings).await?;
    say(&told)?;
    migrate::ensure_read(&migrated)
}

/// Returns what a person is told, and what was brought.
async fn bring(settings: &Settings) -> anyhow::Result<(String, Outdated)> {
    let state = settings.state.display();
    let claim = Claim::take(&settings.state)?;
    let found = database::format_of(&settings.state.join(database::FILE)).context("the tables can not be opened")?;
    database::ensure_known(found)?;
    let outdated = migrate::look_into_a_copy(settings).await?;
    if found == database::FORMAT && outdated.is_none() {
        return Ok((format!("{state} is as this release writes it, in form {found}: nothing was done"), outdated));
    }
    let copy = back_up(settings)?;
    drop(claim);
    let migrated = Deployment::open(settings).await?.store.migrate(Migration::Write).await?;
    let told = format!(
        "{state} was of form {found} and is of form {} now. As it was before, it is backed up in {}: remove that when all is well\n{}",
        database::FORMAT,
        copy.display(),
        migrate::told(&migrated, Migration::Write)
    );
    Ok((told, migrated))
}

/// Beside the tables: buyers' contacts leave the folder for no other.
fn back_up(settings: &Settings) -> anyhow::Result<PathBuf> {
    let now = SystemClock.now();
    let file = settings.state.join(format!("before-upgrade-{}.edin", now.to_string().replace(':', "")));
    backup::back_up(&settings.state, &file, env!("CARGO_PKG_VERSION"), now)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;
    use edin_local::state::secrets;

    use super::*;

    /// What a release of form 0 left behind.
    const STATE: &str = include_str!("../../tests/states/bd72143.sql");

    fn state() -> (tempfile::TempDir, Settings) {
        let state = tempfile::tempdir().unwrap();
        secrets::prepare(state.path()).unwrap();
        tables(state.path()).execute_batch(STATE).unwrap();
        let settings = Settings::parse_from(["edin", "--state", state.path().to_str().unwrap(), "upgrade"]);
        (state, settings)
    }

    fn tables(state: &Path) -> rusqlite::Connection {
        rusqlite::Connection::open(state.join(database::FILE)).unwrap()
    }

    fn backups(state: &Path) -> Vec<PathBuf> {
        let files = std::fs::read_dir(state).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "edin")).collect()
    }

    #[tokio::test]
    async fn an_earlier_release_s_state_is_backed_up_and_brought_to_today_s_form_once() {
        let (state, settings) = state();
        let (told, migrated) = bring(&settings).await.unwrap();
        assert!(told.contains("was of form 0 and is of form 2 now") && told.contains("these were brought"), "{told}");
        assert!(migrated.listings > 0 && migrated.unreadable.is_empty());
        assert_eq!(database::format_of(&state.path().join(database::FILE)).unwrap(), database::FORMAT);
        let (told, migrated) = bring(&settings).await.unwrap();
        assert!(told.contains("nothing was done") && migrated.is_none(), "{told}");

        let [file] = backups(state.path()).try_into().unwrap();
        let anew = tempfile::tempdir().unwrap();
        assert_eq!(backup::restore(&file, anew.path()).unwrap().format, 0, "it is as it was");
        let old = "SELECT count(*) FROM \"edin-stock\"";
        assert!(tables(anew.path()).query_row(old, [], |row| row.get::<_, i64>(0)).unwrap() > 0);
    }

    #[tokio::test]
    async fn a_later_release_s_state_and_one_that_a_process_runs_over_are_left_alone() {
        let (state, settings) = state();
        let claim = Claim::take(state.path()).unwrap();
        assert!(bring(&settings).await.unwrap_err().to_string().contains("end it first"));
        drop(claim);
        tables(state.path()).pragma_update(None, "user_version", database::FORMAT + 1).unwrap();
        let before = std::fs::read(state.path().join(database::FILE)).unwrap();
        let refused = bring(&settings).await.unwrap_err().to_string();
        assert!(refused.contains("a later release of Edin wrote it"), "{refused}");
        assert!(
            before == std::fs::read(state.path().join(database::FILE)).unwrap() && backups(state.path()).is_empty()
        );
    }
}
