//! Which form a tables' file has, by a number in it.

use std::path::Path;

use anyhow::ensure;
use rusqlite::Connection;

use super::connect;

/// The form that this release writes. It rises when an earlier release can't work on a file any more: since form 2 it holds the
/// queues' messages, which an earlier one would leave lying.
pub const FORMAT: i64 = 2;

/// The form of a file; 0 of one that no release has marked yet.
///
/// # Errors
/// If it can't be read.
pub fn format_of(file: &Path) -> rusqlite::Result<i64> {
    connect(file).and_then(|file| marked(&file))
}

/// The mark of an open file.
pub(crate) fn marked(file: &Connection) -> rusqlite::Result<i64> {
    file.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Refuses a file that a later release wrote.
///
/// # Errors
/// If one did, with what to do.
pub fn ensure_known(format: i64) -> anyhow::Result<()> {
    ensure!(
        format <= FORMAT,
        "a later release of Edin wrote it, in form {format}, and this one knows forms up to {FORMAT}: install the later release again"
    );
    Ok(())
}

/// Marks a file that is as this release writes it.
pub(crate) fn mark(file: &Connection) -> rusqlite::Result<()> {
    match marked(file)? {
        FORMAT => Ok(()),
        _ => file.pragma_update(None, "user_version", FORMAT),
    }
}
