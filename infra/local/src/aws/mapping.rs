//! Plays one event source mapping of the stream: gathers pages while its function is busy, and delivers what the function wants
//! of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::DynamoDbEventResponse;
use edin_store::stream::text;
use tokio::sync::mpsc;

/// How many pages may wait for a function; then reading waits too. A page is what came between two readings, often one record, and
/// fanout takes its time over a batch, so that more is in it.
const PAGES: usize = 50;
/// How often records that fail are delivered; then they are set aside.
const DELIVERIES: u32 = 5;
/// A batch with failures comes again after this.
const AGAIN: Duration = Duration::from_millis(200);

/// The functions that the stream wakes, and where records go that none of them can take.
pub trait Consumers: Send + Sync {
    /// Wakes one function with records of levels and listings.
    fn fan_out(&self, event: Event) -> impl Future<Output = DynamoDbEventResponse> + Send;
    /// Wakes the other with records of levels and orders.
    fn project(&self, event: Event) -> impl Future<Output = DynamoDbEventResponse> + Send;
    /// Takes records that failed again and again.
    fn set_aside(&self, records: &[EventRecord]) -> impl Future<Output = ()> + Send;
    /// Sees everything, for those who watch the demo.
    fn watch(&self, records: &[EventRecord]);
}

/// Where pages of the stream are handed over.
pub(crate) struct Mapping {
    /// Sort keys of the records that the function is woken for begin so.
    kinds: &'static [&'static str],
    pages: mpsc::Sender<Vec<EventRecord>>,
    done: Arc<AtomicU64>,
}

/// The other end: what wakes the function.
pub(crate) struct Worker {
    pages: mpsc::Receiver<Vec<EventRecord>>,
    done: Arc<AtomicU64>,
}

/// Both ends.
pub(crate) fn open(kinds: &'static [&'static str]) -> (Mapping, Worker) {
    let (sender, receiver) = mpsc::channel(PAGES);
    let done = Arc::<AtomicU64>::default();
    (Mapping { kinds, pages: sender, done: Arc::clone(&done) }, Worker { pages: receiver, done })
}

impl Mapping {
    /// Hands a page over; waits while too many do.
    pub(crate) async fn hand_over(&self, records: &[EventRecord]) -> anyhow::Result<()> {
        let wanted = |record: &&EventRecord| {
            text(&record.change.keys, "sk").is_some_and(|sk| self.kinds.iter().any(|kind| sk.starts_with(kind)))
        };
        let page = records.iter().filter(wanted).cloned().collect();
        self.pages.send(page).await.context("nobody works the stream off")
    }

    /// How many of the pages are worked off.
    pub(crate) fn pages_done(&self) -> u64 {
        self.done.load(Ordering::Acquire)
    }
}

impl Worker {
    /// Wakes the function with whatever has come, for as long as anything may.
    pub(crate) async fn run<F: Future<Output = DynamoDbEventResponse>>(
        mut self,
        consumers: &impl Consumers,
        function: impl Fn(Event) -> F,
    ) {
        let mut pages = Vec::new();
        loop {
            let taken = self.pages.recv_many(&mut pages, PAGES).await;
            if taken == 0 {
                return;
            }
            until_done(pages.drain(..).flatten().collect(), consumers, &function).await;
            self.done.fetch_add(u64::try_from(taken).unwrap_or(0), Ordering::Release);
        }
    }
}

/// Delivers records until they are done; from the one that failed on they come again, and are set aside in the end.
async fn until_done<F: Future<Output = DynamoDbEventResponse>>(
    mut records: Vec<EventRecord>,
    consumers: &impl Consumers,
    function: &impl Fn(Event) -> F,
) {
    let mut deliveries = 0;
    while !records.is_empty() {
        let mut event = Event::default();
        event.records.clone_from(&records);
        let response = function(event).await;
        let Some(failure) = response.batch_item_failures.into_iter().next() else { return };
        let failed = |record: &EventRecord| record.change.sequence_number == failure.item_identifier;
        let first = records.iter().position(failed).unwrap_or(0);
        records.drain(..first);
        deliveries = if first > 0 { 1 } else { deliveries + 1 };
        if deliveries >= DELIVERIES {
            let poison: Vec<_> = records.drain(..1).collect();
            consumers.set_aside(&poison).await;
            deliveries = 0;
        } else {
            tokio::time::sleep(AGAIN).await;
        }
    }
}
