//! The engine's file.

use std::path::Path;

/// A connection of our own to it, beside the engine's.
pub(super) fn connect(file: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}
