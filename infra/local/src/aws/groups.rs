//! Plays the event source mapping of a FIFO queue: one batch in flight a group, with all that waits in it.
//!
//! The local engine hands out one message of a group at a time and nothing more of it until that one is deleted; SQS hands out
//! runs of up to ten. So messages are taken off the queue as they come and gathered by group here, and what fails is delivered
//! again from here. What is in hand dies with the process, as everything in the local queues does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use edin_platform::{Message, Queue, batch};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::aws::sources::{Function, Source, failed};

/// SQS's largest batch of a FIFO queue.
const AT_ONCE: usize = 10;
/// How often a message is delivered before it goes to the dead-letter queue.
const DELIVERIES: u32 = 5;
/// A batch with failures comes again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// A FIFO queue, as a source of events.
pub struct Groups {
    source: Source,
    dead: Queue,
    in_hand: Arc<AtomicU64>,
}

impl Groups {
    /// Reads `source`; what fails again and again goes to `dead`.
    #[must_use]
    pub fn new(source: Source, dead: Queue) -> Self {
        Self { source, dead, in_hand: Arc::default() }
    }

    /// How many messages are off the queue and not done yet.
    #[must_use]
    pub fn in_hand(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.in_hand)
    }

    /// Wakes `function` with batches for ever.
    pub async fn run(&self, function: Arc<impl Function + 'static>) {
        let mut groups: BTreeMap<String, mpsc::UnboundedSender<SqsMessage>> = BTreeMap::new();
        let mut workers = JoinSet::new();
        loop {
            for message in self.source.take().await {
                self.in_hand.fetch_add(1, Ordering::Relaxed);
                let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
                let sender = groups.entry(group).or_insert_with(|| {
                    let (sender, receiver) = mpsc::unbounded_channel();
                    workers.spawn(work(receiver, Arc::clone(&function), self.dead.clone(), self.in_hand()));
                    sender
                });
                let _ = sender.send(message);
            }
        }
    }
}

/// Delivers a group's messages, batch after batch.
async fn work(
    mut messages: mpsc::UnboundedReceiver<SqsMessage>,
    function: Arc<impl Function>,
    dead: Queue,
    in_hand: Arc<AtomicU64>,
) {
    let mut batch = Vec::new();
    while messages.recv_many(&mut batch, AT_ONCE).await > 0 {
        let taken = std::mem::take(&mut batch);
        let count = u64::try_from(taken.len()).unwrap_or(0);
        let poison = deliver(taken, function.as_ref()).await;
        for message in poison {
            set_aside(&dead, message).await;
        }
        in_hand.fetch_sub(count, Ordering::Relaxed);
    }
}

/// Returns what failed to the end.
async fn deliver(mut messages: Vec<SqsMessage>, function: &impl Function) -> Vec<SqsMessage> {
    for delivery in 1..=DELIVERIES {
        for message in &mut messages {
            message.attributes.insert(batch::RECEIVE_COUNT.to_owned(), delivery.to_string());
        }
        let mut event = SqsEvent::default();
        event.records.clone_from(&messages);
        let failed = failed(function.handle(event).await);
        messages.retain(|message| failed.contains(message.message_id.as_deref().unwrap_or_default()));
        if messages.is_empty() {
            break;
        }
        if delivery < DELIVERIES {
            tokio::time::sleep(AGAIN).await;
        }
    }
    messages
}

async fn set_aside(dead: &Queue, message: SqsMessage) {
    let id = message.message_id.clone().unwrap_or_default();
    if let Err(error) = dead.send(vec![Message::again(message)]).await {
        tracing::error!(message = %id, %error, "a message could not be set aside");
    }
}
