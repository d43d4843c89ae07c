//! What a backup holds besides the tables, in tables of its own.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use edin_domain::{Secret, Timestamp};
use rusqlite::{Connection, OpenFlags, params};
use serde::Serialize;

use crate::state::database::{connect, ensure_known, marked};

/// The form of what is here. It rises when an earlier release can't restore a backup any more.
const VERSION: i64 = 1;

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// When it was made.
    pub made_at: Timestamp,
    /// The release that made it.
    pub made_by: String,
    /// The form of its tables.
    pub format: i64,
}

const TABLES: &str = "
    CREATE TABLE edin_backup (version INTEGER NOT NULL, made_at INTEGER NOT NULL, made_by TEXT NOT NULL);
    CREATE TABLE edin_backup_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);";

/// Of a backup, as it is restored.
const NO_TABLES: &str = "DROP TABLE edin_backup; DROP TABLE edin_backup_secrets;";

impl Content {
    /// Writes it into a copy of the tables.
    pub(super) fn write(&self, file: &Path, secrets: &BTreeMap<String, Secret<String>>) -> rusqlite::Result<()> {
        let mut file = connect(file)?;
        let all = file.transaction()?;
        all.execute_batch(TABLES)?;
        let what = params![VERSION, self.made_at.millis(), self.made_by];
        all.execute("INSERT INTO edin_backup VALUES (?1, ?2, ?3)", what)?;
        for (name, secret) in secrets {
            all.execute("INSERT INTO edin_backup_secrets VALUES (?1, ?2)", [name, secret.reveal()])?;
        }
        all.commit()
    }

    /// Reads it, and the secrets; all of the file is checked.
    ///
    /// # Errors
    /// If it is no backup, damaged, or of a later release.
    pub(super) fn read(file: &Path) -> anyhow::Result<(Self, BTreeMap<String, Secret<String>>)> {
        ensure!(file.is_file(), "there is no backup {}", file.display());
        let name = file.display();
        let backup = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let is_one = "SELECT count(*) FROM sqlite_master WHERE name IN ('edin_backup', 'edin_backup_secrets')";
        match backup.query_row(is_one, [], |row| row.get::<_, i64>(0)) {
            Ok(2) => {}
            Err(error) if is_damage(&error) => bail!("{name} is damaged: {error}; take another backup"),
            _ => bail!("{name} is no backup; edin backup makes one"),
        }
        let verdict = backup.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
        match verdict {
            Ok(verdict) if verdict == "ok" => {}
            Ok(wrong) => bail!("{name} is damaged: {wrong}; take another backup"),
            Err(error) => bail!("{name} is damaged: {error}; take another backup"),
        }
        let content = Self::of(&backup).with_context(|| format!("{name} can not be restored"))?;
        let mut secrets = backup.prepare("SELECT name, value FROM edin_backup_secrets")?;
        let secrets = secrets.query_map([], |row| Ok((row.get(0)?, Secret::new(row.get(1)?))))?;
        Ok((content, secrets.collect::<Result<_, _>>()?))
    }

    fn of(backup: &Connection) -> anyhow::Result<Self> {
        let version: i64 = backup.query_row("SELECT version FROM edin_backup", [], |row| row.get(0))?;
        ensure!(version <= VERSION, "a later release made it, in form {version}; restore it with that release");
        let format = marked(backup)?;
        ensure_known(format)?;
        let made = "SELECT made_at, made_by FROM edin_backup";
        let (at, made_by) = backup.query_row(made, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { made_at: Timestamp::from_millis(at), made_by, format })
    }

    /// Takes it away, so that the tables are left.
    pub(super) fn take_away(file: &Path) -> rusqlite::Result<()> {
        connect(file)?.execute_batch(&format!("BEGIN; PRAGMA secure_delete = ON; {NO_TABLES} COMMIT;"))
    }
}

/// Whether it was a database once.
fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt)
}
