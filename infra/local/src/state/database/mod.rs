//! The tables' file: what it is called and the tables in it, whether it is whole, and what an older release left in it.

mod integrity;
mod migration;

use std::path::Path;

use edin_store::Tables;

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

/// A connection of our own to it, beside the engine's.
pub(crate) fn connect(file: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}
