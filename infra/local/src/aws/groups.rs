//! Plays the event source mapping of a FIFO queue: one batch in flight a group, with all that waits in it.
//!
//! The local engine hands out one message of a group at a time and nothing more of it until that one is deleted; SQS hands out
//! runs of up to ten. So messages are taken off the queue as they come and gathered by group here, and what fails is delivered
//! again from here. What is in hand is kept all the same until it is done, and comes again if the process dies.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use edin_platform::{Message, Queue, batch};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::aws::engine::Keeping;
use crate::aws::pulse::Pulse;
use crate::aws::sources::{Function, Source, failed};
use crate::aws::watch::Pulses;

/// SQS's largest batch of a FIFO queue.
const AT_ONCE: usize = 10;
/// How often a message is delivered before it goes to the dead-letter queue.
const DELIVERIES: u32 = 5;
/// A batch with failures comes again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// A FIFO queue, as a source of events.
pub(crate) struct Groups {
    /// What is read.
    pub(crate) source: Source,
    /// Where goes what fails again and again.
    pub(crate) dead: Queue,
    /// What keeps messages until they are done.
    pub(crate) keeping: Keeping,
    /// Of the groups.
    pub(crate) pulses: Pulses,
    /// How many messages are off the queue and not done yet.
    pub(crate) in_hand: Arc<AtomicU64>,
}

impl Groups {
    /// Wakes `function` with batches for ever.
    pub(crate) async fn run(&self, function: Arc<impl Function + 'static>) {
        let mut groups: BTreeMap<String, mpsc::UnboundedSender<SqsMessage>> = BTreeMap::new();
        let mut workers = JoinSet::new();
        loop {
            for message in self.source.take(&self.keeping).await {
                self.in_hand.fetch_add(1, Ordering::Relaxed);
                let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
                let sender = groups.entry(group).or_insert_with_key(|group| {
                    let (sender, receiver) = mpsc::unbounded_channel();
                    let worker = self.worker(group, Arc::clone(&function));
                    workers.spawn(worker.pulse.clone().of(worker.run(receiver)));
                    sender
                });
                if sender.send(message).is_err() {
                    tracing::error!("a group is not worked off any more; its messages come after the next start");
                }
            }
        }
    }

    fn worker<F>(&self, group: &str, function: Arc<F>) -> Worker<F> {
        Worker {
            function,
            dead: self.dead.clone(),
            keeping: self.keeping.clone(),
            pulse: self.pulses.of(format!("messages to {group} are not worked off"), None),
            in_hand: Arc::clone(&self.in_hand),
        }
    }
}

/// Who works off one group.
struct Worker<F> {
    function: Arc<F>,
    dead: Queue,
    keeping: Keeping,
    pulse: Pulse,
    in_hand: Arc<AtomicU64>,
}

impl<F: Function> Worker<F> {
    /// Delivers messages, batch after batch.
    async fn run(self, mut messages: mpsc::UnboundedReceiver<SqsMessage>) {
        let mut batch = Vec::new();
        while messages.recv_many(&mut batch, AT_ONCE).await > 0 {
            let taken = std::mem::take(&mut batch);
            let count = u64::try_from(taken.len()).unwrap_or(0);
            let mut done: BTreeSet<String> = taken.iter().map(id).collect();
            for message in self.deliver(taken).await {
                let poison = id(&message);
                if let Err(error) = self.dead.send(vec![Message::again(message)]).await {
                    tracing::error!(message = %poison, %error, "a message could not be set aside; it comes after the next start");
                    done.remove(&poison);
                }
            }
            self.keeping.done(done.iter().map(String::as_str)).await;
            self.in_hand.fetch_sub(count, Ordering::Relaxed);
        }
    }

    /// Returns what failed to the end.
    async fn deliver(&self, mut messages: Vec<SqsMessage>) -> Vec<SqsMessage> {
        for _ in 1..DELIVERIES {
            messages = self.deliver_once(messages).await;
            if messages.is_empty() {
                return messages;
            }
            tokio::time::sleep(AGAIN).await;
            messages.iter_mut().for_each(count_one_more);
        }
        self.deliver_once(messages).await
    }

    /// Returns what failed: all of it if the function panicked, as in AWS.
    async fn deliver_once(&self, mut messages: Vec<SqsMessage>) -> Vec<SqsMessage> {
        let mut event = SqsEvent::default();
        event.records.clone_from(&messages);
        let answered = batch::guarded(async { Ok::<_, Infallible>(self.function.handle(event).await) }).await;
        self.pulse.note(answered.as_ref());
        match answered {
            Ok(answer) => {
                let failed = failed(answer);
                messages.retain(|message| failed.contains(&id(message)));
            }
            Err(reason) => tracing::error!(%reason, "messages failed all at once, and come again"),
        }
        messages
    }
}

fn id(message: &SqsMessage) -> String {
    message.message_id.clone().unwrap_or_default()
}

fn count_one_more(message: &mut SqsMessage) {
    let deliveries = batch::deliveries(message).saturating_add(1);
    message.attributes.insert(batch::RECEIVE_COUNT.to_owned(), deliveries.to_string());
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use aws_lambda_events::sqs::SqsBatchResponse;

    use super::*;
    use crate::aws::engine::Engine;

    /// Notes how often what it takes was delivered, and panics at first.
    #[derive(Default)]
    struct Panics(Mutex<Vec<u32>>);

    impl Function for Panics {
        async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
            let deliveries: Vec<u32> = event.records.iter().map(batch::deliveries).collect();
            self.0.lock().unwrap().extend(&deliveries);
            assert!(deliveries.iter().all(|count| *count > 1), "a bug");
            SqsBatchResponse::default()
        }
    }

    async fn until(holds: impl Fn() -> bool) {
        let held = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), held).await.unwrap();
    }

    #[tokio::test]
    async fn a_function_that_panics_is_in_trouble_until_its_messages_have_come_again() {
        let state = tempfile::tempdir().unwrap();
        let engine = Engine::start(state.path()).await.unwrap();
        let (pulses, function) = (Pulses::default(), Arc::<Panics>::default());
        let groups = Groups {
            source: Source {
                client: engine.sqs_client("test"),
                url: engine.queue_url("push.fifo"),
                pulse: Pulse::default(),
            },
            dead: engine.queue("test", "push-dead.fifo"),
            keeping: engine.keeping(),
            pulses: pulses.clone(),
            in_hand: Arc::default(),
        };
        let (in_hand, taking) = (Arc::clone(&groups.in_hand), Arc::clone(&function));
        let running = tokio::spawn(async move { groups.run(taking).await });
        engine.queue("test", "push.fifo").send(vec![Message::text("x").in_group("wb/stock", "1")]).await.unwrap();
        let says = |what: &str| pulses.troubles().iter().any(|told| told.contains("wb/stock") && told.contains(what));
        until(|| says("it panicked: a bug")).await;
        assert_eq!(in_hand.load(Ordering::Relaxed), 1);
        until(|| pulses.troubles().is_empty() && in_hand.load(Ordering::Relaxed) == 0).await;
        assert_eq!(*function.0.lock().unwrap(), [1, 2]);
        running.abort();
    }
}
