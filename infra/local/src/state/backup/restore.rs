//! A backup, as a state folder again.

use std::path::Path;

use anyhow::{Context, bail};

use super::Content;
use crate::state::claim::Claim;
use crate::state::database::{FILE as TABLES, connect};
use crate::state::{make, secrets};

/// Makes a state folder of a backup. All of the backup is checked before anything is written.
///
/// # Errors
/// If it is no backup, damaged, or of a later release; if the folder has a state, or a process runs over it.
pub fn restore(file: &Path, state: &Path) -> anyhow::Result<Content> {
    let (content, kept) = Content::read(file)?;
    ensure_empty(state)?;
    make(state).with_context(|| format!("the folder {} can not be made", state.display()))?;
    let _claim = Claim::take(state)?;
    // Whoever had the claim until now may have begun one.
    ensure_empty(state)?;
    let beside = tempfile::Builder::new().prefix("restoring-").tempfile_in(state)?;
    let to = beside.path().to_str().context("the folder's name is not UTF-8")?;
    connect(file)?.execute("VACUUM INTO ?1", [to]).context("the tables can not be written")?;
    Content::take_away(beside.path())?;
    beside.as_file().sync_all()?;
    secrets::add(state, kept)?;
    // Last: tables without secrets would be taken for a state that has lost them.
    beside.persist_noclobber(state.join(TABLES))?;
    Ok(content)
}

/// What was left of another file's log would be taken for this one's.
fn ensure_empty(state: &Path) -> anyhow::Result<()> {
    let logs = ["-wal", "-shm", "-journal"].map(|log| format!("{TABLES}{log}"));
    let names = [TABLES.to_owned(), secrets::FILE.to_owned()].into_iter().chain(logs);
    match names.into_iter().find(|name| state.join(name).exists()) {
        None => Ok(()),
        Some(found) => bail!(
            "{} has a state already, {found}, and a backup is restored over nothing: name another folder with --state, or move this \
             one away",
            state.display()
        ),
    }
}
