//! What a batch of the push queue asks for, by connection.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsMessage;
use edin_domain::{ConnectionId, Sku, Timestamp};
use edin_platform::batch;
use edin_trade::messages::Doubt;

use crate::Skus;

/// A batch, sorted.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// What is asked of each connection.
    pub(crate) asked: BTreeMap<ConnectionId, Asked>,
    /// What can't be read, and why.
    pub(crate) unreadable: Vec<(SqsMessage, String)>,
    /// The ids of all messages.
    pub(crate) all: Vec<String>,
}

/// What a batch asks of a connection.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) messages: Vec<String>,
    pub(crate) skus: Skus,
    /// Those of the SKUs that were asked for before. What came of it isn't known: the channel may have been told a number, and
    /// nobody was left to note it.
    pub(crate) again: Skus,
    /// Those of which everything that was noted up to a time proved wrong.
    pub(crate) disproved: BTreeMap<Sku, Timestamp>,
}

impl Batch {
    /// Sorts messages by the connection that they name.
    pub(crate) fn of(messages: Vec<SqsMessage>) -> Self {
        let mut batch = Self::default();
        for message in messages {
            let id = message.message_id.clone().unwrap_or_default();
            batch.all.push(id.clone());
            match serde_json::from_str::<Doubt>(message.body.as_deref().unwrap_or_default()) {
                Ok(Doubt { connection: Some(connection), skus, disproved, .. }) => {
                    let is_again = batch::deliveries(&message) > 1;
                    batch.asked.entry(connection).or_default().add(id, skus.into_iter().collect(), is_again, disproved);
                }
                Ok(_) => batch.unreadable.push((message, "it names no connection".to_owned())),
                Err(error) => batch.unreadable.push((message, error.to_string())),
            }
        }
        batch
    }
}

impl Asked {
    fn add(&mut self, message: String, skus: Skus, is_again: bool, disproved: Option<Timestamp>) {
        self.messages.push(message);
        if is_again {
            self.again.extend(skus.clone());
        }
        self.disproved.extend(skus.keys().filter_map(|sku| Some((sku.clone(), disproved?))));
        self.skus.extend(skus);
    }
}
