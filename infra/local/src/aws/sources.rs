//! Plays the event source mapping of a queue: receives, wakes the function, deletes what it did.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message};

use crate::aws::engine::Keeping;
use crate::aws::pulse::Pulse;

/// One queue, as a source of events.
pub struct Source {
    /// How it is reached.
    pub client: aws_sdk_sqs::Client,
    /// Where it is.
    pub url: String,
    /// Whether it is read.
    pub pulse: Pulse,
}

/// A function that a queue wakes.
pub trait Function: Send + Sync {
    /// Takes a batch; returns what comes again.
    fn handle(&self, event: SqsEvent) -> impl Future<Output = SqsBatchResponse> + Send;
}

/// A message that failed comes again after this, in seconds.
const AGAIN: i32 = 2;

/// The messages that an answer has delivered again.
pub(crate) fn failed(answer: SqsBatchResponse) -> BTreeSet<String> {
    answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

impl Source {
    /// Wakes `function` with batches for ever.
    pub async fn run(&self, function: impl Function) {
        loop {
            match self.receive().await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => self.deliver(messages, &function).await,
                Err(error) => {
                    tracing::warn!(queue = %self.url, %error, "a queue can not be read");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Takes messages off the queue; none if it can't be read. They are kept until `keeping` is told that they are done.
    pub(crate) async fn take(&self, keeping: &Keeping) -> Vec<SqsMessage> {
        let taken = async {
            let messages = self.receive().await?;
            keeping.hold(messages.iter().filter_map(Message::message_id)).await;
            self.settle(&[], &messages.iter().collect::<Vec<_>>()).await?;
            anyhow::Ok(messages)
        };
        match taken.await {
            Ok(messages) => messages.iter().map(record).collect(),
            Err(error) => {
                tracing::warn!(queue = %self.url, %error, "a queue can not be read");
                tokio::time::sleep(Duration::from_millis(500)).await;
                Vec::new()
            }
        }
    }

    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        let received = self.ask().await;
        self.pulse.note(received.as_ref());
        received
    }

    async fn ask(&self) -> anyhow::Result<Vec<Message>> {
        let request =
            self.client.receive_message().queue_url(&self.url).max_number_of_messages(10).wait_time_seconds(5);
        let request = request.message_system_attribute_names(aws_sdk_sqs::types::MessageSystemAttributeName::All);
        Ok(request.send().await?.messages.unwrap_or_default())
    }

    async fn deliver(&self, messages: Vec<Message>, function: &impl Function) {
        let mut event = SqsEvent::default();
        event.records = messages.iter().map(record).collect();
        let failed = failed(function.handle(event).await);
        let (again, done): (Vec<&Message>, Vec<&Message>) =
            messages.iter().partition(|message| failed.contains(message.message_id().unwrap_or_default()));
        if let Err(error) = self.settle(&again, &done).await {
            tracing::warn!(queue = %self.url, %error, "messages could not be settled; they come again");
        }
    }

    async fn settle(&self, again: &[&Message], done: &[&Message]) -> anyhow::Result<()> {
        if !done.is_empty() {
            let entry = |(index, message): (usize, &&Message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string());
                entry.set_receipt_handle(message.receipt_handle.clone()).build()
            };
            let entries = done.iter().enumerate().map(entry).collect::<Result<_, _>>()?;
            self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await?;
        }
        if !again.is_empty() {
            let entry = |(index, message): (usize, &&Message)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(index.to_string());
                entry.set_receipt_handle(message.receipt_handle.clone()).visibility_timeout(AGAIN).build()
            };
            let entries = again.iter().enumerate().map(entry).collect::<Result<_, _>>()?;
            self.client
                .change_message_visibility_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries))
                .send()
                .await?;
        }
        Ok(())
    }
}

fn record(message: &Message) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id.clone_from(&message.message_id);
    record.receipt_handle.clone_from(&message.receipt_handle);
    record.body.clone_from(&message.body);
    record.md5_of_body.clone_from(&message.md5_of_body);
    record.event_source = Some("aws:sqs".to_owned());
    let attributes = message.attributes.iter().flatten();
    record.attributes = attributes.map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect();
    record
}
