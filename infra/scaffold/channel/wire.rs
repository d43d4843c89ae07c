//! New Channel's JSON, as far as Edin reads or writes it.
// fill in: the pages that show these answers, with their dates; the fields by the names that they have there, and no more of them
// than map.rs reads. Statuses stay texts: they grow without notice.

use serde::Deserialize;

use crate::kit::tolerant::{Id, Moment, Record, Records, listed, or_absent, text_or_absent};

/// An answer that lists orders.
#[derive(Debug, Deserialize)]
pub struct Orders {
    /// The orders: one that can't be read hides no other.
    #[serde(deserialize_with = "listed")]
    pub orders: Records<Order>,
}

/// An order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Order {
    /// Its id.
    pub id: Id,
    /// When it was made.
    #[serde(deserialize_with = "or_absent")]
    pub created_at: Moment,
    /// How it stands.
    #[serde(deserialize_with = "text_or_absent")]
    pub status: String,
    /// What is in it.
    pub lines: Vec<Line>,
}

impl Record for Order {
    const NAME: &'static [&'static str] = &["id"];
}

/// Units of one good.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// The good.
    pub sku: Id,
    /// Units.
    pub quantity: u32,
}
