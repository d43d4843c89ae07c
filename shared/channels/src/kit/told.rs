//! What a channel told, by a call of its own or in answer to ours; and how that travels in the inbox queue.

use edin_domain::customer::Contact;
use edin_domain::order::OrderState;
use edin_domain::{Cause, ChannelName, ConnectionId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use super::tolerant::{Spoilt, Unreadable, first};

/// A message in the inbox queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The id of this event; the first of its chain.
    pub cause: Cause,
    /// The account that it concerns.
    pub connection: ConnectionId,
    /// Whose account that is.
    pub channel: ChannelName,
    /// When it came here.
    pub received_at: Timestamp,
    /// What was told.
    pub content: Content,
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A channel's push, as it came.
    Push(String),
    /// What a poll read, mapped already.
    Told(Told),
    /// Nothing new: a mapping was added for which this order waits.
    Remap(OrderId),
}

/// What one message tells. All of it is applied, or none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// By order. More than one where a posting was split: the child's report moves units off its parent.
    pub orders: Vec<(OrderId, OrderState)>,
    /// Who the first of them is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

impl Told {
    /// Of one order, without a contact.
    #[must_use]
    pub fn of(id: OrderId, state: OrderState) -> Self {
        Self { orders: vec![(id, state)], contact: None }
    }
}

/// What a reading of orders came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// What was read.
    pub told: Vec<Told>,
    /// What couldn't be.
    pub left_out: Vec<LeftOut>,
}

/// An order, or a part of one, that couldn't be read: its goods are not reserved, and a person must look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// The order as its channel names it; empty if that can't be read either.
    pub order: String,
    /// What is wrong with it.
    pub reason: String,
}

impl LeftOut {
    /// Leaves out (a part of) `order`. Both are cut: what can't be read may be megabytes.
    pub fn of(order: impl AsRef<str>, reason: &impl ToString) -> Self {
        Self { order: first(order.as_ref(), 200), reason: first(&reason.to_string(), 600) }
    }
}

impl From<Spoilt> for LeftOut {
    fn from(Spoilt { name, error }: Spoilt) -> Self {
        Self { order: name, reason: error.to_string() }
    }
}

impl Orders {
    /// Adds what an order came to: what it tells with the parts that couldn't be read, or why nothing could.
    pub fn add(&mut self, order: &str, read: Result<(Told, Vec<LeftOut>), Unreadable>) {
        match read {
            Ok((told, parts)) => {
                self.told.push(told);
                self.left_out.extend(parts);
            }
            Err(error) => self.left_out.push(LeftOut::of(order, &error)),
        }
    }

    /// Adds what another reading came to.
    pub fn extend(&mut self, other: Self) {
        self.told.extend(other.told);
        self.left_out.extend(other.left_out);
    }
}
