//! AWS inside this process: the SDK's requests go to engines in memory, and faults fall on the way.

pub mod queues;
pub mod tables;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aws_lambda_events::dynamodb::EventRecord;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedAsyncSleep, StalledStreamProtectionConfig};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use edin_domain::Timestamp;
use edin_platform::{Clock as _, Queue};
use edin_store::Store;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use crate::clock::SimulatedClock;
use crate::dice::{Dice, Kind};
use crate::invocation::Invocation;
use crate::lock;
use crate::sabotage::Sabotage;
use crate::trace::Trace;
use crate::witness::Witness;
use queues::Queues;
use tables::{Response, Shard, Tables};

/// How long push trusts what it read, if it is broken so.
const TRUSTED: Duration = Duration::from_secs(120);
/// Longer than any function lives.
const FOREVER: Duration = Duration::from_secs(3_600);

/// The engines, and the way to them.
#[derive(Clone)]
pub struct Aws {
    /// DynamoDB.
    pub tables: Tables,
    /// SQS.
    pub queues: Queues,
    /// Rings when something was written.
    pub written: Arc<Notify>,
    clock: SimulatedClock,
    dice: Dice,
    trace: Trace,
    sabotage: Sabotage,
    witness: Witness,
    /// What push read, if it trusts that for a while.
    remembered: Arc<Mutex<Remembered>>,
    name: String,
    calls: Arc<AtomicU64>,
    stream: Arc<Mutex<Stream>>,
    dynamodb: Arc<OnceLock<aws_sdk_dynamodb::Client>>,
    sqs: Arc<OnceLock<aws_sdk_sqs::Client>>,
}

/// Answers, by what was asked, and when each was given.
type Remembered = BTreeMap<Vec<u8>, (Timestamp, Response)>;

/// The stock table's stream, as far as it was read.
#[derive(Default)]
struct Stream {
    shard: Option<Shard>,
    records: Vec<EventRecord>,
    /// Whether something was written since.
    is_behind: bool,
}

