//! What a channel's call turns out to tell.

use edin_domain::{Account, OrderId, Timestamp};

use super::told::{LeftOut, Told};
use super::tolerant::Unreadable;

/// How a call reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It tells of orders; parts of it may have been left out.
    Orders(Told, Vec<LeftOut>),
    /// These orders changed, and it doesn't say how, or not all of it: they are to be asked for, unless a list of the newest orders
    /// tells of them first.
    Changed(Vec<OrderId>),
    /// Something of these orders is on its way back, or came back: they are to be asked for. No list of orders tells of that.
    Returned(Vec<OrderId>),
    /// It is documented, and nothing that Edin acts on. Says what it is.
    Nothing(&'static str),
    /// Its type is not documented: acknowledged and kept for a person. Names the type.
    Unknown(String),
}

/// How a channel's calls are read.
pub trait Reader: Send + Sync {
    /// Reads what was kept of a call.
    ///
    /// # Errors
    /// [`Unreadable`] if it isn't what the channel documents.
    fn read(&self, told: &str, received_at: Timestamp) -> Result<Reading, Unreadable>;

    /// Checks that it is told of `account`, where calls say whose they are.
    ///
    /// # Errors
    /// [`Unreadable`] names the other.
    fn check_account(&self, account: &Account, told: &str) -> Result<(), Unreadable>;
}
