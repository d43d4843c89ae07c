//! The inbox queue into the stock table: the only writer of orders, and of the stock that orders move.
//!
//! A batch goes `read → join → (plan → commit)…`: messages are read, those that tell of the same order are joined, what they
//! mean is worked out against the table as it is now, and all of it is committed in as few transactions as it fits into.
//! What met another writer is planned anew. Applying a message twice changes nothing, because joining what is known already
//! changes nothing; so an ambiguous commit is settled by planning once more.

mod guess;
mod plan;
mod portion;
mod read;
mod resolve;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use edin_domain::{Connection, ConnectionId};
use edin_platform::{Clock, Metric, Metrics, batch};
use edin_store::commit::{Stamp, Unit};
use edin_store::together::Known;
use edin_store::{Store, StoreError};

pub use crate::guess::Guesses;
use crate::read::Work;

/// The function.
pub struct Intake {
    /// Where orders and stock are.
    pub store: Store,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What goods the articles of earlier batches were.
    pub guesses: Guesses,
}

/// Why a message can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It isn't what it should be. It comes again, and ends in the dead-letter queue with its body.
    #[error("the message can not be read: {0}")]
    Unreadable(String),
    /// It is of a connection that nobody set up.
    #[error("there is no connection {0}; import it, then redrive the dead-letter queue")]
    UnknownConnection(ConnectionId),
    /// Its connection or its order is there, and this version can't read it.
    #[error("{0}; if a newer release wrote it, install that again, then redrive the dead-letter queue")]
    Hindered(String),
    /// Somebody has another account's pushes sent to this one's address.
    #[error(
        "it is not of {connection}: {reason}; if the address leaked, see SECURITY.md, and if the connection's client_id is \
         wrong, correct it and redrive the dead-letter queue"
    )]
    Foreign {
        /// Whose address it came to.
        connection: ConnectionId,
        /// Whose it is.
        reason: String,
    },
    /// It met other writers again and again.
    #[error("it met other writers {0} times; it comes again")]
    Contended(u32),
}

/// How often a plan that met another writer is made anew.
const ATTEMPTS: u32 = 6;

impl Intake {
    /// Takes a batch of the inbox queue. A message that can't be applied comes again alone.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let mut failed = Vec::new();
        let mut works = Vec::new();
        for message in &event.records {
            match batch::guarded(read::message(&self.store, message)).await {
                Ok(work) => works.extend(work),
                Err(reason) => failed.push((message.message_id.clone().unwrap_or_default(), reason)),
            }
        }
        failed.extend(self.apply(works).await);
        for (message, reason) in &failed {
            tracing::error!(%message, %reason, "a message was not applied and will come again");
        }
        batch::again(failed.into_iter().map(|(id, _)| id))
    }

    /// Applies the works; returns the messages of those that failed, with the reason.
    async fn apply(&self, works: Vec<Work>) -> Vec<(String, String)> {
        let mut known = match read::known(&self.store, &works, &self.guesses).await {
            Ok(known) => known,
            Err(error) => return fail(&works, &error.into()),
        };
        let mut failed = Vec::new();
        let works = possible(works, &known, &mut failed);
        // Before they are joined, so that a foreign push takes no other message of the same order along.
        let mut pending = read::join(own(works, &known.connections, &mut failed));
        let mut attempt = 1;
        while !pending.is_empty() && attempt <= ATTEMPTS {
            let again = self.attempt(pending, &mut known, attempt, &mut failed).await;
            pending = again.works;
            attempt = if again.has_advanced { 2 } else { attempt + 1 };
        }
        failed.extend(fail(&pending, &IntakeError::Contended(ATTEMPTS)));
        failed
    }

    /// Plans and commits once. Returns the works that met another writer, or of which there is more.
    async fn attempt(
        &self,
        works: Vec<Work>,
        known: &mut Known,
        attempt: u32,
        failed: &mut Vec<(String, String)>,
    ) -> Again {
        let plans = match plan::units(self, &works, known, attempt).await {
            Ok(plans) => plans,
            Err(error) if error.is_passing() && attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_millis(50 << attempt)).await;
                return Again { works, has_advanced: false };
            }
            Err(error) if !error.is_passing() && works.len() > 1 => {
                tracing::warn!(%error, works = works.len(), "works can not be planned together; each is by itself");
                return self.attempt_each(works, known, attempt, failed).await;
            }
            Err(error) => {
                failed.extend(fail(&works, &error.into()));
                return Again::default();
            }
        };
        let (idle, busy): (Vec<_>, Vec<_>) =
            works.into_iter().zip(plans).partition(|(_, plan)| plan.unit.changes.is_empty());
        tracing::debug!(nothing_new = idle.len(), changes = busy.len(), attempt, "planned");
        let (units, works): (Vec<Unit>, Vec<(Work, bool)>) =
            busy.into_iter().map(|(work, plan)| (plan.unit, (work, plan.is_all))).unzip();
        let Some((first, _)) = works.first() else { return Again::default() };
        let stamp = Stamp { cause: first.cause.clone(), at: self.clock.now() };
        let results = self.store.commit(&units, &stamp).await;
        self.count_orders(&units, &results);
        sort_out(works, &units, results, failed)
    }

    /// Plans and commits one work after the other, so that one whose goods can't be read fails alone.
    async fn attempt_each(
        &self,
        works: Vec<Work>,
        known: &mut Known,
        attempt: u32,
        failed: &mut Vec<(String, String)>,
    ) -> Again {
        let mut again = Again::default();
        for work in works {
            let Again { works, has_advanced } = Box::pin(self.attempt(vec![work], known, attempt, failed)).await;
            again.works.extend(works);
            again.has_advanced |= has_advanced;
        }
        again
    }

    fn count_orders(&self, units: &[Unit], results: &[Result<(), StoreError>]) {
        let committed =
            units.iter().zip(results).filter(|(_, result)| result.is_ok()).flat_map(|(unit, _)| &unit.changes);
        let mut counts: BTreeMap<&ConnectionId, i64> = BTreeMap::new();
        for change in committed.filter(|change| change.after.version == 1) {
            *counts.entry(&change.after.key.connection).or_default() += 1;
        }
        for (connection, count) in counts {
            self.metrics.tell(Metric::Orders, Some(connection), &[count], self.clock.now());
        }
    }
}

