//! Dead letters, on their way again.
//!
//! A message is sent first and taken off the dead-letter queue after that: one that a crash makes two of does no harm, for
//! applying a message twice changes nothing.

mod stream;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use anyhow::Context;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use edin_platform::{Clock, SystemClock};
use edin_trade::messages::sent_on;

use crate::deployment::Deployment;
use crate::settings::{DeadLetters, Redrive};

/// How long a message stays hidden that was looked at.
const HIDDEN_SECONDS: i32 = 600;
/// So many empty answers mean that the queue is empty; SQS asks only some of its servers each time.
const EMPTY_ANSWERS: u32 = 3;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redriven {
    /// Messages that are on their way again, or would be.
    pub sent: usize,
    /// Messages that were not asked for and stay.
    pub left: usize,
    /// Messages that could not be sent on, and stay.
    pub failed: usize,
    /// Whether more may lie behind those that stay, which the queue doesn't show while they do.
    pub hidden: bool,
}

impl fmt::Display for Redriven {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, left, failed, hidden } = self;
        write!(formatter, "{sent} messages, {left} left where they are, {failed} failed")?;
        match hidden {
            true => write!(formatter, "; more may lie behind them in their groups"),
            false => Ok(()),
        }
    }
}

/// Sends what is asked for on its way again; `each` sees every message before it goes. One that can't be sent on stays, and
/// stops no other one.
///
/// # Errors
/// If a queue can't be reached. What was sent until then is sent.
pub async fn redrive(
    deployment: &Deployment,
    wanted: &Redrive,
    each: impl Fn(&str) -> anyhow::Result<()>,
) -> anyhow::Result<Redriven> {
    let lane = Lane::of(deployment, wanted.queue)?;
    let mut staying = Vec::new();
    let driven = drive(&lane, wanted, each, &mut staying).await;
    lane.show_again(&staying).await;
    let hidden = wanted.queue == DeadLetters::Push && !staying.is_empty();
    driven.map(|outcome| Redriven { hidden, ..outcome })
}

async fn drive(
    lane: &Lane<'_>,
    wanted: &Redrive,
    each: impl Fn(&str) -> anyhow::Result<()>,
    staying: &mut Vec<Message>,
) -> anyhow::Result<Redriven> {
    let mut outcome = Redriven::default();
    let (mut empty, mut seen) = (0, BTreeSet::new());
    while empty < EMPTY_ANSWERS {
        let messages = lane.receive().await?;
        let fresh: Vec<Message> =
            messages.into_iter().filter(|message| seen.insert(message.message_id.clone())).collect();
        empty = if fresh.is_empty() { empty + 1 } else { 0 };
        for message in fresh {
            let body = message.body.as_deref().unwrap_or_default();
            if wanted.containing.as_deref().is_some_and(|text| !body.contains(text)) {
                outcome.left += 1;
                staying.push(message);
                continue;
            }
            each(body)?;
            if wanted.dry_run {
                outcome.sent += 1;
                staying.push(message);
                continue;
            }
            match lane.send_on(&message).await {
                Ok(()) => outcome.sent += 1,
                Err(error) => {
                    tracing::error!(message = message.message_id, reason = format!("{error:#}"), "a message stays");
                    outcome.failed += 1;
                    staying.push(message);
                }
            }
            tokio::time::sleep(Duration::from_secs(1) / wanted.rate.max(1)).await;
        }
    }
    Ok(outcome)
}

/// From a dead-letter queue to where its messages belong.
struct Lane<'a> {
    sqs: &'a aws_sdk_sqs::Client,
    from: &'a str,
    to: Home<'a>,
}

/// Where messages belong.
enum Home<'a> {
    /// In the push queue, which is to know that they were given up.
    Pushes(&'a str),
    /// In another queue.
    Queue(&'a str),
    /// With the functions that the table's stream wakes.
    Stream(&'a Deployment),
}

impl<'a> Lane<'a> {
    fn of(deployment: &'a Deployment, queue: DeadLetters) -> anyhow::Result<Self> {
        let (from, to) = match queue {
            DeadLetters::Inbox => ("inbox-dead", Home::Queue(deployment.queue_url("inbox")?)),
            DeadLetters::Push => ("push-dead.fifo", Home::Pushes(deployment.queue_url("push.fifo")?)),
            DeadLetters::Deferred => ("deferred-dead", Home::Queue(deployment.queue_url("deferred")?)),
            DeadLetters::Poll => ("poll-dead", Home::Queue(deployment.queue_url("poll")?)),
            DeadLetters::Reconcile => ("reconcile-dead", Home::Queue(deployment.queue_url("reconcile")?)),
            DeadLetters::Stream => ("stream-dead", Home::Stream(deployment)),
        };
        Ok(Self { sqs: &deployment.sqs, from: deployment.queue_url(from)?, to })
    }

    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        let request = self.sqs.receive_message().queue_url(self.from).max_number_of_messages(10);
        let request = request.visibility_timeout(HIDDEN_SECONDS).wait_time_seconds(1);
        let answer = request.message_system_attribute_names(MessageSystemAttributeName::All).send().await;
        Ok(answer.map_err(aws_sdk_sqs::Error::from)?.messages.unwrap_or_default())
    }

    async fn send_on(&self, message: &Message) -> anyhow::Result<()> {
        let body = message.body().unwrap_or_default();
        match &self.to {
            Home::Pushes(queue) => self.send(queue, message, &sent_on(body, SystemClock.now())).await?,
            Home::Queue(queue) => self.send(queue, message, body).await?,
            Home::Stream(deployment) => stream::redeliver(deployment, body).await?,
        }
        let request = self.sqs.delete_message().queue_url(self.from).set_receipt_handle(message.receipt_handle.clone());
        request.send().await.map_err(aws_sdk_sqs::Error::from)?;
        Ok(())
    }

    /// In its group again. The queue may remember the message's own id for five minutes, so it goes under another one.
    async fn send(&self, queue: &str, message: &Message, body: &str) -> anyhow::Result<()> {
        let attribute = |name| message.attributes.as_ref()?.get(&name).cloned();
        let request = self.sqs.send_message().queue_url(queue).message_body(body);
        let request = match attribute(MessageSystemAttributeName::MessageGroupId) {
            Some(group) => {
                let id = message.message_id.as_deref().context("SQS gave a message without an id")?;
                request.message_group_id(group).message_deduplication_id(format!("redrive-{id}"))
            }
            None => request,
        };
        request.send().await.map_err(aws_sdk_sqs::Error::from)?;
        Ok(())
    }

    /// Lets others see at once what stays. What can't be shown now comes to light by itself.
    async fn show_again(&self, messages: &[Message]) {
        for message in messages {
            let request = self.sqs.change_message_visibility().queue_url(self.from).visibility_timeout(0);
            if let Err(error) = request.set_receipt_handle(message.receipt_handle.clone()).send().await {
                let error = aws_sdk_sqs::Error::from(error);
                tracing::debug!(%error, "a message stays hidden for some minutes");
            }
        }
    }
}
