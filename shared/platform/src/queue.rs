//! Queues.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde::Serialize;

/// A message that wasn't sent. Sending it again is right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue {queue} did not take {count} messages: {reason}")]
pub struct QueueError {
    /// The queue's address.
    pub queue: String,
    /// How many weren't taken.
    pub count: usize,
    /// SQS's words.
    pub reason: String,
}

/// One queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    body: String,
    delay: Duration,
    order: Option<(String, String)>,
}

impl Message {
    /// What it says.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// `body` as it is.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self { body: body.into(), delay: Duration::ZERO, order: None }
    }

    /// A message that was received, as it is: with its group, and under its own id.
    #[must_use]
    pub fn again(received: SqsMessage) -> Self {
        let message = Self::text(received.body.unwrap_or_default());
        match received.attributes.get("MessageGroupId") {
            Some(group) => message.in_group(group, received.message_id.unwrap_or_default()),
            None => message,
        }
    }

    /// `content` as JSON, with escapes for the two characters that SQS refuses and JSON may hold. They stand in texts only.
    ///
    /// # Errors
    /// If it can't be written as JSON: a bug.
    pub fn json(content: &impl Serialize) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_string(content)?;
        Ok(Self::text(json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")))
    }

    /// To be delivered that much later; SQS takes up to 15 minutes, and longer waits are cut to that.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay.min(Duration::from_secs(900));
        self
    }

    /// In a FIFO queue: in order within `group`; one more with the same `id` within five minutes is dropped.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>, id: impl Into<String>) -> Self {
        self.order = Some((group.into(), id.into()));
        self
    }
}

/// SQS's limit of messages in one call, and of their bytes together.
const AT_ONCE: usize = 10;
const BYTES_AT_ONCE: usize = 240 * 1024;
/// Of one message, everywhere.
const LONGEST: usize = 256 * 1024;

impl Queue {
    /// The queue at `url`.
    #[must_use]
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Opens the line that the first message will take. A queue that can't be reached says so when it matters.
    pub async fn reach(&self) {
        if let Err(error) = self.client.get_queue_attributes().queue_url(&self.url).send().await {
            tracing::warn!(queue = self.url, error = %DisplayErrorContext(&error), "a queue can not be reached yet");
        }
    }

    /// Sends messages, all of them or an error: then some may have been sent. One that is too long holds up no other.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn send(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        let (fitting, too_long): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|message| message.body.len() <= LONGEST);
        for chunk in chunks(fitting) {
            self.send_chunk(chunk).await?;
        }
        match too_long.len() {
            0 => Ok(()),
            count => {
                let reason = format!("longer than {LONGEST} bytes");
                Err(QueueError { queue: self.url.clone(), count, reason })
            }
        }
    }

    async fn send_chunk(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        let failed = |count, reason: String| QueueError { queue: self.url.clone(), count, reason };
        let count = messages.len();
        let entries = messages.into_iter().enumerate().map(|(index, message)| entry(index, message));
        let entries = entries.collect::<Result<Vec<_>, _>>().map_err(|error| failed(count, error.to_string()))?;
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| failed(count, DisplayErrorContext(&error).to_string()))?;
        match answer.failed.first() {
            None => Ok(()),
            Some(first) => Err(failed(
                answer.failed.len(),
                format!("{} {}", first.code, first.message.as_deref().unwrap_or_default()),
            )),
        }
    }
}

fn entry(index: usize, message: Message) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(message.body);
    let seconds = i32::try_from(message.delay.as_millis().div_ceil(1_000)).unwrap_or(900);
    let entry = match message.order {
        Some((group, id)) => entry.message_group_id(group).message_deduplication_id(id),
        None if seconds > 0 => entry.delay_seconds(seconds),
        None => entry,
    };
    entry.build()
}

/// Cuts messages into calls by number and by size.
fn chunks(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut chunks: Vec<Vec<Message>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        bytes += message.body.len();
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < AT_ONCE && bytes <= BYTES_AT_ONCE => chunk.push(message),
            _ => {
                bytes = message.body.len();
                chunks.push(vec![message]);
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_nothing_that_sqs_refuses_and_reads_as_it_was() {
        let text: String = ('\0'..='\u{ff}').chain(['\u{fffd}', '\u{fffe}', '\u{ffff}', '\u{10000}']).collect();
        let Message { body, .. } = Message::json(&text).unwrap();
        let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(body.chars().all(taken), "{body}");
        assert_eq!(serde_json::from_str::<String>(&body).unwrap(), text);
    }

    #[test]
    fn a_call_holds_ten_messages_and_no_more_bytes_than_fit() {
        let message = |size: usize| Message { body: "x".repeat(size), delay: Duration::ZERO, order: None };
        let sizes = |messages: Vec<Message>| chunks(messages).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes((0..23).map(|_| message(10)).collect()), [10, 10, 3]);
        assert_eq!(sizes((0..3).map(|_| message(100 * 1024)).collect()), [2, 1]);
        assert_eq!(sizes(Vec::new()), [0_usize; 0]);
    }
}
