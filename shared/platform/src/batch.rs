//! A batch of messages, each on its own feet: what fails comes again, and nobody else's.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;

/// The answer that has these messages delivered again.
#[must_use]
pub fn again(failed: impl IntoIterator<Item = String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
}

/// Runs `work` on each message in turn. One that fails or panics comes again; the others are done.
pub async fn each_record<E: std::fmt::Display>(
    event: SqsEvent,
    work: impl AsyncFn(&SqsMessage) -> Result<(), E>,
) -> SqsBatchResponse {
    let mut failed = Vec::new();
    for message in event.records {
        if let Err(reason) = guarded(work(&message)).await {
            let id = message.message_id.clone().unwrap_or_default();
            tracing::error!(message = %id, %reason, "a message failed and will come again");
            failed.push(id);
        }
    }
    again(failed)
}

/// Runs one piece of work so that its panic ends nobody else's.
///
/// # Errors
/// What it said, or that it panicked.
pub async fn guarded<T, E: std::fmt::Display>(work: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => Err(format!("it panicked: {}", words(panic.as_ref()))),
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "without a word",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_that_panics_takes_no_other_with_it() {
        let message = |id: &str| {
            let mut message = SqsMessage::default();
            message.message_id = Some(id.to_owned());
            message
        };
        let mut event = SqsEvent::default();
        event.records = vec![message("good"), message("panics"), message("fails"), message("good too")];
        let response = each_record(event, async |message: &SqsMessage| match message.message_id.as_deref() {
            Some("panics") => panic!("on purpose"),
            Some("fails") => Err("no"),
            _ => Ok(()),
        });
        let failed: Vec<_> =
            response.await.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        assert_eq!(failed, ["panics", "fails"]);
    }
}
