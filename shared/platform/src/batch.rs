//! A batch of messages, each on its own feet: what fails comes again, and nobody else's.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsMessage};
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

/// How often a message was delivered, this time included.
#[must_use]
pub fn deliveries(message: &SqsMessage) -> u32 {
    message.attributes.get(RECEIVE_COUNT).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The attribute in which SQS counts them.
pub const RECEIVE_COUNT: &str = "ApproximateReceiveCount";

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
    async fn a_panic_is_an_error_like_any_other() {
        assert_eq!(guarded(async { Ok::<_, String>(1) }).await, Ok(1));
        assert_eq!(guarded(async { Err::<(), _>("no") }).await, Err("no".to_owned()));
        let panics = async { if true { panic!("on {}", "purpose") } else { Ok::<(), String>(()) } };
        assert_eq!(guarded(panics).await, Err("it panicked: on purpose".to_owned()));
    }
}
