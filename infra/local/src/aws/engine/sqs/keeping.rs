//! The engine of the queues, which knows messages in memory, with a file that keeps them: a message is in the file before its
//! sender is answered, and until it is done. What is left there is sent once more at the next start.
//!
//! So a message comes at least once, as SQS has it. A crash right after it was written and before the engine has it, or after it
//! was deleted and before its row is gone, makes it come again.

use std::collections::HashMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::body::Bytes;
use axum::http::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edin_domain::Timestamp;
use edin_platform::batch::RECEIVE_COUNT;
use edin_platform::{Clock as _, SystemClock};
use rustack_sqs_core::handler::RustackSqsHandler;
use rustack_sqs_core::provider::RustackSqs;
use rustack_sqs_core::queue::extract_queue_name;
use rustack_sqs_http::body::SqsResponseBody;
use rustack_sqs_http::dispatch::SqsHandler;
use rustack_sqs_http::response::json_response;
use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    DeleteMessageBatchInput, DeleteMessageInput, PurgeQueueInput, ReceiveMessageInput, SendMessageBatchInput,
    SendMessageInput,
};
use rustack_sqs_model::operations::SqsOperation;
use rustack_sqs_model::output::{
    DeleteMessageBatchOutput, DeleteMessageOutput, PurgeQueueOutput, ReceiveMessageOutput, SendMessageBatchOutput,
    SendMessageOutput,
};
use rustack_sqs_model::types::{Message, SendMessageBatchRequestEntry};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::book::{Before, Book};
use super::file::{File, Letter, Row, Unwritten};
use super::{DELIVERIES, dead_letters_of, gives_up};

/// For so long a FIFO queue knows a message by its deduplication id.
const KNOWN: Duration = Duration::from_secs(300);

/// The queues. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Keeping {
    engine: Arc<RustackSqs>,
    /// What has nothing to do with messages.
    rest: Arc<RustackSqsHandler>,
    file: File,
    /// Locked while the engine takes a message, so that nobody deletes one that isn't in it yet.
    book: Arc<Mutex<Book>>,
}

/// What was kept, before the queues are there that it goes to.
pub(super) struct Kept(Vec<(Row, Letter)>);

impl Keeping {
    /// Keeps in `file` what `engine` has. Returns what is in it.
    pub(super) fn new(engine: RustackSqs, file: &Path) -> anyhow::Result<(Self, Kept)> {
        let (file, kept) = File::open(file)?;
        let engine = Arc::new(engine);
        let rest = Arc::new(RustackSqsHandler::new(Arc::clone(&engine)));
        Ok((Self { engine, rest, file, book: Arc::default() }, Kept(kept)))
    }

    /// Sends what was kept to its queues, in its first order. What can't be sent is named, and stays in the file.
    pub(super) async fn send_again(&self, Kept(letters): Kept, base: &str) {
        let (count, now) = (letters.len(), SystemClock.now());
        for (row, letter) in letters {
            if let Err(error) = self.send_kept(row, &letter, base, now).await {
                tracing::error!(queue = letter.queue, message = row.0, %error, "a kept message can not be sent again; it stays");
            }
        }
        if count > 0 {
            tracing::info!(count, "messages that were not done are in their queues again");
        }
    }

    async fn send_kept(&self, row: Row, letter: &Letter, base: &str, now: Timestamp) -> anyhow::Result<()> {
        let mut input: SendMessageInput = serde_json::from_str(&letter.message)?;
        input.queue_url = super::url_of(base, &letter.queue);
        if input.message_group_id.is_none() {
            let left = letter.due.since(now).as_millis().div_ceil(1_000);
            input.delay_seconds = Some(i32::try_from(left).unwrap_or(i32::MAX));
        } else if now.since(letter.sent) >= KNOWN {
            // Its queue would have forgotten it by now, and may have taken another by the same id.
            input.message_deduplication_id = Some(format!("kept-{}", row.0));
        }
        let mut book = self.book.lock().await;
        let sent = self.engine.send_message(input).await.map_err(|error| anyhow::anyhow!(error.message))?;
        let id = sent.message_id.context("it got no id")?;
        if !book.enter((&letter.queue, row), &id, sent.sequence_number.as_deref(), Before::Kept) {
            self.file.forget(vec![row]);
        }
        Ok(())
    }

