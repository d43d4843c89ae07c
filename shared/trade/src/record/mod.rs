//! Orders into the stock table, with the stock that they move. Whoever records an order does it here.
//!
//! Works go `join → (plan → commit)…`: those that tell of the same order are joined, what they mean is worked out against the
//! table as it is now, and all of it is committed in as few transactions as it fits into. What met another writer is planned
//! anew. Applying a work twice changes nothing, because joining what is known already changes nothing; so an ambiguous commit
//! is settled by planning once more.

mod guess;
mod plan;
mod portion;
mod problem;
mod resolve;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use edin_domain::order::Order;
use edin_domain::{Connection, ConnectionId};
use edin_platform::{Clock, Metric, Metrics};
use edin_store::commit::{Stamp, Unit};
use edin_store::together::Known;
use edin_store::{Store, StoreError};

use guess::Guesses;
use plan::Planned;
pub use problem::{RecordError, Refusal, Shortage};
pub use work::{Premise, Work, check_account};

/// Records orders.
pub struct Recorder {
    /// Where orders and stock are.
    pub store: Store,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What goods the articles of earlier works were.
    guesses: Guesses,
}

/// The messages of works that failed, each with the reason.
pub type Failed = Vec<(String, RecordError)>;

/// How often a plan that met another writer is made anew.
const ATTEMPTS: u32 = 6;

impl Recorder {
    /// One that hasn't recorded anything yet.
    #[must_use]
    pub fn new(store: Store, metrics: Metrics, clock: Arc<dyn Clock>) -> Self {
        Self { store, metrics, clock, guesses: Guesses::default() }
    }

    /// Records the works; returns the messages of those that failed, with the reason. One that fails keeps no other from being
    /// recorded.
    pub async fn record(&self, works: Vec<Work>) -> Failed {
        let mut known = match work::known(&self.store, &works, &self.guesses).await {
            Ok(known) => known,
            Err(error) => return fail(&works, &error.into()),
        };
        let mut failed = Vec::new();
        let works = possible(works, &known, &mut failed);
        // Before they are joined, so that a foreign push takes no other message of the same order along.
        let mut pending = work::join(own(works, &known.connections, &mut failed));
        let mut attempt = 1;
        while !pending.is_empty() && attempt <= ATTEMPTS {
            let again = self.attempt(pending, &mut known, attempt, &mut failed).await;
            pending = again.works;
            attempt = if again.has_advanced { 2 } else { attempt + 1 };
        }
        failed.extend(fail(&pending, &RecordError::Contended(ATTEMPTS)));
        failed
    }

    /// Records what somebody tells, or asks for, of one order; returns the order as it is then. What is asked for and isn't there
    /// is looked for once more when the holds that are over are free: none of them keeps anything from anybody, found or not.
    ///
    /// # Errors
    /// [`RecordError`]; nothing was changed then, unless it is [`StoreError::Unknown`].
    pub async fn ask(&self, work: Work) -> Result<Order, RecordError> {
        let order = work.told.keys().next().cloned();
        match self.record_one(work.clone()).await {
            Err(RecordError::Refused(Refusal::Short(short))) => match self.free_ended_holds().await? {
                true => self.record_one(work).await?,
                false => return Err(Refusal::Short(short).into()),
            },
            done => done?,
        }
        let known = self.store.orders(order).await?;
        known.into_values().next().ok_or_else(|| RecordError::Hindered("the order is not there".to_owned()))
    }

    async fn record_one(&self, work: Work) -> Result<(), RecordError> {
        self.record(vec![work]).await.into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Frees what holds keep whose time has come. Whether there were any.
    async fn free_ended_holds(&self) -> Result<bool, RecordError> {
        let now = self.clock.now();
        let ended = self.store.ended_holds(now).await?;
        let works: Vec<Work> = ended.iter().map(|hold| Work::ended(hold, now)).collect();
        for (cause, error) in Box::pin(self.record(works)).await {
            tracing::warn!(%cause, %error, "a hold that is over could not be ended; the next sweep ends it");
        }
        Ok(!ended.is_empty())
    }

    /// Plans and commits once. Returns the works that met another writer, or of which there is more.
    async fn attempt(&self, works: Vec<Work>, known: &mut Known, attempt: u32, failed: &mut Failed) -> Again {
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
        let plans = granted(works.into_iter().zip(plans), failed);
        let (idle, busy): (Vec<_>, Vec<_>) = plans.into_iter().partition(|(_, plan)| plan.unit.changes.is_empty());
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
    async fn attempt_each(&self, works: Vec<Work>, known: &mut Known, attempt: u32, failed: &mut Failed) -> Again {
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

/// The works that have a plan; what others ask for can't be had.
fn granted(works: impl Iterator<Item = (Work, Result<Planned, Refusal>)>, failed: &mut Failed) -> Vec<(Work, Planned)> {
    let mut granted = Vec::new();
    for (work, plan) in works {
        match plan {
            Ok(plan) => granted.push((work, plan)),
            Err(refusal) => failed.extend(fail(std::slice::from_ref(&work), &refusal.into())),
        }
    }
    granted
}

/// The works that are told of the account at whose address they came.
fn own(works: Vec<Work>, connections: &BTreeMap<ConnectionId, Connection>, failed: &mut Failed) -> Vec<Work> {
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
fn possible(works: Vec<Work>, known: &Known, failed: &mut Failed) -> Vec<Work> {
    let mut possible = Vec::new();
    for work in works {
        match hindrance(&work, known) {
            None => possible.push(work),
            Some(error) => failed.extend(fail(std::slice::from_ref(&work), &error)),
        }
    }
    possible
}

fn hindrance(work: &Work, known: &Known) -> Option<RecordError> {
    let unreadable = work.told.keys().find_map(|order| known.hindrance(order));
    let unknown = work.connections().find(|id| !known.connections.contains_key(id));
    unreadable.map(|reason| RecordError::Hindered(reason.to_owned())).or(unknown.map(RecordError::UnknownConnection))
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
    failed: &mut Failed,
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

fn fail(works: &[Work], error: &RecordError) -> Failed {
    works.iter().flat_map(|work| work.messages.iter().map(|id| (id.clone(), error.clone()))).collect()
}
