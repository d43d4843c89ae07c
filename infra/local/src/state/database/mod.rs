//! The tables' file: what it is called and the tables in it, whether it is whole, of which form it is, and what an older release left in it.

mod format;
mod integrity;
mod migration;

use std::path::Path;

use anyhow::Context;

use edin_store::Tables;

pub use format::{FORMAT, ensure_known, format_of};
pub(crate) use format::{mark, marked};
pub(crate) use integrity::check;
pub(crate) use migration::run as migrate;

/// The tables' file in the state folder.
pub const FILE: &str = "edin.db";

/// The stock table. The engine names its stream's shard after it, and boto3 takes no shard whose name has less than 28 characters,
/// so this one needs 11.
pub(crate) const STOCK: &str = "edin-stock-table";

/// How the tables are called here.
#[must_use]
pub fn tables() -> Tables {
    Tables { stock: STOCK.to_owned(), customers: "edin-customers".to_owned() }
}

/// Copies the tables of one state folder into another, as they are at one moment.
///
/// # Errors
/// If they can't be read, or the other folder has some.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let to = to.join(FILE);
    let to = to.to_str().context("the folder's name is not UTF-8")?;
    connect(&from.join(FILE))?.execute("VACUUM INTO ?1", [to])?;
    Ok(())
}

/// A connection of our own to it, beside the engine's.
pub(crate) fn connect(file: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}