    /// Leaves messages to a worker, who takes them off their queue before they are done.
    pub(crate) async fn hold(&self, messages: impl IntoIterator<Item = &str>) {
        let mut book = self.book.lock().await;
        messages.into_iter().for_each(|message| book.hold(message));
    }

    /// Notes that messages which a worker held are done.
    pub(crate) async fn done(&self, messages: impl IntoIterator<Item = &str>) {
        let mut book = self.book.lock().await;
        self.file.forget(messages.into_iter().filter_map(|message| book.done(message)).collect());
    }

    async fn handle(&self, operation: SqsOperation, body: Bytes) -> Result<Response<SqsResponseBody>, SqsError> {
        match operation {
            SqsOperation::SendMessage => answer(&self.send(asked(&body)?).await?),
            SqsOperation::SendMessageBatch => answer(&self.send_batch(asked(&body)?).await?),
            SqsOperation::ReceiveMessage => answer(&self.receive(asked(&body)?).await?),
            SqsOperation::DeleteMessage => answer(&self.delete(asked(&body)?).await?),
            SqsOperation::DeleteMessageBatch => answer(&self.delete_batch(asked(&body)?).await?),
            SqsOperation::PurgeQueue => answer(&self.purge(asked(&body)?).await?),
            other => self.rest.handle_operation(other, body).await,
        }
    }

    async fn send(&self, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let queue = queue_of(&input.queue_url)?;
        let rows = self.file.keep(vec![letter(&queue, &input)?]).await?;
        let mut book = self.book.lock().await;
        let sent = self.engine.send_message(input).await;
        let mut is_new = |row: &Row| match &sent {
            Ok(SendMessageOutput { message_id: Some(id), sequence_number, .. }) => {
                book.enter((&queue, *row), id, sequence_number.as_deref(), Before::New)
            }
            _ => false,
        };
        self.file.forget(rows.into_iter().filter(|row| !is_new(row)).collect());
        sent
    }

    async fn send_batch(&self, input: SendMessageBatchInput) -> Result<SendMessageBatchOutput, SqsError> {
        let queue = queue_of(&input.queue_url)?;
        let ids: Vec<String> = input.entries.iter().map(|entry| entry.id.clone()).collect();
        let letters = input.entries.iter().map(|entry| letter(&queue, &single(entry))).collect::<Result<_, _>>()?;
        let rows = self.file.keep(letters).await?;
        let mut book = self.book.lock().await;
        let sent = self.engine.send_message_batch(input).await;
        let taken: HashMap<&str, _> =
            sent.iter().flat_map(|sent| &sent.successful).map(|entry| (entry.id.as_str(), entry)).collect();
        let mut is_new = |(id, row): &(&String, Row)| {
            taken.get(id.as_str()).is_some_and(|entry| {
                book.enter((&queue, *row), &entry.message_id, entry.sequence_number.as_deref(), Before::New)
            })
        };
        let needless = ids.iter().zip(rows).filter(|entry| !is_new(entry)).map(|(_, row)| row);
        self.file.forget(needless.collect());
        sent
    }

    async fn receive(&self, input: ReceiveMessageInput) -> Result<ReceiveMessageOutput, SqsError> {
        let queue = queue_of(&input.queue_url)?;
        let mut received = self.engine.receive_message(input).await?;
        let mut last_times = Vec::new();
        let mut book = self.book.lock().await;
        for message in &mut received.messages {
            let id = message.message_id.clone().unwrap_or_default();
            let Some(out) = book.hand_out(&id) else { continue };
            if out.before == Before::Kept {
                count_one_more(message);
            }
            if out.times == DELIVERIES && gives_up(&queue) {
                book.move_to(&id, &dead_letters_of(&queue));
                last_times.push(out.row);
            }
        }
        drop(book);
        for row in last_times {
            // The engine gives it up unless it is done this time. If this can't be written, it is tried anew after a restart.
            let _ = self.file.move_to(row, dead_letters_of(&queue)).await;
        }
        Ok(received)
    }

