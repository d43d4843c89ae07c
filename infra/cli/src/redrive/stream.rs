//! Changes of the stock table that a function couldn't work up, handed to it once more.
//!
//! In AWS a dead letter of the stream doesn't hold the records: it says where in the stream they are, and the stream keeps
//! them for 24 hours. On this machine it is the record.

use std::sync::Arc;

use anyhow::bail;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Metrics, SystemClock};
use fanout::Fanout;
use project::Project;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::deployment::{Deployment, Host, Stack};
use edin_local::aws::stream::wire;

/// What Lambda writes of records that it gave up on: where they are, and whose they were.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenUp {
    request_context: RequestContext,
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: Batch,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    function_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    stream_arn: String,
    shard_id: String,
    start_sequence_number: String,
    end_sequence_number: String,
}

/// Hands what a dead letter of the stream tells of to the functions once more.
pub(super) async fn redeliver(deployment: &Deployment, body: &str) -> anyhow::Result<()> {
    match deployment.host() {
        Host::Stack(stack) => to_stack(stack, serde_json::from_str(body)?).await,
        Host::Machine(_) => here(deployment, serde_json::from_str(body)?).await,
    }
}

async fn to_stack(stack: &Stack, given_up: GivenUp) -> anyhow::Result<()> {
    let records = records(&stack.streams(), &given_up.batch).await?;
    let event = json!({ "Records": records.iter().map(wire).collect::<Result<Vec<Value>, _>>()? });
    done(stack.call(&given_up.request_context.function_arn, &event).await?)
}

/// The records from the first that is meant to the last.
async fn records(streams: &aws_sdk_dynamodbstreams::Client, batch: &Batch) -> anyhow::Result<Vec<Record>> {
    let request = streams.get_shard_iterator().stream_arn(&batch.stream_arn).shard_id(&batch.shard_id);
    let request = request.shard_iterator_type(ShardIteratorType::AtSequenceNumber);
    let answer = request.sequence_number(&batch.start_sequence_number).send().await;
    let mut iterator = answer.map_err(|error| said(error.into()))?.shard_iterator;
    let mut records = Vec::new();
    while let Some(current) = iterator {
        let page = streams.get_records().shard_iterator(current).send().await;
        let page = page.map_err(|error| said(error.into()))?;
        let read = page.records.unwrap_or_default();
        for record in read {
            let sequence = record.dynamodb.as_ref().and_then(|change| change.sequence_number.clone());
            records.push(record);
            if sequence.as_deref() == Some(batch.end_sequence_number.as_str()) {
                return Ok(records);
            }
        }
        iterator = page.next_shard_iterator;
    }
    bail!(GONE)
}

fn said(error: aws_sdk_dynamodbstreams::Error) -> anyhow::Error {
    match error {
        aws_sdk_dynamodbstreams::Error::TrimmedDataAccessException(_)
        | aws_sdk_dynamodbstreams::Error::ResourceNotFoundException(_) => anyhow::anyhow!(GONE),
        other => other.into(),
    }
}

const GONE: &str = "the stream doesn't hold these changes any more (it keeps them for 24 hours); see the runbook";

async fn here(deployment: &Deployment, record: EventRecord) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let project = Project {
        store: deployment.store.clone(),
        key: deployment.secrets.get(DIGEST_KEY).await?,
        metrics: Metrics::None,
        clock: clock.clone(),
    };
    let fanout = Fanout {
        store: deployment.store.clone(),
        push: deployment.queue("push.fifo")?,
        deferred: deployment.queue("deferred")?,
        clock,
    };
    let mut event = Event::default();
    event.records = vec![record];
    done(Box::pin(project.handle(event.clone())).await)?;
    done(Box::pin(fanout.handle_stream(event)).await)
}

fn done(answer: DynamoDbEventResponse) -> anyhow::Result<()> {
    match answer.batch_item_failures.is_empty() {
        true => Ok(()),
        false => bail!("the function could not take it again; its log says why"),
    }
}
