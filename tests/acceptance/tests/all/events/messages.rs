//! Messages of the queues as Lambda hands them over.

use aws_lambda_events::sqs::SqsEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const MESSAGE: &str = include_str!("samples/sqs_message.json");
const FIFO_MESSAGE: &str = include_str!("samples/sqs_fifo_message.json");

/// A message of a standard queue, under an id of the shape that SQS gives.
pub(super) fn message(id: u32, body: &str) -> Value {
    dressed(MESSAGE, id, body)
}

/// A message of a FIFO queue.
pub(super) fn fifo(id: u32, group: &str, body: &str) -> Value {
    let mut message = dressed(FIFO_MESSAGE, id, body);
    message["attributes"]["MessageGroupId"] = json!(group);
    message["attributes"]["MessageDeduplicationId"] = json!(format!("{id:064x}"));
    message
}

fn dressed(sample: &str, id: u32, body: &str) -> Value {
    let mut message: Value = serde_json::from_str(sample).expect("the sample is JSON");
    message["messageId"] = json!(format!("{id:08}-b21e-4ac1-bd88-01bbb068cb78"));
    message["body"] = json!(body);
    message
}

/// A message for the push queue, in the group of its connection.
pub(super) fn doubt(id: u32, connection: &str, sku: &str) -> Value {
    let body = json!({ "connection": connection, "skus": [[sku, "test"]] });
    fifo(id, &format!("{connection}/stock"), &body.to_string())
}

/// The event of a batch.
pub(super) fn event<E: DeserializeOwned>(messages: &[Value]) -> anyhow::Result<E> {
    Ok(serde_json::from_str(&json!({ "Records": messages }).to_string())?)
}

/// The same for a function that takes nothing else.
pub(super) fn batch(messages: &[Value]) -> anyhow::Result<SqsEvent> {
    event(messages)
}

/// The ids of an answer, as Lambda reads it.
pub(super) fn reported(answer: &impl Serialize) -> Vec<Value> {
    let answer = serde_json::to_value(answer).expect("an answer is JSON");
    let failures = answer["batchItemFailures"].as_array().expect("a list, even if it is empty");
    failures.iter().map(|failure| failure["itemIdentifier"].clone()).collect()
}

/// The ids of messages.
pub(super) fn ids(messages: &[&Value]) -> Vec<Value> {
    messages.iter().map(|message| message["messageId"].clone()).collect()
}
