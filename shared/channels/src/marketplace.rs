//! What Edin asks of a channel that it calls, whichever it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::limiter::Limit;
use edin_domain::{Article, Channel, Connection, OrderId, Secret, Timestamp, WarehouseId};

use crate::inbound::Orders;
use crate::tolerant::Unreadable;
use crate::transport::{Lines, Transport};
use crate::{kaspi, ozon, wildberries};

/// What a channel can do and how it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Stock rows in one call; zero if stock isn't told by a call.
    pub rows_a_write: usize,
    /// How often one listing takes a new number.
    pub listing_interval: Duration,
    /// How long a change may take, by the channel's own rules, until its buyers are bound by it.
    pub reach: Duration,
    /// Whether what it shows can be read back.
    pub stock_can_be_read: bool,
}

/// A number that a listing shall show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// The channel's names for the good, by kind.
    pub ids: BTreeMap<String, Article>,
    /// The number.
    pub quantity: u32,
}

/// What became of one [`StockRow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took it.
    Taken,
    /// Not now. Ask again, not before that much later.
    Later {
        /// How much later.
        after: Duration,
        /// The channel's words.
        reason: String,
    },
    /// No, and asking again won't help: a person must.
    Refused {
        /// The channel's code.
        code: String,
        /// The channel's words.
        message: String,
    },
    /// The call got no answer: it may have been taken or not.
    Unknown,
}

/// A number that a channel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRow {
    /// What the channel calls the good: one of the names that a [`StockRow`] would carry, by kind.
    pub ids: BTreeMap<String, Article>,
    /// The number that buyers can still buy.
    pub quantity: u32,
}

/// How a credential stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// When it stops working, if it tells.
    pub expires_at: Option<Timestamp>,
    /// What it lacks for the work at hand, in words for a person; empty if nothing.
    pub problems: Vec<String>,
}

/// Keeps a channel's limits over all functions and all their instances.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Lets one call pass, waiting a little if need be.
    ///
    /// # Errors
    /// [`Held`] if the wait would be too long.
    async fn pass(&self, limit: &Limit) -> Result<(), Held>;

    /// Notes that the channel counted more against us than the calls that passed, or shut us out for a while. Returns the
    /// time from which on the next call may pass.
    async fn charge(&self, limit: &Limit, calls: u32, shut_for: Option<Duration>) -> Timestamp;
}

/// A call that may not be made before a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the channel's limit lets nothing pass before {until}")]
pub struct Held {
    /// The time.
    pub until: Timestamp,
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Our limiter or the channel's says: later.
    #[error("{call}: nothing passes before {until}")]
    Held {
        /// Which call.
        call: &'static str,
        /// From when on it may be tried.
        until: Timestamp,
    },
    /// It wasn't done: no connection, or the channel says that it has trouble.
    #[error("{call}: the channel is out of order: {reason}")]
    OutOfOrder {
        /// Which call.
        call: &'static str,
        /// What happened.
        reason: String,
    },
    /// It was sent, and no answer came, or one that isn't the channel's: it may have been done.
    #[error("{call}: no answer: {reason}")]
    NoAnswer {
        /// Which call.
        call: &'static str,
        /// What happened.
        reason: String,
    },
    /// The credential is dead, or lacks a right. A person must act.
    #[error("{call}: the channel does not let us in ({status}): {reason}; check the credential of this connection")]
    Denied {
        /// Which call.
        call: &'static str,
        /// HTTP status.
        status: u16,
        /// The channel's words.
        reason: String,
    },
    /// The channel refuses the request as it is; it won't do better the next time.
    #[error("{call}: refused ({status} {code}): {reason}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// HTTP status.
        status: u16,
        /// The channel's code.
        code: String,
        /// The channel's words.
        reason: String,
    },
    /// The answer isn't what the channel documents.
    #[error("{call}: the answer can not be read: {reason}")]
    Unreadable {
        /// Which call.
        call: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl ChannelError {
    /// Says that what `call` was answered with can't be read. What isn't the channel's format at all, such as a page that
    /// says that it is being worked on, is none of its answers: that passes.
    #[must_use]
    pub fn unreadable(call: &'static str, error: Unreadable) -> Self {
        let reason = error.to_string();
        match error {
            Unreadable::NotJson { .. } => Self::NoAnswer { call, reason },
            Unreadable::Json { .. } | Unreadable::Value { .. } => Self::Unreadable { call, reason },
        }
    }

    /// Whether the same call may succeed later without anybody's doing.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::OutOfOrder { .. } | Self::NoAnswer { .. })
    }
}

/// A channel that is called.
#[async_trait]
pub trait Marketplace: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The newest orders, in as few calls as it takes: what is read before and after a write of stock.
    async fn newest_orders(&self, now: Timestamp) -> Result<Orders, ChannelError>;

    /// Every order that changed since `since`; where the channel can't tell, every order that may have.
    async fn changed_orders(&self, since: Timestamp, now: Timestamp) -> Result<Orders, ChannelError>;

    /// The goods that came back since `since`, where the channel tells of them apart from its orders.
    async fn returned_goods(&self, _since: Timestamp, _now: Timestamp) -> Result<Orders, ChannelError> {
        Ok(Orders::default())
    }

    /// Tells the channel what `warehouse` has. At most [`Capabilities::rows_a_write`] rows; one outcome a row, in their order.
    ///
    /// # Errors
    /// Only if nothing was told: whatever could be sent has an outcome.
    async fn write_stock(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError>;

    /// What `warehouse` shows for the goods of `rows` (and, where the channel lists a whole warehouse, for all others).
    /// A good that is missing from the answer shows nothing.
    async fn read_stock(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError>;

    /// Accepts an order on the seller's behalf, where the channel wants that.
    async fn accept(&self, order: &OrderId) -> Result<(), ChannelError>;

    /// How the credential stands.
    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError>;
}

/// A connection's credentials, by name: `api_key`, `token`.
pub type Credentials = BTreeMap<String, Secret<String>>;

/// A connection that lacks what it takes to call its channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanNotOpen {
    /// A credential is missing.
    #[error(
        "connection {connection} has no secret {name}; set it with: edin connection set {connection} secrets.{name}=…"
    )]
    NoCredential {
        /// Which connection.
        connection: String,
        /// Which credential.
        name: &'static str,
    },
    /// An address can't be used.
    #[error("connection {connection}: {reason}")]
    Address {
        /// Which connection.
        connection: String,
        /// What is wrong.
        reason: String,
    },
}

/// Opens a connection.
///
/// # Errors
/// [`CanNotOpen`] says what is missing.
pub fn open(
    connection: &Connection,
    credentials: &Credentials,
    gate: Arc<dyn Gate>,
    lines: &Lines,
) -> Result<Box<dyn Marketplace>, CanNotOpen> {
    let credential = |name: &'static str| {
        credentials
            .get(name)
            .cloned()
            .ok_or_else(|| CanNotOpen::NoCredential { connection: connection.id.to_string(), name })
    };
    let transport = |default| Transport::new(connection, default, gate.clone(), lines);
    Ok(match connection.channel() {
        Channel::Ozon => Box::new(ozon::Client::new(transport(ozon::ADDRESS)?, connection, credential("api_key")?)),
        Channel::Wildberries => {
            Box::new(wildberries::Client::new(transport(wildberries::ADDRESS)?, connection, credential("token")?))
        }
        Channel::Kaspi => Box::new(kaspi::Client::new(transport(kaspi::ADDRESS)?, connection, credential("token")?)),
    })
}
