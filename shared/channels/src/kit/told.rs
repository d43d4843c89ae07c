//! What a channel told, by a call of its own or in answer to ours; and how that travels in the inbox queue.

use edin_domain::customer::Contact;
use edin_domain::order::OrderState;
use edin_domain::{Cause, ChannelName, ConnectionId, OrderId, Timestamp};
use serde::de::DeserializeOwned;
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

/// A page of what a reading comes to: so much as one call of it tells, or a few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What it tells.
    pub orders: Orders,
    /// Where the next page begins; none if this is the last.
    pub next: Option<Cursor>,
}

/// Where a page begins, in its channel's own words: whoever reads page by page keeps it from one to the next, and across
/// functions' lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A place that a channel's client writes down for itself.
    ///
    /// # Errors
    /// If it can't be written as JSON: a bug.
    pub fn of(place: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(place).map(Self)
    }

    /// What was kept of a cursor.
    #[must_use]
    pub fn kept(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What to keep of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What was written down; the beginning where it is none of this client's, such as that of an earlier release.
    #[must_use]
    pub fn place<T: DeserializeOwned + Default>(cursor: Option<&Self>) -> T {
        cursor.and_then(|Self(place)| serde_json::from_str(place).ok()).unwrap_or_default()
    }
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

    /// Leaves out those goods of `order` that can't be read.
    pub fn goods(order: &str, spoilt: &[Spoilt]) -> Vec<Self> {
        spoilt.iter().map(|good| Self::of(order, &format!("the good {good}"))).collect()
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