    async fn delete(&self, input: DeleteMessageInput) -> Result<DeleteMessageOutput, SqsError> {
        let receipt = input.receipt_handle.clone();
        let deleted = self.engine.delete_message(input).await?;
        self.taken_off([receipt]).await;
        Ok(deleted)
    }

    async fn delete_batch(&self, input: DeleteMessageBatchInput) -> Result<DeleteMessageBatchOutput, SqsError> {
        let receipts: HashMap<String, String> =
            input.entries.iter().map(|entry| (entry.id.clone(), entry.receipt_handle.clone())).collect();
        let deleted = self.engine.delete_message_batch(input).await?;
        self.taken_off(deleted.successful.iter().filter_map(|entry| receipts.get(&entry.id).cloned())).await;
        Ok(deleted)
    }

    async fn taken_off(&self, receipts: impl IntoIterator<Item = String>) {
        let mut book = self.book.lock().await;
        let rows = receipts.into_iter().filter_map(|receipt| book.taken_off(&message_of(&receipt)?));
        self.file.forget(rows.collect());
    }

    async fn purge(&self, input: PurgeQueueInput) -> Result<PurgeQueueOutput, SqsError> {
        let queue = queue_of(&input.queue_url)?;
        let mut book = self.book.lock().await;
        let purged = self.engine.purge_queue(input).await?;
        self.file.forget(book.purge(&queue));
        Ok(purged)
    }
}

impl SqsHandler for Keeping {
    fn handle_operation(
        &self,
        operation: SqsOperation,
        body: Bytes,
    ) -> Pin<Box<dyn Future<Output = Result<Response<SqsResponseBody>, SqsError>> + Send>> {
        let keeping = self.clone();
        Box::pin(async move { keeping.handle(operation, body).await })
    }
}

impl From<Unwritten> for SqsError {
    fn from(error: Unwritten) -> Self {
        Self::internal_error(error.to_string())
    }
}

fn asked<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| SqsError::invalid_parameter_value(error.to_string()))
}

fn answer(output: &impl Serialize) -> Result<Response<SqsResponseBody>, SqsError> {
    let json = serde_json::to_vec(output).map_err(|error| SqsError::internal_error(error.to_string()))?;
    Ok(json_response(json, "local"))
}

fn queue_of(url: &str) -> Result<String, SqsError> {
    let name = extract_queue_name(url).map(str::to_owned);
    name.ok_or_else(|| SqsError::non_existent_queue(format!("there is no queue {url}")))
}

/// A message as it is kept. Its delay is counted from now on.
fn letter(queue: &str, input: &SendMessageInput) -> Result<Letter, SqsError> {
    let sent = SystemClock.now();
    let delay = u64::try_from(input.delay_seconds.unwrap_or(0)).unwrap_or(0);
    let message = serde_json::to_string(input).map_err(|error| SqsError::internal_error(error.to_string()))?;
    Ok(Letter { queue: queue.to_owned(), sent, due: sent.plus(Duration::from_secs(delay)), message })
}

/// A message of a batch as if it were sent alone.
fn single(entry: &SendMessageBatchRequestEntry) -> SendMessageInput {
    let entry = entry.clone();
    SendMessageInput {
        queue_url: String::new(),
        message_body: entry.message_body,
        delay_seconds: entry.delay_seconds,
        message_deduplication_id: entry.message_deduplication_id,
        message_group_id: entry.message_group_id,
        message_attributes: entry.message_attributes,
        message_system_attributes: entry.message_system_attributes,
    }
}

/// The message that the engine gave this receipt for: its id comes first in it.
fn message_of(receipt: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(receipt).ok()?).ok()?;
    text.split(':').next().map(str::to_owned)
}

/// The process before may have handed it out, and died over it.
fn count_one_more(message: &mut Message) {
    if let Some(count) = message.attributes.get_mut(RECEIVE_COUNT) {
        *count = count.parse().map_or(1_u32, |count: u32| count.saturating_add(1)).to_string();
    }
}