/// The works that are told of the account at whose address they came.
fn own(
    works: Vec<Work>,
    connections: &BTreeMap<ConnectionId, Connection>,
    failed: &mut Vec<(String, String)>,
) -> Vec<Work> {
    let mut own = Vec::new();
    for work in works {
        match work.check_account(connections) {
            Ok(()) => own.push(work),
            Err(foreign) => failed.extend(fail(std::slice::from_ref(&work), &foreign)),
        }
    }
    own
}

/// The works whose connections and orders can be read; the others fail, each alone.
fn possible(works: Vec<Work>, known: &Known, failed: &mut Vec<(String, String)>) -> Vec<Work> {
    let mut possible = Vec::new();
    for work in works {
        match hindrance(&work, known) {
            None => possible.push(work),
            Some(error) => failed.extend(fail(std::slice::from_ref(&work), &error)),
        }
    }
    possible
}

fn hindrance(work: &Work, known: &Known) -> Option<IntakeError> {
    let unreadable = work.told.keys().find_map(|order| known.hindrance(order));
    let unknown = work.connections().find(|id| !known.connections.contains_key(id));
    unreadable.map(|reason| IntakeError::Hindered(reason.to_owned())).or(unknown.map(IntakeError::UnknownConnection))
}

/// What shall be planned anew.
#[derive(Default)]
struct Again {
    works: Vec<Work>,
    /// Whether a portion of one of them was committed: however many there are, each brings it nearer to its end.
    has_advanced: bool,
}

/// Logs what was done, notes what failed, returns what shall be planned anew. Each work says whether its unit is all of it.
fn sort_out(
    works: Vec<(Work, bool)>,
    units: &[Unit],
    results: Vec<Result<(), StoreError>>,
    failed: &mut Vec<(String, String)>,
) -> Again {
    let mut again = Again::default();
    for (((work, is_all), unit), result) in works.into_iter().zip(units).zip(results) {
        match result {
            Ok(()) => {
                note(&work, unit);
                if !is_all {
                    again.has_advanced = true;
                    again.works.push(work);
                }
            }
            Err(StoreError::Stale { .. } | StoreError::Busy { .. } | StoreError::Unknown { .. }) => {
                again.works.push(work)
            }
            Err(error) => failed.extend(fail(std::slice::from_ref(&work), &error.into())),
        }
    }
    again
}

fn note(work: &Work, unit: &Unit) {
    for change in &unit.changes {
        let order = &change.after;
        let unmapped = order.unmapped().count();
        tracing::info!(cause = %work.cause, order = %order.key, version = order.version, unmapped, "an order was recorded");
        if !change.awaits.is_empty() {
            tracing::warn!(order = %order.key, articles = ?change.awaits, "an order waits with some of its lines, which take nothing yet");
        }
    }
}

fn fail(works: &[Work], error: &IntakeError) -> Vec<(String, String)> {
    works.iter().flat_map(|work| work.messages.iter().map(|id| (id.clone(), error.to_string()))).collect()
}
