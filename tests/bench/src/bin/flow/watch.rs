//! What the stream tells of orders, levels and acknowledgements.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use aws_lambda_events::dynamodb::EventRecord;
use edin_domain::shown::Shown;
use edin_domain::{Sku, Timestamp};
use edin_store::stream::{image, text};
use edin_store::{keys, level_from};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;

/// Watches until it is dropped.
pub(crate) struct Watch {
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Seen {
    state: Mutex<State>,
    more: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    /// When the stream showed an order first.
    pub(crate) recorded: HashMap<String, Instant>,
    /// The version that the sold level had then, by order.
    pub(crate) versions: HashMap<String, (Sku, u64)>,
    /// What a connection acknowledged of a good: when, and from which version of its levels, added up.
    pub(crate) acknowledged: BTreeMap<(String, Sku), Vec<(Timestamp, u64)>>,
    /// Records that were missed.
    pub(crate) missed: u64,
}

impl Watch {
    pub(crate) fn start(mut records: broadcast::Receiver<Arc<Vec<EventRecord>>>) -> Self {
        let seen = Arc::new(Seen::default());
        let noted = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                match records.recv().await {
                    Ok(batch) => noted.note(&batch),
                    Err(broadcast::error::RecvError::Lagged(missed)) => noted.lock().missed += missed,
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        Self { seen, task }
    }

    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the stream has shown the order.
    pub(crate) async fn recorded(&self, order: &str) {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            if self.lock().recorded.contains_key(order) {
                return;
            }
            more.await;
        }
    }

    fn note(&self, batch: &[EventRecord]) {
        let mut state = self.lock();
        batch.iter().for_each(|record| _ = state.note(record));
        drop(state);
        self.more.notify_waiters();
    }
}

impl State {
    fn note(&mut self, record: &EventRecord) -> Option<()> {
        let item = image(&record.change.new_image)?;
        let (pk, sk) = (text(&record.change.keys, "pk")?, text(&record.change.keys, "sk")?);
        if sk.starts_with("LEVEL#") {
            let level = level_from(item).ok()?;
            let orders = level.changes.into_iter().map(|change| change.order);
            self.versions.extend(orders.map(|order| (order, (level.place.sku.clone(), level.version))));
        } else if sk == "ORDER" {
            self.recorded.entry(keys::order_key(pk)?.to_string()).or_insert_with(bench::now);
        } else if sk.starts_with("SHOWN#") {
            let listing = keys::listing_key(pk, sk)?;
            let told = serde_dynamo::from_item::<_, Shown>(item).ok()?.acknowledged?;
            let whose = (listing.connection.to_string(), listing.sku);
            self.acknowledged.entry(whose).or_default().push((told.at, told.version));
        }
        Some(())
    }
}
