//! The messages of the queues in the tables' file, where they outlive the process. They lie beside the tables, so that one
//! transaction log holds both: what is in the file after a crash is what was there at one moment.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use edin_domain::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use crate::state::database::connect;

/// A message's row. No other one ever gets its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row(pub(super) i64);

/// A message, as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// The queue's name.
    pub(super) queue: String,
    pub(super) sent: Timestamp,
    /// When it may be delivered.
    pub(super) due: Timestamp,
    /// What was sent, as JSON.
    pub(super) message: String,
}

/// Why the file isn't as it should be, for all who waited for it.
#[derive(Debug, Clone)]
pub(super) struct Unwritten(String);

impl std::fmt::Display for Unwritten {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the queues' messages can not be written down: {}", self.0)
    }
}

/// Cheap to clone; one thread writes for all of them.
#[derive(Clone)]
pub(super) struct File {
    jobs: Arc<Sender<Job>>,
}

struct Job {
    change: Change,
    /// Gone if nobody waits for it.
    done: oneshot::Sender<Result<Vec<Row>, Unwritten>>,
}

enum Change {
    Keep(Vec<Letter>),
    Move(Row, String),
    Forget(Vec<Row>),
}

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS edin_messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL, sent INTEGER NOT NULL, due INTEGER NOT NULL, message TEXT NOT NULL);
    PRAGMA synchronous = FULL;";

/// So many changes are committed together at most.
const AT_ONCE: usize = 256;
/// What nobody waits for is committed with what comes within this. Of a message that is done, and comes again because the process
/// died meanwhile, nothing comes but some work.
const LINGER: Duration = Duration::from_millis(50);

impl File {
    /// Opens it, and returns what is kept in it, in the order in which it was sent.
    pub(super) fn open(file: &Path) -> anyhow::Result<(Self, Vec<(Row, Letter)>)> {
        let connection = connect(file)?;
        connection.execute_batch(TABLE).context("the queues' messages can not be kept")?;
        let kept = all(&connection).context("the queues' messages can not be read")?;
        let (jobs, receiver) = channel();
        thread::Builder::new().name("messages".to_owned()).spawn(move || write(connection, &receiver))?;
        Ok((Self { jobs: Arc::new(jobs) }, kept))
    }

    /// Keeps messages, all or none; they are in the file when this returns.
    pub(super) async fn keep(&self, letters: Vec<Letter>) -> Result<Vec<Row>, Unwritten> {
        self.change(Change::Keep(letters)).await
    }

    /// Has a message lie in another queue.
    pub(super) async fn move_to(&self, row: Row, queue: String) -> Result<(), Unwritten> {
        self.change(Change::Move(row, queue)).await.map(drop)
    }

    /// Strikes out messages, soon.
    pub(super) fn forget(&self, rows: Vec<Row>) {
        if !rows.is_empty() {
            let _ = self.jobs.send(Job { change: Change::Forget(rows), done: oneshot::channel().0 });
        }
    }

    async fn change(&self, change: Change) -> Result<Vec<Row>, Unwritten> {
        let (done, outcome) = oneshot::channel();
        let ended = || Unwritten("who writes them has ended".to_owned());
        self.jobs.send(Job { change, done }).map_err(|_| ended())?;
        outcome.await.map_err(|_| ended())?
    }
}

fn all(file: &Connection) -> rusqlite::Result<Vec<(Row, Letter)>> {
    let mut rows = file.prepare("SELECT id, queue, sent, due, message FROM edin_messages ORDER BY id")?;
    let time = |millis| Timestamp::from_millis(millis);
    let letters = rows.query_map([], |row| {
        let letter =
            Letter { queue: row.get(1)?, sent: time(row.get(2)?), due: time(row.get(3)?), message: row.get(4)? };
        Ok((Row(row.get(0)?), letter))
    })?;
    letters.collect()
}

/// Writes for as long as there is anybody to write for.
fn write(mut file: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let (changes, waiting): (Vec<_>, Vec<_>) =
            gather(first, jobs).into_iter().map(|job| (job.change, job.done)).unzip();
        let outcomes = commit(&mut file, &changes).map_err(|error| Unwritten(error.to_string()));
        if let Err(error) = &outcomes {
            tracing::error!(%error, "messages are refused, or come again after the next start");
        }
        for (index, done) in waiting.into_iter().enumerate() {
            let outcome = outcomes.clone().map(|rows| rows.get(index).cloned().unwrap_or_default());
            let _ = done.send(outcome);
        }
    }
}

/// Whatever has come by now; and what comes soon, as long as nobody waits.
fn gather(first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
    let mut gathered = vec![first];
    while gathered.len() < AT_ONCE {
        let is_awaited = gathered.iter().any(|job| !job.done.is_closed());
        let next = if is_awaited { jobs.try_recv().ok() } else { jobs.recv_timeout(LINGER).ok() };
        let Some(next) = next else { break };
        gathered.push(next);
    }
    gathered
}

/// All of it, or nothing. Returns the rows that each change made.
fn commit(file: &mut Connection, changes: &[Change]) -> rusqlite::Result<Vec<Vec<Row>>> {
    let all = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let rows = changes.iter().map(|change| apply(&all, change)).collect::<Result<_, _>>()?;
    all.commit()?;
    Ok(rows)
}

fn apply(all: &Transaction<'_>, change: &Change) -> rusqlite::Result<Vec<Row>> {
    match change {
        Change::Keep(letters) => letters.iter().map(|letter| insert(all, letter)).collect(),
        Change::Move(Row(id), queue) => {
            all.prepare_cached("UPDATE edin_messages SET queue = ?2 WHERE id = ?1")?.execute(params![id, queue])?;
            Ok(Vec::new())
        }
        Change::Forget(rows) => {
            let mut delete = all.prepare_cached("DELETE FROM edin_messages WHERE id = ?1")?;
            rows.iter().try_for_each(|Row(id)| delete.execute([id]).map(drop))?;
            Ok(Vec::new())
        }
    }
}

fn insert(all: &Transaction<'_>, Letter { queue, sent, due, message }: &Letter) -> rusqlite::Result<Row> {
    let insert = "INSERT INTO edin_messages (queue, sent, due, message) VALUES (?1, ?2, ?3, ?4)";
    let id = all.prepare_cached(insert)?.insert(params![queue, sent.millis(), due.millis(), message])?;
    Ok(Row(id))
}
