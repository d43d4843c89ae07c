//! The inbox queue into the stock table: the only writer of channels' orders, and of the stock that orders move.
//!
//! A batch is read message by message; what the messages tell is recorded together, by [`edin_trade::record`].

mod read;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use edin_platform::{Queue, batch};
use edin_trade::record::Recorder;

pub use read::IntakeError;

/// The function.
pub struct Intake {
    /// What records orders.
    pub recorder: Recorder,
    /// Where goes what a channel only hinted at: it is asked for.
    pub poll: Queue,
}

impl Intake {
    /// Takes a batch of the inbox queue. A message that can't be applied comes again alone.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let mut failed = Vec::new();
        let mut works = Vec::new();
        for message in &event.records {
            match batch::guarded(self.read(message)).await {
                Ok(work) => works.extend(work),
                Err(reason) => failed.push((message.message_id.clone().unwrap_or_default(), reason)),
            }
        }
        let unrecorded = self.recorder.record(works).await;
        failed.extend(unrecorded.into_iter().map(|(message, error)| (message, error.to_string())));
        for (message, reason) in &failed {
            tracing::error!(%message, %reason, "a message was not applied and will come again");
        }
        batch::again(failed.into_iter().map(|(id, _)| id))
    }
}
