//! Plays the event source mappings of the stock table's stream: reads records, wakes the functions, cuts what they have read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType, StreamRecord};
use edin_store::stream::text;
use serde_json::{Value, json};

use crate::engine::Trimmer;

/// How many records are read at once.
const AT_ONCE: i32 = 200;
/// How long an empty stream is left alone.
const PAUSE: Duration = Duration::from_millis(15);
/// After so many records the stream is cut.
const TRIM_EVERY: usize = 400;
/// How often records that fail are delivered; then they are set aside.
const DELIVERIES: u32 = 5;

/// The reader of the stream.
pub struct Reader {
    client: aws_sdk_dynamodbstreams::Client,
    arn: String,
    trimmer: Mutex<Trimmer>,
    progress: Arc<Progress>,
}

/// How far the stream was read.
#[derive(Debug, Default)]
pub struct Progress {
    /// Times that the stream was found empty since the start.
    idle: AtomicU64,
}

impl Progress {
    /// How often the stream was found empty so far: it is drained when this rises.
    #[must_use]
    pub fn times_idle(&self) -> u64 {
        self.idle.load(Ordering::Relaxed)
    }
}

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

impl Reader {
    /// A reader from the oldest record that is there.
    #[must_use]
    pub fn new(client: aws_sdk_dynamodbstreams::Client, arn: String, trimmer: Trimmer) -> Self {
        Self { client, arn, trimmer: Mutex::new(trimmer), progress: Arc::default() }
    }

    /// How far it has read.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Reads for ever.
    pub async fn run(&self, consumers: &impl Consumers) {
        let mut after = None;
        loop {
            if let Err(error) = self.read(&mut after, consumers).await {
                tracing::warn!(%error, "the stream can not be read");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    async fn read(&self, after: &mut Option<String>, consumers: &impl Consumers) -> anyhow::Result<()> {
        let mut iterator = Some(self.iterator(after.as_deref()).await?);
        let (mut read, mut done) = (0, None);
        while let Some(current) = iterator {
            let page = self.client.get_records().shard_iterator(current).limit(AT_ONCE).send().await?;
            let records = page.records.unwrap_or_default();
            let idle = records.is_empty();
            if idle {
                self.progress.idle.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(PAUSE).await;
            }
            read += records.len();
            let last = records.last().cloned();
            deliver(records, consumers).await?;
            if let Some(last) = last {
                *after = last.dynamodb.and_then(|change| change.sequence_number);
                done = last.event_id;
            }
            if let Some(event) = done.as_deref().filter(|_| read >= TRIM_EVERY || (idle && read > 1)) {
                self.trim(event);
                read = 0;
            }
            iterator = page.next_shard_iterator;
        }
        Ok(())
    }

    fn trim(&self, event: &str) {
        let trimmer = self.trimmer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = trimmer.trim_before(event) {
            tracing::warn!(%error, "the stream could not be cut; later");
        }
    }

    async fn iterator(&self, after: Option<&str>) -> anyhow::Result<String> {
        let stream = self.client.describe_stream().stream_arn(&self.arn).send().await?.stream_description;
        let shard = stream.and_then(|stream| stream.shards?.into_iter().next()?.shard_id);
        let request =
            self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard.context("the stream has no shard")?);
        let request = match after {
            None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
            Some(sequence) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(sequence)
            }
        };
        request.send().await?.shard_iterator.context("the stream gives no iterator")
    }
}

async fn deliver(records: Vec<Record>, consumers: &impl Consumers) -> anyhow::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let event: Event =
        serde_json::from_value(json!({"Records": records.iter().map(wire).collect::<Result<Vec<_>, _>>()?}))?;
    consumers.watch(&event.records);
    let (levels, orders) = (filtered(&event, &["LEVEL#", "LISTING#", "ITEM"]), filtered(&event, &["LEVEL#", "ORDER"]));
    tokio::join!(
        until_done(levels, consumers, |event| consumers.fan_out(event)),
        until_done(orders, consumers, |event| consumers.project(event)),
    );
    Ok(())
}

/// The mapping's filter: what a function isn't woken for.
fn filtered(event: &Event, kinds: &[&str]) -> Vec<EventRecord> {
    let wanted = |record: &&EventRecord| {
        text(&record.change.keys, "sk").is_some_and(|sk| kinds.iter().any(|kind| sk.starts_with(kind)))
    };
    event.records.iter().filter(wanted).cloned().collect()
}

