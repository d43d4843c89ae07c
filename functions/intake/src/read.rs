//! What a message of the inbox queue tells.

use aws_lambda_events::sqs::SqsMessage;
use edin_channels::read::Reading;
use edin_channels::told::{Content, Inbound, LeftOut, Told};
use edin_channels::tolerant;
use edin_domain::order::OrderState;
use edin_platform::{Message, QueueError};
use edin_store::StoreError;
use edin_trade::messages::{Hinted, Read, ToRead};
use edin_trade::record::{RecordError, Work, check_account};

use crate::Intake;

/// Why a message can't be read. It comes again, and ends in the dead-letter queue with its body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// It isn't what it should be.
    #[error("the message can not be read: {0}")]
    Unreadable(String),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The poll queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// It is of a connection that isn't there, or of another account.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Intake {
    /// Reads a message. What Edin doesn't act on is none; what nobody documents is kept for a person.
    pub(crate) async fn read(&self, message: &SqsMessage) -> Result<Option<Work>, IntakeError> {
        let unreadable = |error: &dyn std::fmt::Display| IntakeError::Unreadable(error.to_string());
        let body = message.body.as_deref().unwrap_or_default();
        let inbound: Inbound = tolerant::read(body.as_bytes()).map_err(|error| unreadable(&error))?;
        let id = message.message_id.clone().unwrap_or_default();
        let push = match &inbound.content {
            Content::Told(told) => return Ok(Some(Work::of(id, &inbound, told.clone()))),
            Content::Remap(order) => {
                return Ok(Some(Work::of(id, &inbound, Told::of(order.clone(), OrderState::default()))));
            }
            Content::Push(push) => push,
        };
        match edin_channels::read(&inbound.channel, push, inbound.received_at).map_err(|error| unreadable(&error))? {
            Reading::Orders(told, left_out) => {
                self.keep_left_out(&inbound, &left_out, push).await?;
                Ok(Some(Work::of(id, &inbound, told).told_by(inbound.channel.clone(), push.clone())))
            }
            Reading::Changed(orders) => {
                self.ask_for(&inbound, Hinted { orders, listed_after: Some(inbound.received_at) }, push).await?;
                Ok(None)
            }
            Reading::Returned(orders) => {
                self.ask_for(&inbound, Hinted { orders, listed_after: None }, push).await?;
                Ok(None)
            }
            Reading::Nothing(what) => {
                tracing::debug!(cause = %inbound.cause, what, "a push that changes nothing here");
                Ok(None)
            }
            Reading::Unknown(kind) => {
                tracing::warn!(cause = %inbound.cause, connection = %inbound.connection, %kind, "a push of an unknown type; kept");
                self.keep(&inbound, &kind, push).await?;
                Ok(None)
            }
        }
    }

    /// Has orders asked for of which a push only says that something is new.
    async fn ask_for(&self, inbound: &Inbound, hinted: Hinted, push: &str) -> Result<(), IntakeError> {
        let Inbound { connection: id, channel, cause, .. } = inbound;
        let connection = self.recorder.store.connection(id).await?;
        let connection = connection.ok_or_else(|| RecordError::UnknownConnection(id.clone()))?;
        check_account(&connection, channel, push)?;
        tracing::info!(%cause, connection = %id, orders = ?hinted.orders, "a channel hints that something is new");
        let wanted = ToRead { connection: id.clone(), read: Read::Hinted(hinted), not_after: None };
        let message = Message::json(&wanted).map_err(|error| IntakeError::Unreadable(error.to_string()))?;
        Ok(self.poll.send(vec![message]).await?)
    }

    async fn keep_left_out(&self, inbound: &Inbound, left_out: &[LeftOut], push: &str) -> Result<(), IntakeError> {
        for LeftOut { order, reason } in left_out {
            tracing::error!(cause = %inbound.cause, connection = %inbound.connection, %order, %reason, "a part of a push can not be read; the push is kept");
        }
        match left_out.is_empty() {
            true => Ok(()),
            false => self.keep(inbound, "orders of which a part can not be read", push).await,
        }
    }

    /// Keeps a push for a person, unless it is another account's.
    async fn keep(&self, inbound: &Inbound, kind: &str, push: &str) -> Result<(), IntakeError> {
        let Inbound { connection, received_at, cause, .. } = inbound;
        let store = &self.recorder.store;
        if let Some(known) = store.connection(connection).await? {
            check_account(&known, &inbound.channel, push)?;
        }
        Ok(store.put_unknown_event(connection, kind, push, *received_at, cause).await?)
    }
}
