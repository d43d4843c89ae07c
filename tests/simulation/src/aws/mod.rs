//! AWS inside this process: the SDK's requests go to engines in memory, and faults fall on the way.

pub mod queues;
pub mod tables;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

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
use edin_store::{Store, Tables as TableNames};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use crate::clock::SimulatedClock;
use crate::dice::{Dice, Kind};
use crate::invocation::Invocation;
use crate::sabotage::Sabotage;
use crate::trace::Trace;
use queues::Queues;
use tables::{Response, Tables};

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
    name: String,
    dynamodb: Arc<OnceLock<aws_sdk_dynamodb::Client>>,
    sqs: Arc<OnceLock<aws_sdk_sqs::Client>>,
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
    ) -> anyhow::Result<Self> {
        let (tables, queues) = (Tables::open(clock)?, Queues::default());
        let (dynamodb, sqs) = (Arc::default(), Arc::default());
        Ok(Self { tables, queues, written: Arc::default(), clock, dice, trace, sabotage, name, dynamodb, sqs })
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
        let names = TableNames { stock: "edin-stock".to_owned(), customers: "edin-customers".to_owned() };
        Store::new(client.clone(), names)
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

    fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn exchange(self, target: String, body: Vec<u8>) -> Result<Response, ConnectorError> {
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
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
        let answer = match target.starts_with("AmazonSQS") {
            true => self.queues.act(
                operation,
                body,
                self.now(),
                || by.is_some() && self.dice.falls(Kind::SqsPartly, function),
                |queue| match by.is_some() && self.dice.falls(Kind::MessageLate, queue) {
                    true => Duration::from_secs(60 + self.dice.below(3 * 3_600, "how late")),
                    false => Duration::ZERO,
                },
            ),
            false => self.tables.act(operation, body),
        };
        self.written.notify_waiters();
        answer
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