impl fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Aws").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Aws {
    /// Empty engines. `name` is this run's alone: the SDK shares its patience between clients of one name.
    ///
    /// # Errors
    /// If there is no memory for them.
    pub fn open(
        name: String,
        clock: SimulatedClock,
        dice: Dice,
        trace: Trace,
        sabotage: Sabotage,
        witness: Witness,
    ) -> anyhow::Result<Self> {
        let (tables, queues) = (Tables::open()?, Queues::default());
        let (dynamodb, sqs, remembered) = (Arc::default(), Arc::default(), Arc::default());
        let (written, stream, calls) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self {
            tables,
            queues,
            written,
            clock,
            dice,
            trace,
            sabotage,
            witness,
            remembered,
            name,
            calls,
            stream,
            dynamodb,
            sqs,
        })
    }

    /// The store over these tables.
    #[must_use]
    pub fn store(&self) -> Store {
        let client = self.dynamodb.get_or_init(|| {
            let configuration = aws_sdk_dynamodb::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("local"))
                .credentials_provider(Credentials::new("simulated", "simulated", None, None, "simulation"))
                .endpoint_url("http://dynamodb.invalid")
                .http_client(self.client())
                .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .retry_partition(RetryPartition::new(format!("dynamodb-{}", self.name)));
            aws_sdk_dynamodb::Client::from_conf(configuration.build())
        });
        Store::new(client.clone(), edin_local::aws::engine::tables())
    }

    /// The queue `name`.
    #[must_use]
    pub fn queue(&self, name: &str) -> Queue {
        let client = self.sqs.get_or_init(|| {
            let configuration = aws_sdk_sqs::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("local"))
                .credentials_provider(Credentials::new("simulated", "simulated", None, None, "simulation"))
                .endpoint_url("http://sqs.invalid")
                .http_client(self.client())
                .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .retry_partition(RetryPartition::new(format!("sqs-{}", self.name)));
            aws_sdk_sqs::Client::from_conf(configuration.build())
        });
        Queue::new(client.clone(), queues::url(name))
    }

    /// The records of the stock table's stream from the one with this place on, oldest first.
    ///
    /// # Errors
    /// If the stream can't be read.
    pub async fn records(&self, from: usize) -> anyhow::Result<Vec<EventRecord>> {
        self.catch_up().await?;
        Ok(lock(&self.stream).records.get(from..).unwrap_or_default().to_vec())
    }

    /// Reads what was written since.
    async fn catch_up(&self) -> anyhow::Result<()> {
        let shard = lock(&self.stream).shard.clone();
        let shard = match shard {
            Some(shard) => shard,
            None => self.tables.shard(&self.store().stream_arn().await?)?,
        };
        let mut stream = lock(&self.stream);
        if stream.is_behind {
            let after = stream.records.last().and_then(|record| record.change.sequence_number.clone());
            let fresh = self.tables.records(&shard, after.as_deref())?;
            stream.records.extend(fresh);
            stream.is_behind = false;
        }
        stream.shard = Some(shard);
        Ok(())
    }

    fn client(&self) -> SharedHttpClient {
        // Without the clients: they hold the connector, and all of it would live for ever.
        let engines = Self { dynamodb: Arc::default(), sqs: Arc::default(), ..self.clone() };
        let connector = SharedHttpConnector::new(engines);
        http_client_fn(move |_, _| connector.clone())
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn exchange(self, target: String, body: Vec<u8>) -> Result<Response, ConnectorError> {
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(running) = Invocation::running() else { return Ok(self.act(&target, &operation, &body, None)) };
        let site = format!("{}/{operation}", running.function);
        let took = 2 + self.dice.below(14, &format!("latency of {site}"));
        tokio::time::sleep(Duration::from_millis(took)).await;
        let falls = |kind| {
            let falls = self.dice.falls(kind, &site);
            if falls {
                running.disturb();
                self.trace.note(running.function, format_args!("! {kind:?} at {operation}"));
            }
            falls
        };
        if falls(Kind::DiesBefore) {
            running.die().await;
        }
        if falls(Kind::AwsRefuses) {
            return Ok((500, json!({"__type": "InternalServerError", "message": "simulated"}).to_string()));
        }
        if falls(Kind::AwsThrottles) {
            return Ok((400, json!({"__type": "ThrottlingException", "message": "simulated"}).to_string()));
        }
        if operation == "TransactWriteItems" && falls(Kind::Conflict) {
            return Ok(conflict(&body));
        }
        if falls(Kind::AwsSlow) {
            return Ok(self.act_late(target, operation, body).await);
        }
        let answer = self.act(&target, &operation, &body, Some(&running));
        if falls(Kind::DiesAfter) {
            running.die().await;
        }
        if falls(Kind::AwsAnswerLost) {
            return Err(ConnectorError::io("the answer is lost".into()));
        }
        Ok(answer)
    }

    /// Acts some time later, whether the caller is still there or not, and answers when nobody waits any more.
    async fn act_late(&self, target: String, operation: String, body: Vec<u8>) -> Response {
        let (done, answer) = oneshot::channel();
        let (aws, late) = (self.clone(), Duration::from_secs(1 + self.dice.below(100, "late")));
        tokio::spawn(async move {
            tokio::time::sleep(late).await;
            let answer = aws.act(&target, &operation, &body, None);
            tokio::time::sleep(FOREVER).await;
            let _ = done.send(answer);
        });
        answer.await.unwrap_or((500, String::new()))
    }

    fn act(&self, target: &str, operation: &str, body: &[u8], by: Option<&Invocation>) -> Response {
        let function = by.map_or("nobody", |running| running.function);
        let changed = self.sabotage.request(function, operation, body);
        let body = changed.as_deref().unwrap_or(body);
        let partly = || {
            let falls = by.is_some() && self.dice.falls(Kind::SqsPartly, function);
            by.filter(|_| falls).inspect(|running| running.disturb()).is_some()
        };
        let is_read = operation.contains("Get") || operation == "Query";
        let answer = match target.starts_with("AmazonSQS") {
            true => self.queues.act(operation, body, self.now(), partly, |queue| {
                match by.is_some() && self.dice.falls(Kind::MessageLate, queue) {
                    true => Duration::from_secs(60 + self.dice.below(3 * 3_600, "how late")),
                    false => Duration::ZERO,
                }
            }),
            false => {
                lock(&self.stream).is_behind |= !is_read;
                match is_read && function == "push" && self.sabotage == Sabotage::MessageTrusted {
                    true => self.remember(operation, body),
                    false => self.tables.act(operation, body),
                }
            }
        };
        if function == "push" && answer.0 == 200 {
            beliefs(operation, body).iter().for_each(|item| self.witness.believes(item));
        }
        if !is_read {
            self.written.notify_waiters();
        }
        answer
    }

    /// What was read of the same some minutes ago, or is now.
    fn remember(&self, operation: &str, body: &[u8]) -> Response {
        let (now, mut remembered) = (self.now(), lock(&self.remembered));
        match remembered.get(body).filter(|(at, _)| now.since(*at) < TRUSTED) {
            Some((_, answer)) => answer.clone(),
            None => {
                let answer = self.tables.act(operation, body);
                remembered.insert(body.to_vec(), (now, answer.clone()));
                answer
            }
        }
    }

    /// Whether an order is in the table.
    #[must_use]
    pub fn knows(&self, connection: &str, order: &str) -> bool {
        let key = json!({"pk": {"S": format!("ORDER#{connection}#{order}")}, "sk": {"S": "ORDER"}});
        let request = json!({"TableName": edin_local::aws::engine::tables().stock, "Key": key});
        let (_, answer) = self.tables.act("GetItem", request.to_string().as_bytes());
        serde_json::from_str::<Value>(&answer)
            .is_ok_and(|answer| answer.get("Item").is_some_and(|item| !item.is_null()))
    }

    /// How many calls were made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How many records the stream has by now, and the time: what a function can't know better when it begins.
    pub async fn moment(&self) -> (usize, Timestamp) {
        let records = self.catch_up().await.map(|()| lock(&self.stream).records.len());
        (records.unwrap_or_default(), self.now())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let exchange = self.clone().exchange(target, body);
        HttpConnectorFuture::new(async move { exchange.await.and_then(response) })
    }
}

/// The items of a write.
fn beliefs(operation: &str, body: &[u8]) -> Vec<Value> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    match operation {
        "PutItem" => request.get("Item").cloned().into_iter().collect(),
        "BatchWriteItem" => {
            let tables = request.get("RequestItems").and_then(Value::as_object).cloned().unwrap_or_default();
            let writes = tables.values().filter_map(Value::as_array).flatten();
            writes.filter_map(|write| write.pointer("/PutRequest/Item").cloned()).collect()
        }
        _ => Vec::new(),
    }
}

fn response((status, body): Response) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::user(error.into()))?;
    Ok(HttpResponse::new(status, SdkBody::from(body)))
}

/// What DynamoDB says of a transaction that met another one.
fn conflict(body: &[u8]) -> Response {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len);
    let reason = |item: usize| match item + 1 == items {
        true => json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
        false => json!({"Code": "None"}),
    };
    let reasons: Vec<Value> = (0..items).map(reason).collect();
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    (400, json!({"__type": kind, "Message": message, "CancellationReasons": reasons}).to_string())
}
