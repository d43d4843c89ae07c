//! What happens by itself: polling and reconciliation.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::Client;
use edin_domain::{Connection, ConnectionId};
use edin_platform::batch;
use edin_store::StoreError;
use edin_trade::channels::ConnectionError;
use edin_trade::messages::Read;
use poll::Poll;
use reconcile::Reconcile;
use tokio::task::JoinSet;

use crate::aws::engine::messages;
use crate::aws::pulse::Pulse;
use crate::aws::watch::Pulses;

/// When things happen by themselves.
#[derive(Debug, Clone, Copy)]
pub struct Schedules {
    /// The newest orders are read so often.
    pub newest: Duration,
    /// Every order that changed is read so often.
    pub changes: Duration,
    /// The channels are reconciled so often.
    pub reconcile: Duration,
}

/// The usual ones.
impl Default for Schedules {
    fn default() -> Self {
        Self { newest: Duration::from_secs(1), changes: Duration::from_secs(10), reconcile: Duration::from_secs(300) }
    }
}

/// While so many messages wait in the inbox, no orders are read: what isn't in the table yet would only be told once more, and a
/// machine that fell behind would fall further behind.
const BEHIND: u64 = 100;

/// What waits in the inbox.
#[derive(Clone)]
pub(super) struct Inbox {
    pub(super) client: Client,
    /// Of the queues.
    pub(super) url: String,
}

impl Inbox {
    async fn is_behind(&self) -> bool {
        messages(&self.client, &self.url, "inbox").await.is_ok_and(|waiting| waiting >= BEHIND)
    }
}

/// Polls and reconciles as the schedules say.
pub(super) fn spawn(
    tasks: &mut JoinSet<()>,
    schedules: Schedules,
    (poll, reconcile): (&Arc<Poll>, &Arc<Reconcile>),
    inbox: &Inbox,
    pulses: &Pulses,
) {
    for (every, read) in [(schedules.newest, Read::Newest), (schedules.changes, Read::Changes)] {
        let (poll, busy) = (Arc::clone(poll), Arc::new(Mutex::new(BTreeSet::new())));
        let (pulse, inbox) = (pulses.of("orders are not read", None), inbox.clone());
        tasks.spawn(each(every, pulse, async move || {
            if inbox.is_behind().await {
                return Ok(());
            }
            let known = poll.store.connections().await.inspect_err(|error| tracing::warn!(%error, "polling failed"))?;
            known.into_values().for_each(|one| poll_alone(&poll, &busy, one, read.clone()));
            Ok::<_, StoreError>(())
        }));
    }
    let (sweeping, pulse) = (Arc::clone(poll), pulses.of("holds that are over are not ended", None));
    tasks.spawn(each(schedules.newest, pulse, async move || {
        let ended = sweeping.end_holds().await;
        ended.inspect_err(|error| tracing::warn!(%error, "holds that are over could not be ended"))
    }));
    let (reconcile, pulse) = (Arc::clone(reconcile), pulses.of("channels are not reconciled", None));
    tasks.spawn(each(schedules.reconcile, pulse, async move || {
        let asked = reconcile.ask_for_all().await;
        asked.inspect_err(|error| tracing::warn!(%error, "reconciliation failed"))
    }));
}

/// Reads one connection beside the others, unless it is being read: a slow channel keeps nobody waiting. What a push has just
/// read isn't read again.
fn poll_alone(poll: &Arc<Poll>, busy: &Arc<Mutex<BTreeSet<ConnectionId>>>, connection: Connection, read: Read) {
    let is_fresh = poll.channels.readings().fresh(&connection.id, poll.clock.now()).is_some();
    if read == Read::Newest && is_fresh {
        return;
    }
    if !busy.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.id.clone()) {
        return;
    }
    let (poll, busy) = (Arc::clone(poll), Arc::clone(busy));
    tokio::spawn(async move {
        // What fails is noted and logged by the function itself.
        let reading = batch::guarded(Box::pin(read_to_the_end(&poll, &connection, &read)));
        if let Err(reason) = reading.await {
            tracing::debug!(connection = %connection.id, %reason, "a reading failed");
        }
        busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection.id);
    });
}

/// Reads what is wanted turn by turn, as messages of the poll queue would have it read.
pub(super) async fn read_to_the_end(poll: &Poll, connection: &Connection, read: &Read) -> Result<(), ConnectionError> {
    let mut rest = Box::pin(poll.read(connection, read)).await?;
    while let Some(at) = rest {
        tokio::time::sleep(at.since(poll.clock.now())).await;
        rest = Box::pin(poll.read(connection, &Read::Rest)).await?;
    }
    Ok(())
}

/// Does the work so often for ever, and notes how it goes.
async fn each<E: Display>(every: Duration, pulse: Pulse, work: impl AsyncFn() -> Result<(), E>) {
    let noted = pulse.clone();
    let work = async move {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            noted.note(work().await);
        }
    };
    pulse.of(work).await;
}
