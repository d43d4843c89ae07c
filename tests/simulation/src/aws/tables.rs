//! DynamoDB in memory, by the SDK's own requests.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use aws_lambda_events::dynamodb::EventRecord;
use dynoxide::{Database, DynoxideError};
use edin_local::aws::engine::Trimmer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::lock;

/// The tables.
#[derive(Clone)]
pub struct Tables {
    engine: Database,
    /// The engine looks through all that its stream ever had at every write; so what was read is cut off.
    trimmer: Arc<Mutex<Trimmer>>,
}

/// How many were opened: SQLite finds a database in memory by its name.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// A part of a stream, as DynamoDB cuts it.
#[derive(Debug, Clone)]
pub struct Shard {
    stream: String,
    id: Value,
}

/// An HTTP status and a body.
pub type Response = (u16, String);

impl Tables {
    /// Empty ones.
    ///
    /// # Errors
    /// If there is no memory for them.
    pub fn open() -> anyhow::Result<Self> {
        let memory = format!("file:/{}?vfs=memdb", OPENED.fetch_add(1, Ordering::Relaxed));
        let engine = Database::new(&memory).map_err(problem)?;
        Ok(Self { engine, trimmer: Arc::new(Mutex::new(Trimmer::of(Path::new(&memory))?)) })
    }

    /// Does what a request asks for.
    #[must_use]
    pub fn act(&self, operation: &str, body: &[u8]) -> Response {
        let db = &self.engine;
        match operation {
            "CreateTable" => answer(body, |request| db.create_table(request)),
            "DescribeTable" => answer(body, |request| db.describe_table(request)),
            "PutItem" => answer(body, |request| db.put_item(request)),
            "GetItem" => answer(body, |request| db.get_item(request)),
            "UpdateItem" => answer(body, |request| db.update_item(request)),
            "DeleteItem" => answer(body, |request| db.delete_item(request)),
            "Query" => answer(body, |request| db.query(request)),
            "Scan" => answer(body, |request| db.scan(request)),
            "BatchGetItem" => answer(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => answer(body, |request| db.batch_write_item(request)),
            "TransactWriteItems" => answer(body, |request| db.transact_write_items(request)),
            "TransactGetItems" => answer(body, |request| db.transact_get_items(request)),
            other => (400, json!({"__type": "UnknownOperationException", "message": other}).to_string()),
        }
    }

    /// The one shard of the stream `arn`.
    ///
    /// # Errors
    /// If there is no such stream.
    pub fn shard(&self, arn: &str) -> anyhow::Result<Shard> {
        let described: Value = self.ask(json!({"StreamArn": arn}), |request| self.engine.describe_stream(request))?;
        let id = described.pointer("/StreamDescription/Shards/0/ShardId").context("the stream has no shard")?;
        Ok(Shard { stream: arn.to_owned(), id: id.clone() })
    }

    /// The records of a shard after the one with the number `after`, oldest first. Those before the last of them are gone then.
    ///
    /// # Errors
    /// If the stream can't be read.
    pub fn records(&self, Shard { stream, id }: &Shard, after: Option<&str>) -> anyhow::Result<Vec<EventRecord>> {
        let from = match after {
            None => json!({"StreamArn": stream, "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}),
            Some(number) => json!({
                "StreamArn": stream, "ShardId": id, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number,
            }),
        };
        let iterator: Value = self.ask(from, |request| self.engine.get_shard_iterator(request))?;
        let iterator = iterator.get("ShardIterator").context("the stream gives no iterator")?.clone();
        let page: Value = self.ask(json!({"ShardIterator": iterator}), |request| self.engine.get_records(request))?;
        let records = page.get("Records").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(last) = records.last().and_then(|record| record.get("eventID")?.as_str()) {
            lock(&self.trimmer).trim_before(last)?;
        }
        records.into_iter().map(record).collect()
    }

    fn ask<Q: DeserializeOwned, A: Serialize>(
        &self,
        request: Value,
        call: impl FnOnce(Q) -> Result<A, DynoxideError>,
    ) -> anyhow::Result<Value> {
        let answer = call(serde_json::from_value(request)?).map_err(problem)?;
        Ok(serde_json::to_value(answer)?)
    }
}

/// A record as Lambda hands it over. The engine's ids are random; a number is as good.
fn record(mut record: Value) -> anyhow::Result<EventRecord> {
    let number = record.pointer("/dynamodb/SequenceNumber").cloned().context("a record without a number")?;
    if let Some(change) = record.get_mut("dynamodb").and_then(Value::as_object_mut) {
        for image in ["Keys", "NewImage", "OldImage"] {
            change.entry(image).or_insert_with(|| json!({}));
        }
        change.entry("StreamViewType").or_insert_with(|| json!("NEW_AND_OLD_IMAGES"));
        change.entry("SizeBytes").or_insert_with(|| json!(0));
    }
    if let Some(record) = record.as_object_mut() {
        record.insert("eventID".to_owned(), number);
        record.entry("awsRegion").or_insert_with(|| json!("local"));
    }
    Ok(serde_json::from_value(record)?)
}

fn answer<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    call: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Response {
    let request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => {
            return (400, json!({"__type": "SerializationException", "message": error.to_string()}).to_string());
        }
    };
    match call(request) {
        Ok(answer) => (200, serde_json::to_string(&answer).unwrap_or_default()),
        Err(error) => (error.status_code(), error.to_json()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn problem(error: DynoxideError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
