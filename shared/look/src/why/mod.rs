//! Why a number is what it is: levels, who holds what, how it came to that, and each channel's number step by step.

mod gather;

use std::collections::BTreeMap;

use edin_domain::connection::Mode;
use edin_domain::listing::{Offer, Policy};
use edin_domain::offer::Foresight;
use edin_domain::shown::{Decision, Shown};
use edin_domain::stock::Entry;
use edin_domain::{ChannelName, Sku, Timestamp};
use serde::Serialize;

pub use gather::why;

/// Everything that there is to say about a SKU.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// Which.
    pub sku: Sku,
    /// What people call it.
    pub title: String,
    /// What one unit takes: itself, if it is no bundle.
    pub components: BTreeMap<Sku, u32>,
    /// The levels behind it.
    pub levels: Vec<LevelSaid>,
    /// Open orders that hold units of it.
    pub reservations: Vec<Reservation>,
    /// How its own levels came to what they are, oldest first; of a long history no more than tells who holds what.
    pub ledger: Vec<Row>,
    /// What each channel offers, and why.
    pub listings: Vec<ListingSaid>,
}

/// A level.
#[derive(Debug, Clone, Serialize)]
pub struct LevelSaid {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: String,
    /// Units in the house.
    pub on_hand: i64,
    /// Units promised.
    pub reserved: i64,
    /// Units that can be sold.
    pub available: i64,
    /// Its version.
    pub version: u64,
    /// The event that changed it last.
    pub cause: String,
}

/// An open order.
#[derive(Debug, Clone, Serialize)]
pub struct Reservation {
    /// `connection/order`.
    pub order: String,
    /// Where the units lie.
    pub location: String,
    /// Units held.
    pub units: i64,
}

/// A row of the ledger.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Of which level.
    pub location: String,
    /// The rest.
    #[serde(flatten)]
    pub entry: Entry,
}

/// A listing.
#[derive(Debug, Clone, Serialize)]
pub struct ListingSaid {
    /// At which connection.
    pub connection: String,
    /// Whose that is.
    pub channel: ChannelName,
    /// How far that may go.
    pub mode: Mode,
    /// At which of its warehouses.
    pub warehouse: String,
    /// What the channel calls it.
    pub ids: BTreeMap<String, String>,
    /// From where it sells.
    pub locations: Vec<String>,
    /// How many it may offer.
    pub policy: Policy,
    /// The policy's arithmetic.
    pub offer: Offer,
    /// What is behind a buffer that isn't fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foresight: Option<Foresight>,
    /// What the channel took last, and what it sold since.
    pub shown: Shown,
    /// What it should be showing now, if there is no doubt; for a channel that pulls, unless the stock has changed since.
    pub showing: Option<u32>,
    /// What is to be done.
    #[serde(flatten)]
    pub decision: Decision,
    /// When its price list was pulled last, for a channel that pulls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pulled_at: Option<Timestamp>,
}
