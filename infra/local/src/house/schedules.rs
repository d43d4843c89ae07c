//! What happens by itself: polling and reconciliation.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edin_domain::ConnectionId;
use poll::{Poll, Reading};
use reconcile::Reconcile;
use tokio::task::JoinSet;

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

/// Polls and reconciles as the schedules say.
pub(super) fn spawn(tasks: &mut JoinSet<()>, schedules: Schedules, poll: &Arc<Poll>, reconcile: &Arc<Reconcile>) {
    for (every, read) in [(schedules.newest, Reading::Newest), (schedules.changes, Reading::Changes)] {
        let (poll, busy) = (Arc::clone(poll), Arc::new(Mutex::new(BTreeSet::new())));
        tasks.spawn(each(every, async move || match poll.store.connections().await {
            Ok(connections) => connections.into_keys().for_each(|id| poll_alone(&poll, &busy, id, read)),
            Err(error) => tracing::warn!(%error, "polling failed"),
        }));
    }
    let reconcile = Arc::clone(reconcile);
    tasks.spawn(each(schedules.reconcile, async move || {
        if let Err(error) = reconcile.handle(reconcile::Event::default()).await {
            tracing::warn!(%error, "reconciliation failed");
        }
    }));
}

/// Reads one connection beside the others, unless it is being read: a slow channel keeps nobody waiting. What a push has just
/// read isn't read again.
fn poll_alone(poll: &Arc<Poll>, busy: &Arc<Mutex<BTreeSet<ConnectionId>>>, id: ConnectionId, read: Reading) {
    let is_fresh = poll.channels.readings().fresh(&id, poll.clock.now()).is_some();
    if read == Reading::Newest && is_fresh {
        return;
    }
    if !busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone()) {
        return;
    }
    let (poll, busy) = (Arc::clone(poll), Arc::clone(busy));
    tokio::spawn(async move {
        let event = poll::Event { connection: Some(id.clone()), read, every_seconds: None };
        if let Err(error) = poll.handle(event).await {
            tracing::warn!(connection = %id, %error, "polling failed");
        }
        busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    });
}

async fn each(every: Duration, work: impl AsyncFn()) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        work().await;
    }
}