/// Delivers records until they are done; from the one that failed on they come again, and are set aside in the end.
async fn until_done<F: Future<Output = DynamoDbEventResponse>>(
    mut records: Vec<EventRecord>,
    consumers: &impl Consumers,
    function: impl Fn(Event) -> F,
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
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// A record as Lambda hands it to a function.
pub(crate) fn wire(record: &Record) -> anyhow::Result<Value> {
    let change = record.dynamodb.as_ref().context("a stream record without a change")?;
    Ok(json!({
        "awsRegion": "local",
        "eventID": record.event_id,
        "eventName": record.event_name.as_ref().map(|name| name.as_str()),
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "dynamodb": change_wire(change)?,
    }))
}

fn change_wire(change: &StreamRecord) -> anyhow::Result<Value> {
    let image = |image: &Option<std::collections::HashMap<_, _>>| match image {
        Some(image) => serde_json::to_value(serde_dynamo::Item::from(image.clone())),
        None => Ok(json!({})),
    };
    Ok(json!({
        "ApproximateCreationDateTime": change.approximate_creation_date_time.map_or(0, |at| at.secs()),
        "Keys": image(&change.keys)?,
        "NewImage": image(&change.new_image)?,
        "OldImage": image(&change.old_image)?,
        "SequenceNumber": change.sequence_number,
        "SizeBytes": change.size_bytes.unwrap_or(0),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use edin_domain::order::Place;
    use edin_domain::{Cause, LocationId, Sku, Timestamp};
    use edin_store::catalogue::Batch;
    use edin_store::commit::Stamp;
    use tempfile::TempDir;

    use super::*;
    use crate::engine::Engine;

    /// Counts the records that each function gets; the first function never ends if it is stuck.
    #[derive(Default)]
    struct Counting {
        is_stuck: bool,
        fanned_out: AtomicUsize,
        projected: AtomicUsize,
    }

    impl Consumers for Counting {
        async fn fan_out(&self, event: Event) -> DynamoDbEventResponse {
            if self.is_stuck {
                std::future::pending::<()>().await;
            }
            self.fanned_out.fetch_add(event.records.len(), Ordering::Relaxed);
            DynamoDbEventResponse::default()
        }

        async fn project(&self, event: Event) -> DynamoDbEventResponse {
            self.projected.fetch_add(event.records.len(), Ordering::Relaxed);
            DynamoDbEventResponse::default()
        }

        async fn set_aside(&self, records: &[EventRecord]) {
            panic!("set aside: {records:?}");
        }

        fn watch(&self, _: &[EventRecord]) {}
    }

    async fn engine() -> (TempDir, Engine) {
        let state = tempfile::tempdir().unwrap();
        let engine = Engine::start(state.path()).await.unwrap();
        (state, engine)
    }

    async fn reader(engine: &Engine) -> Reader {
        let arn = engine.store("test").stream_arn().await.unwrap();
        Reader::new(engine.streams(), arn, engine.trimmer().unwrap())
    }

    async fn open_levels(engine: &Engine, times: i64) {
        for units in 1..=times {
            let location = LocationId::new(format!("shelf-{units}")).unwrap();
            let place = Place { sku: Sku::new("TEA").unwrap(), location };
            let stamp = Stamp { cause: Cause::new("count").unwrap(), at: Timestamp::from_millis(units) };
            engine.store("test").open_level(&Batch::default(), &place, units, &stamp).await.unwrap();
        }
    }

    fn kept(state: &TempDir) -> u64 {
        let file = rusqlite::Connection::open(state.path().join("edin.db")).unwrap();
        file.query_row("SELECT count(*) FROM _stream_records", [], |row| row.get(0)).unwrap()
    }

    /// Runs a reader until `is_enough`.
    async fn read_until(reader: Reader, consumers: &Counting, is_enough: impl Fn() -> bool) {
        let enough = async {
            while !is_enough() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = reader.run(consumers) => {}
            done = tokio::time::timeout(Duration::from_secs(60), enough) => done.expect("that takes too long"),
        }
    }

    #[tokio::test]
    async fn what_was_read_is_cut_but_the_last_record() {
        let (state, engine) = engine().await;
        open_levels(&engine, 30).await;
        assert_eq!(kept(&state), 30);
        let consumers = Counting::default();
        read_until(reader(&engine).await, &consumers, || kept(&state) < 30).await;
        assert_eq!(kept(&state), 1);
        assert_eq!((consumers.fanned_out.into_inner(), consumers.projected.into_inner()), (30, 30));
    }

    #[tokio::test]
    async fn what_one_function_has_not_done_is_there_after_a_restart() {
        let (state, engine) = engine().await;
        open_levels(&engine, 30).await;
        let stuck = Counting { is_stuck: true, ..Counting::default() };
        read_until(reader(&engine).await, &stuck, || stuck.projected.load(Ordering::Relaxed) == 30).await;
        assert_eq!(kept(&state), 30);
        drop(engine);
        let engine = Engine::start(state.path()).await.unwrap();
        let consumers = Counting::default();
        read_until(reader(&engine).await, &consumers, || kept(&state) < 30).await;
        assert_eq!(consumers.fanned_out.into_inner(), 30);
    }
}
