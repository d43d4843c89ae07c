//! DynamoDB over SQLite.

use std::path::{Path, PathBuf};

use anyhow::Context;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::state::database::{connect, mark, migrate};

pub(crate) struct Server {
    url: String,
    file: PathBuf,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(file: &Path) -> anyhow::Result<Self> {
        let path = file.to_str().context("the state folder's name is not UTF-8")?;
        migrate(file).with_context(|| format!("{path} can not be brought up to date"))?;
        let database = Database::new(path).map_err(|error| anyhow::anyhow!("{path} can not be opened: {error}"))?;
        let own = connect(file).context("the tables' file can not be opened")?;
        own.execute_batch(INDEXES).context("the stream can not be indexed")?;
        mark(&own).context("the tables' file can not be marked")?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(dynoxide::server::serve_on(listener, database));
        Ok(Self { url, file: file.to_owned(), task })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn trimmer(&self) -> anyhow::Result<Trimmer> {
        Ok(Trimmer::of(&self.file)?)
    }
}

/// The engine looks for the stream's last number at every write, and through all of its records if nothing helps it: an import
/// of many goods, which nobody reads meanwhile, would take the square of its time.
const INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS edin_stream_by_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS edin_stream_by_event ON _stream_records (event_id);";

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Cuts the stream behind its readers: the engine never does.
pub struct Trimmer(rusqlite::Connection);

impl Trimmer {
    /// Of the engine over this file, or over a database in memory that SQLite knows by this name.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn of(file: &Path) -> rusqlite::Result<Self> {
        connect(file).map(Self)
    }

    /// Deletes the records before the one with this event id, that one not: the next is numbered after it. Records are found by
    /// their event ids, since the numbers that readers see are not the ones in the file. Returns how many were deleted.
    ///
    /// # Errors
    /// If the file is busy for long, or there is no such record.
    pub fn trim_before(&self, event: &str) -> rusqlite::Result<usize> {
        let of_event = "SELECT id FROM _stream_records WHERE event_id = ?1";
        let last: i64 = self.0.query_row(of_event, [event], |row| row.get(0))?;
        self.0.execute("DELETE FROM _stream_records WHERE id < ?1", [last])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::database::STOCK;

    /// As the engine asks at every write.
    const LAST_NUMBER: &str = "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 \
                               FROM _stream_records WHERE table_name = ?1";

    #[tokio::test]
    async fn a_write_does_not_look_through_all_of_the_stream() {
        let state = tempfile::tempdir().unwrap();
        let file = state.path().join("edin.db");
        let _server = Server::start(&file).await.unwrap();
        let plan: String = connect(&file).unwrap().query_row(LAST_NUMBER, [STOCK], |row| row.get(3)).unwrap();
        assert!(plan.contains("INDEX edin_stream_by_number ("), "{plan}");
    }
}
