//! What Edin asks of a channel that it calls. What a channel can't do is absent, not faked.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use edin_domain::{Connection, OrderId, Secret, Timestamp, WarehouseId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::kit::facts::settings;
use crate::kit::told::{Cursor, Orders, Page};

mod error;
mod gate;
pub mod line;
pub(crate) mod pages;
mod pause;
pub(crate) mod search;
mod write;

pub use error::{CanNotOpen, ChannelError};
pub use gate::{Gate, Held};
use line::{Line, Lines};
pub use write::{Outcome, SeenRow, StockRow};

/// A channel that is called, through one connection.
#[async_trait]
pub trait Client: Send + Sync {
    /// Its orders, if it can be asked for any.
    fn orders(&self) -> Option<&dyn ReadOrders> {
        None
    }

    /// Its shelves, if it is told stock by a call.
    fn stock(&self) -> Option<&dyn WriteStock> {
        None
    }

    /// Its shelves, if it can be asked what it shows.
    fn shelf(&self) -> Option<&dyn ReadShelf> {
        None
    }

    /// Its orders, if it wants them accepted and the seller has us do so.
    fn acceptance(&self) -> Option<&dyn Accept> {
        None
    }

    /// How the credential stands.
    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError>;
}

/// A channel that tells its orders when it is asked.
#[async_trait]
pub trait ReadOrders: Send + Sync {
    /// The newest orders, in as few calls as it takes: what is read before and after a write of stock.
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError>;

    /// A page of every order that changed within `period`; where the channel can't tell, of every order that may have. The first
    /// page is read without a cursor. An order may be on two pages.
    async fn changed(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError>;

    /// Its orders by their ids, if its calls only hint at what is new.
    fn hinted(&self) -> Option<&dyn ReadHinted> {
        None
    }

    /// The goods that came back, if the channel tells of them apart from its orders.
    fn returns(&self) -> Option<&dyn ReadReturns> {
        None
    }
}

/// What a reading covers, the same for all its pages: how long each takes moves none of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// From when on.
    pub since: Timestamp,
    /// When the reading began.
    pub until: Timestamp,
}

/// A channel that tells of goods that came back apart from its orders.
#[async_trait]
pub trait ReadReturns: Send + Sync {
    /// A page of those that came back within `period`, by order: all of an order, not only what is new.
    async fn returned(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError>;
}

/// A channel whose calls only hint at what is new of an order.
#[async_trait]
pub trait ReadHinted: Send + Sync {
    /// These orders, as they are now. One that the channel doesn't know any more is among those left out.
    async fn hinted(&self, orders: &[OrderId], now: Timestamp) -> Result<Orders, ChannelError>;
}

/// A channel that is told stock by a call.
#[async_trait]
pub trait WriteStock: Send + Sync {
    /// Rows in one write.
    fn rows(&self) -> usize;

    /// Tells the channel what `warehouse` has. At most [`rows`](Self::rows) rows; one outcome a row, in their order.
    ///
    /// # Errors
    /// Only if nothing was told: whatever could be sent has an outcome.
    async fn write(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError>;
}

/// A channel that can be asked what it shows.
#[async_trait]
pub trait ReadShelf: Send + Sync {
    /// What `warehouse` shows for the goods of `rows` (and, where the channel lists a whole warehouse, for all others).
    /// A good that is missing from the answer shows nothing.
    async fn seen(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError>;
}

/// A channel whose orders are accepted on the seller's behalf.
#[async_trait]
pub trait Accept: Send + Sync {
    /// Accepts an order that waits for it; any other is left as it is.
    async fn accept(&self, order: &OrderId) -> Result<(), ChannelError>;
}

/// A page of what `call` tells. Where the next one begins, if there is one, is written down in the client's own words.
///
/// # Errors
/// [`ChannelError::Unreadable`] if that can't be written down: a bug.
pub fn page(call: &'static str, orders: Orders, next: Option<impl Serialize>) -> Result<Page, ChannelError> {
    let unwritten = |error: serde_json::Error| ChannelError::Unreadable { call, reason: error.to_string() };
    Ok(Page { orders, next: next.map(|next| Cursor::of(&next)).transpose().map_err(unwritten)? })
}

/// How a credential stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// When it stops working, if it tells.
    pub expires_at: Option<Timestamp>,
    /// What it lacks for the work at hand, in words for a person; empty if nothing.
    pub problems: Vec<String>,
}

/// A connection's credentials, by name: `api_key`, `token`.
pub type Credentials = BTreeMap<String, Secret<String>>;

/// What it takes to open a connection.
pub struct Opening<'a> {
    /// Which.
    pub connection: &'a Connection,
    /// Its credentials.
    pub credentials: &'a Credentials,
    /// Its way through the channel's limits.
    pub gate: Arc<dyn Gate>,
    /// The lines that are open.
    pub lines: &'a Lines,
}

impl Opening<'_> {
    /// The settings of its account.
    ///
    /// # Errors
    /// [`CanNotOpen::Account`].
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, CanNotOpen> {
        let wrong = |error| CanNotOpen::Account { connection: self.connection.id.to_string(), error };
        settings(&self.connection.account).map_err(wrong)
    }

    /// A credential.
    ///
    /// # Errors
    /// [`CanNotOpen::NoCredential`].
    pub fn credential(&self, name: &'static str) -> Result<Secret<String>, CanNotOpen> {
        let lacking = || CanNotOpen::NoCredential { connection: self.connection.id.to_string(), name };
        self.credentials.get(name).cloned().ok_or_else(lacking)
    }

    /// The line to the connection's own address, or to `default`.
    ///
    /// # Errors
    /// [`CanNotOpen::Address`].
    pub fn line(&self, default: &str) -> Result<Line, CanNotOpen> {
        Line::new(self.connection, default, Arc::clone(&self.gate), self.lines)
    }

    /// The line to the connection's own address, of a channel that has no other.
    ///
    /// # Errors
    /// [`CanNotOpen::Address`].
    pub fn own_line(&self) -> Result<Line, CanNotOpen> {
        let connection = self.connection;
        match connection.base_url {
            Some(_) => self.line(""),
            None => Err(CanNotOpen::Address {
                connection: connection.id.to_string(),
                reason: format!("it has no address; set it: edin connection set {} base_url=https://…", connection.id),
            }),
        }
    }
}
