//! How the house is at this moment.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use edin_store::Store;
use poll::Topic;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::aws::engine::{QUEUES, STREAM_DEAD, dead_letters_of, messages};
use crate::aws::pulse::Pulse;

/// Asked whenever somebody wants to know how the house is.
pub(crate) struct Vitals {
    pub(crate) store: Store,
    pub(crate) sqs: aws_sdk_sqs::Client,
    /// The queues' engine.
    pub(crate) sqs_url: String,
    pub(crate) pulses: Pulses,
    /// Messages of the push queue that are off it and not done yet.
    pub(crate) pushes: Arc<AtomicU64>,
}

/// What wakes the functions, each with what it is in words, and how long it may take over one turn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulses(Arc<Mutex<Vec<Watched>>>);

type Watched = (String, Pulse, Option<Duration>);

impl Pulses {
    /// The pulse of one more.
    pub(crate) fn of(&self, what: impl Into<String>, patience: Option<Duration>) -> Pulse {
        let pulse = Pulse::default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((what.into(), pulse.clone(), patience));
        pulse
    }

    /// What is wrong with them, a sentence each.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong = all.iter().filter_map(|(what, pulse, most)| Some(format!("{what}: {}", pulse.trouble(*most)?)));
        wrong.collect()
    }
}

/// The tables are asked for so long.
const PATIENCE: Duration = Duration::from_secs(3);

impl Vitals {
    /// What is wrong, a sentence each.
    pub(super) async fn wrong(&self) -> Vec<String> {
        let tables = match tokio::time::timeout(PATIENCE, self.store.answers()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("the tables: {error}")),
            Err(_) => Some(format!("the tables: no answer for {} s", PATIENCE.as_secs())),
        };
        tables.into_iter().chain(self.pulses.troubles()).collect()
    }

    /// How much waits, and when each connection's orders were read.
    pub(super) async fn registry(&self) -> anyhow::Result<Registry> {
        let mut registry = Registry::with_prefix("edin");
        registry.register(
            "healthy",
            "1 if nothing is wrong, as /healthz says",
            gauge(i64::from(self.wrong().await.is_empty())),
        );
        registry.register("pushes_in_hand", "Messages of the push queue that are worked on", gauge(self.in_hand()));
        let (waiting, dead) = self.queues().await?;
        registry.register("queue_messages", "Messages that wait, are put off or worked on", waiting);
        registry.register("dead_letters", "Messages that were given up", dead);
        let read = self.read().await?;
        registry.register(
            "orders_read_timestamp_seconds",
            "When the last full reading of a connection's orders began",
            read,
        );
        Ok(registry)
    }

    fn in_hand(&self) -> i64 {
        i64::try_from(self.pushes.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
    }

    async fn queues(&self) -> anyhow::Result<(Measured, Measured)> {
        let (waiting, dead) = (Measured::default(), Measured::default());
        for name in QUEUES {
            let labels = [("queue", name.trim_end_matches(".fifo").trim_end_matches("-dead").to_owned())];
            // What the stream gave up is a dead letter at once.
            let letters = if name == STREAM_DEAD { name.to_owned() } else { dead_letters_of(name) };
            let letters = self.messages(&letters).await?;
            dead.get_or_create(&labels).set(letters);
            if name != STREAM_DEAD {
                let messages = self.messages(name).await?;
                waiting.get_or_create(&labels).set(messages);
            }
        }
        Ok((waiting, dead))
    }

    async fn messages(&self, queue: &str) -> anyhow::Result<i64> {
        let count = messages(&self.sqs, &self.sqs_url, queue).await;
        Ok(i64::try_from(count.with_context(|| format!("the queue {queue} can not be asked"))?)?)
    }

    async fn read(&self) -> anyhow::Result<Measured> {
        let read = Measured::default();
        for connection in self.store.connections().await?.into_keys() {
            let progress = self.store.progress(&connection, Topic::Changes.progress()).await?;
            let labels = [("connection", connection.to_string())];
            progress.iter().for_each(|progress| _ = read.get_or_create(&labels).set(progress.at.millis() / 1_000));
        }
        Ok(read)
    }
}

type Measured = Family<[(&'static str, String); 1], Gauge>;

fn gauge(value: i64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}
