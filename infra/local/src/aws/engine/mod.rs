//! DynamoDB and SQS on loopback ports of this process, and the clients that reach them.

pub(crate) mod dynamodb;
mod sqs;

use std::path::Path;

use anyhow::Context;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use edin_platform::Queue;
use edin_store::Store;

pub use dynamodb::Trimmer;
pub use sqs::url_of;
pub(crate) use sqs::{Keeping, dead_letters_of, messages};

pub use crate::state::database::tables;

use crate::aws::meter::Meter;
use crate::state::database::{self, FILE};

/// The queues, by what they are called here and in the template.
pub const QUEUES: [&str; 6] = ["inbox", "push.fifo", "deferred", "poll", "reconcile", STREAM_DEAD];

/// Where records go that the stream gave up.
pub(crate) const STREAM_DEAD: &str = "stream-dead";

/// The engines. Stop when dropped.
pub struct Engine {
    dynamodb: dynamodb::Server,
    sqs: sqs::Server,
    aws: SdkConfig,
    meter: Meter,
}

impl Engine {
    /// Starts both engines over the file in `state`, with tables and queues, and what is left in them.
    ///
    /// # Errors
    /// If a port or a file can't be had, or the file is damaged.
    pub async fn start(state: &Path) -> anyhow::Result<Self> {
        database::check(&state.join(FILE))?;
        let dynamodb = dynamodb::Server::start(&state.join(FILE)).await?;
        let sqs = sqs::Server::start(&state.join(FILE), remote_sqs).await?;
        let engine = Self { aws: configuration(), dynamodb, sqs, meter: Meter::default() };
        engine.store("setup").create_tables().await.context("the tables can not be made")?;
        Ok(engine)
    }

    /// What every call of the SDK is counted by.
    #[must_use]
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Where DynamoDB is.
    #[must_use]
    pub fn dynamodb_url(&self) -> &str {
        self.dynamodb.url()
    }

    /// Where SQS is.
    #[must_use]
    pub fn sqs_url(&self) -> &str {
        self.sqs.url()
    }

    /// The tables, for `function`: its calls are counted under its name.
    #[must_use]
    pub fn store(&self, function: &'static str) -> Store {
        let configuration = aws_sdk_dynamodb::config::Builder::from(&self.aws)
            .endpoint_url(self.dynamodb_url())
            .interceptor(self.meter.of(function))
            .build();
        Store::new(aws_sdk_dynamodb::Client::from_conf(configuration), tables())
    }

    /// SQS, for `function`.
    #[must_use]
    pub fn sqs_client(&self, function: &'static str) -> aws_sdk_sqs::Client {
        let configuration = aws_sdk_sqs::config::Builder::from(&self.aws)
            .endpoint_url(self.sqs_url())
            .interceptor(self.meter.of(function))
            .build();
        aws_sdk_sqs::Client::from_conf(configuration)
    }

    /// A queue, for `function`.
    #[must_use]
    pub fn queue(&self, function: &'static str, name: &str) -> Queue {
        Queue::new(self.sqs_client(function), self.queue_url(name))
    }

    /// Where a queue is.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        self.sqs.queue_url(name)
    }

    /// What keeps the queues' messages.
    pub(crate) fn keeping(&self) -> Keeping {
        self.sqs.keeping().clone()
    }

    /// The stock table's stream.
    #[must_use]
    pub fn streams(&self) -> aws_sdk_dynamodbstreams::Client {
        let configuration =
            aws_sdk_dynamodbstreams::config::Builder::from(&self.aws).endpoint_url(self.dynamodb_url()).build();
        aws_sdk_dynamodbstreams::Client::from_conf(configuration)
    }

    /// Cuts the stream behind its readers.
    ///
    /// # Errors
    /// If the file can't be opened once more.
    pub fn trimmer(&self) -> anyhow::Result<Trimmer> {
        self.dynamodb.trimmer()
    }
}

/// A store over the tables of a process that is running already.
#[must_use]
pub fn remote_store(dynamodb: &str) -> Store {
    let configuration = aws_sdk_dynamodb::config::Builder::from(&configuration()).endpoint_url(dynamodb).build();
    Store::new(aws_sdk_dynamodb::Client::from_conf(configuration), tables())
}

/// The queues of a process that is running already.
#[must_use]
pub fn remote_sqs(sqs: &str) -> aws_sdk_sqs::Client {
    let configuration = aws_sdk_sqs::config::Builder::from(&configuration()).endpoint_url(sqs).build();
    aws_sdk_sqs::Client::from_conf(configuration)
}

/// The engines check no credentials, but the SDK wants some.
pub(crate) fn configuration() -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "this machine");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(aws_smithy_async_sleep())
        .build()
}

fn aws_smithy_async_sleep() -> aws_sdk_dynamodb::config::SharedAsyncSleep {
    aws_sdk_dynamodb::config::SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new())
}
