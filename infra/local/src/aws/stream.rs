//! Plays the event source mappings of the stock table's stream: reads records, wakes the functions, cuts what they have read.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use aws_lambda_events::dynamodb::Event;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType, StreamRecord};
use serde_json::{Value, json};

use crate::aws::engine::Trimmer;
use crate::aws::mapping::{self, Consumers, Mapping};
use crate::aws::pulse::Pulse;

/// How many records are read at once.
const AT_ONCE: i32 = 200;
/// How long an empty stream is left alone.
const PAUSE: Duration = Duration::from_millis(15);
/// After so many records the stream is cut.
const TRIM_EVERY: usize = 400;

/// The reader of the stream.
pub struct Reader {
    client: aws_sdk_dynamodbstreams::Client,
    arn: String,
    trimmer: Mutex<Trimmer>,
    progress: Arc<Progress>,
    pulse: Pulse,
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

impl Reader {
    /// A reader from the oldest record that is there.
    #[must_use]
    pub fn new(client: aws_sdk_dynamodbstreams::Client, arn: String, trimmer: Trimmer) -> Self {
        Self { client, arn, trimmer: Mutex::new(trimmer), progress: Arc::default(), pulse: Pulse::default() }
    }

    /// The same, telling by this whether it reads.
    #[must_use]
    pub(crate) fn with(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// How far it has read.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Reads for ever. Each function has a mapping of its own, as in AWS: a slow one holds up the other no more than by a few
    /// pages, and the stream is cut behind both.
    pub async fn run(&self, consumers: &impl Consumers) {
        let (levels, fanout) = mapping::open(&["LEVEL#", "LISTING#", "ITEM"]);
        let (orders, project) = mapping::open(&["LEVEL#", "ORDER"]);
        tokio::join!(
            self.read_on([&levels, &orders], consumers),
            fanout.run(consumers, |event| consumers.fan_out(event)),
            project.run(consumers, |event| consumers.project(event)),
        );
    }

    async fn read_on(&self, mappings: [&Mapping; 2], consumers: &impl Consumers) {
        let mut read = Read::default();
        loop {
            if let Err(error) = self.read(&mut read, mappings, consumers).await {
                tracing::warn!(%error, "the stream can not be read");
                self.pulse.note(Err::<(), _>(&error));
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    async fn read(&self, read: &mut Read, mappings: [&Mapping; 2], consumers: &impl Consumers) -> anyhow::Result<()> {
        let mut iterator = Some(self.iterator(read.after.as_deref()).await?);
        while let Some(current) = iterator {
            let page = self.client.get_records().shard_iterator(current).limit(AT_ONCE).send().await?;
            let records = page.records.unwrap_or_default();
            self.pulse.note(Ok::<_, anyhow::Error>(()));
            match records.last() {
                Some(last) => {
                    let (after, event) = (last.dynamodb.as_ref(), last.event_id.clone());
                    let after = after.and_then(|change| change.sequence_number.clone());
                    hand_over(&records, mappings, consumers).await?;
                    read.page(after, event, records.len());
                }
                None => tokio::time::sleep(PAUSE).await,
            }
            let done = mappings.map(Mapping::pages_done).into_iter().min().unwrap_or_default();
            let is_idle = records.is_empty() && done == read.pages;
            if is_idle {
                self.progress.idle.fetch_add(1, Ordering::Relaxed);
            }
            if let Some(event) = read.cut(done, is_idle) {
                self.trim(&event);
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

/// How far the stream was read, and what of it may be cut when all have worked it off.
#[derive(Debug, Default)]
struct Read {
    /// The sequence number of the last record.
    after: Option<String>,
    pages: u64,
    /// Of pages that aren't cut yet: which, the last record's event, and how many records there are.
    uncut: VecDeque<(u64, String, usize)>,
}

impl Read {
    fn page(&mut self, after: Option<String>, event: Option<String>, records: usize) {
        self.after = after;
        self.pages += 1;
        self.uncut.extend(event.map(|event| (self.pages, event, records)));
    }

    /// The event before which the stream may be cut, if that is worth it: when much is done, or nothing else is to do.
    fn cut(&mut self, done: u64, is_idle: bool) -> Option<String> {
        let through = self.uncut.iter().take_while(|(page, ..)| *page <= done).count();
        let records: usize = self.uncut.iter().take(through).map(|(.., records)| records).sum();
        let is_worth_it = records >= TRIM_EVERY || (is_idle && records > 1);
        self.uncut.drain(..if is_worth_it { through } else { 0 }).next_back().map(|(_, event, _)| event)
    }
}

/// Hands a page to those who work it off.
async fn hand_over(records: &[Record], mappings: [&Mapping; 2], consumers: &impl Consumers) -> anyhow::Result<()> {
    let records = json!({ "Records": records.iter().map(wire).collect::<Result<Vec<_>, _>>()? });
    let Event { records, .. } = serde_json::from_value(records)?;
    consumers.watch(&records);
    for mapping in mappings {
        mapping.hand_over(&records).await?;
    }
    Ok(())
}

/// A record as Lambda hands it to a function.
///
/// # Errors
/// If it has no change, or one that can't be written as JSON.
pub fn wire(record: &Record) -> anyhow::Result<Value> {
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
    use aws_lambda_events::dynamodb::EventRecord;
    use aws_lambda_events::streams::DynamoDbEventResponse;
    use std::sync::atomic::AtomicUsize;

    use edin_domain::stock::Place;
    use edin_domain::{Cause, LocationId, Sku, Timestamp};
    use edin_store::catalogue::Batch;
    use edin_store::commit::Stamp;
    use tempfile::TempDir;

    use super::*;
    use crate::aws::engine::Engine;

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
