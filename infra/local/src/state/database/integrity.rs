//! Whether the tables' file is whole, before anything is built on it.

use std::path::Path;

use anyhow::bail;
use rusqlite::{Connection, OpenFlags};

/// Checks the file, if there is one. It reads all of it, which takes a second a gigabyte or so.
///
/// # Errors
/// If it is damaged, with what to do.
pub(crate) fn check(file: &Path) -> anyhow::Result<()> {
    if !file.exists() {
        return Ok(());
    }
    let wrong = match verdict(file) {
        Ok(verdict) if verdict == "ok" => return Ok(()),
        Ok(verdict) => verdict,
        Err(error) => error.to_string(),
    };
    bail!(
        "{} holds the tables, and is damaged: {wrong}. Put it back from a copy; or move the whole folder away, keep its secrets.json, \
         and begin anew (in the runbook: the state folder is lost)",
        file.display()
    )
}

fn verdict(file: &Path) -> rusqlite::Result<String> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_database_or_is_cut_short_or_damaged_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("edin.db");
        check(&file).unwrap();
        let connection = Connection::open(&file).unwrap();
        connection.execute_batch("CREATE TABLE t (a TEXT)").unwrap();
        for _ in 0..200 {
            connection.execute("INSERT INTO t VALUES (?1)", ["x".repeat(1_000)]).unwrap();
        }
        drop(connection);
        check(&file).unwrap();
        let whole = std::fs::read(&file).unwrap();
        let mut damaged = whole.clone();
        damaged[whole.len() / 2..][..8_192].fill(0xff);
        for bad in [
            b"not a database, but a text that is longer than a header of one is".repeat(9),
            whole[..whole.len() / 2].to_vec(),
            damaged,
        ] {
            std::fs::write(&file, bad).unwrap();
            let said = check(&file).unwrap_err().to_string();
            assert!(said.contains("edin.db") && said.contains("is damaged") && said.contains("from a copy"), "{said}");
        }
    }
}
