//! A copy of a state folder in one file, and back: an SQLite file that holds the tables and the queues' messages, as they were at
//! one moment, and beside them the secrets. Whoever has it can sell in the seller's name, and knows the buyers.
//!
//! Not in it: the demo's channels.

mod content;
mod restore;

use std::path::Path;

use anyhow::{Context, bail};
use edin_domain::Timestamp;
use edin_platform::secrets::DIGEST_KEY;

use super::database::{FILE as TABLES, connect};
use super::secrets;

pub use content::Content;
pub use restore::restore;

/// Copies the state into `file`, which only its owner can read and which isn't there yet. A house may run over it meanwhile: the
/// tables are copied in one transaction that sees no half of any other. `by` is the release that does it.
///
/// # Errors
/// If the state can't be read, or the file can't be written; then there is none.
pub fn back_up(state: &Path, file: &Path, by: &str, now: Timestamp) -> anyhow::Result<Content> {
    if file.exists() {
        bail!("{} is there already, and a backup is written over nothing; choose another name", file.display());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Only its owner can read such a file, from the first byte on.
    let beside = tempfile::Builder::new().prefix(".edin-backup-").tempfile_in(folder);
    let beside = beside.with_context(|| format!("{} can not be written to", folder.display()))?;
    let written = copy_tables(state, beside.path())?;
    // After the tables, so that no connection in them lacks what was kept for it before.
    let secrets = secrets::read(state)?;
    if !secrets.contains_key(DIGEST_KEY) {
        bail!("{} has no key of addresses; start edin up once, which makes it", state.join(secrets::FILE).display());
    }
    let content = Content { made_at: now, made_by: by.to_owned(), format: written };
    content.write(beside.path(), &secrets).context("the secrets can not be written into the backup")?;
    beside.as_file().sync_all()?;
    beside.persist_noclobber(file).with_context(|| format!("{} can not be written", file.display()))?;
    Ok(content)
}

/// Returns the form that the tables have.
fn copy_tables(state: &Path, to: &Path) -> anyhow::Result<i64> {
    let from = state.join(TABLES);
    let to = to.to_str().context("the backup's name is not UTF-8")?;
    let tables = connect(&from).with_context(|| format!("{} can not be opened", from.display()))?;
    tables.execute("VACUUM INTO ?1", [to]).with_context(|| format!("{} can not be copied", from.display()))?;
    Ok(super::database::marked(&connect(Path::new(to))?)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use edin_domain::Secret;

    use super::*;
    use crate::aws::engine::Engine;
    use crate::state::database::{FORMAT, marked};

    const NOW: Timestamp = Timestamp::from_millis(1_796_000_000_000);

    /// A state with a secret, and where its backups go.
    async fn state() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (state, file) = (folder.path().join("state"), folder.path().join("shop.edin"));
        crate::state::make(&state).unwrap();
        secrets::prepare(&state).unwrap();
        let key = ("wb/token".to_owned(), Secret::new("hidden".to_owned()));
        secrets::add(&state, BTreeMap::from([key])).unwrap();
        drop(Engine::start(&state).await.unwrap());
        (folder, state, file)
    }

    #[tokio::test]
    async fn what_was_backed_up_is_there_again_and_only_its_owner_can_read_it() {
        let (folder, state, file) = state().await;
        let made = back_up(&state, &file, "1.0", NOW).unwrap();
        assert_eq!(made, Content { made_at: NOW, made_by: "1.0".to_owned(), format: FORMAT });
        let anew = folder.path().join("anew");
        assert_eq!(restore(&file, &anew).unwrap(), made);
        let revealed = |state: &Path| -> Vec<String> {
            secrets::read(state).unwrap().into_values().map(|secret| secret.reveal().clone()).collect()
        };
        assert_eq!(revealed(&anew), revealed(&state));
        assert_eq!(left_over(&anew), ["edin.db", "edin.lock", "secrets.json", "secrets.lock"]);
        assert_eq!(left_over(folder.path()), ["anew", "shop.edin", "state"]);
        Engine::start(&anew).await.unwrap().store("test").answers().await.unwrap();
        #[cfg(unix)]
        for (path, mode) in
            [(&file, 0o600), (&anew.join("secrets.json"), 0o600), (&anew.join("edin.db"), 0o600), (&anew, 0o700)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
        }
    }

    #[tokio::test]
    async fn a_backup_is_written_over_nothing_and_a_failed_one_leaves_nothing() {
        let (folder, state, file) = state().await;
        std::fs::write(&file, "precious").unwrap();
        assert!(back_up(&state, &file, "1.0", NOW).unwrap_err().to_string().contains("is there already"));
        assert_eq!(std::fs::read(&file).unwrap(), b"precious");
        std::fs::remove_file(&file).unwrap();
        std::fs::write(state.join("secrets.json"), "{}").unwrap();
        assert!(back_up(&state, &file, "1.0", NOW).unwrap_err().to_string().contains("no key of addresses"));
        assert_eq!(left_over(folder.path()), ["state"]);
    }

    #[tokio::test]
    async fn nothing_is_restored_over_a_state_or_under_a_process_that_runs() {
        let (folder, state, file) = state().await;
        back_up(&state, &file, "1.0", NOW).unwrap();
        for (found, leftover) in
            [("edin.db", "edin.db"), ("edin.db-wal", "edin.db-wal"), ("secrets.json", "secrets.json")]
        {
            let other = tempfile::tempdir().unwrap();
            std::fs::write(other.path().join(leftover), "kept").unwrap();
            let refused = restore(&file, other.path()).unwrap_err().to_string();
            assert!(refused.contains(found) && refused.contains("restored over nothing"), "{refused}");
            assert_eq!(left_over(other.path()), [leftover]);
        }
        let taken = folder.path().join("taken");
        crate::state::make(&taken).unwrap();
        let _claim = crate::state::claim::Claim::take(&taken).unwrap();
        assert!(restore(&file, &taken).unwrap_err().to_string().contains("runs over"));
        assert_eq!(left_over(&taken), ["edin.lock"]);
    }

    #[tokio::test]
    async fn what_is_no_backup_or_a_damaged_or_later_one_is_refused_before_anything_is_written() {
        let (folder, state, file) = state().await;
        back_up(&state, &file, "1.0", NOW).unwrap();
        let anew = folder.path().join("anew");
        let refused = |file: &Path| {
            let refused = format!("{:#}", restore(file, &anew).unwrap_err());
            assert!(!anew.exists(), "it wrote, and then said {refused}");
            refused
        };
        let bad = folder.path().join("bad.edin");
        assert!(refused(&bad).contains("there is no backup"));
        std::fs::write(&bad, "a letter to a friend, which is no backup at all".repeat(50)).unwrap();
        assert!(refused(&bad).contains("is no backup"), "{}", refused(&bad));
        let tables = state.join("edin.db");
        assert!(refused(&tables).contains("is no backup"), "{}", refused(&tables));

        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&bad, &whole[..whole.len() / 2]).unwrap();
        assert!(refused(&bad).contains("damaged"), "{}", refused(&bad));
        for (pragma, later) in
            [("PRAGMA user_version = 99", "later release"), ("UPDATE edin_backup SET version = 99", "later release")]
        {
            std::fs::write(&bad, &whole).unwrap();
            connect(&bad).unwrap().execute_batch(pragma).unwrap();
            assert!(refused(&bad).contains(later), "{}", refused(&bad));
        }
    }

    #[tokio::test]
    async fn a_state_that_a_later_release_wrote_is_not_opened() {
        let (_folder, state, _) = state().await;
        let tables = connect(&state.join(TABLES)).unwrap();
        assert_eq!(marked(&tables).unwrap(), FORMAT);
        tables.pragma_update(None, "user_version", FORMAT + 1).unwrap();
        drop(tables);
        let refused = format!("{:#}", Engine::start(&state).await.err().unwrap());
        assert!(refused.contains("later release of Edin wrote it"), "{refused}");
    }

    fn left_over(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            // SQLite's own, which come and go with its connections.
            .filter(|name| !name.ends_with("-shm"))
            .collect();
        names.sort();
        names
    }
}
