//! Goods that come back.

use serde::Deserialize;

use super::{moment, number};
use crate::kit::tolerant::{Id, Moment, Record, Records, flag, listed, or_absent, or_default};

/// A page of `/v1/returns/list`.
#[derive(Debug, Clone, Deserialize)]
pub struct Returns {
    /// The returns.
    #[serde(deserialize_with = "listed")]
    pub returns: Records<Return>,
    /// Whether there are more after the last of them.
    #[serde(default, deserialize_with = "flag")]
    pub has_next: bool,
}

/// Goods that come back.
#[derive(Debug, Clone, Deserialize)]
pub struct Return {
    /// Its id.
    pub id: Id,
    /// The return that this one took the place of; null if none.
    #[serde(default)]
    pub source_id: Id,
    /// Of which posting.
    #[serde(default, deserialize_with = "or_default")]
    pub posting_number: String,
    /// `Fbs` or `Fbo`.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// What comes back.
    #[serde(default, deserialize_with = "or_default")]
    pub product: ReturnedProduct,
    /// Its way.
    #[serde(default, deserialize_with = "or_default")]
    pub logistic: Logistic,
    /// Its status.
    #[serde(default, deserialize_with = "or_default")]
    pub visual: Visual,
}

impl Record for Return {
    const NAME: &'static [&'static str] = &["id"];
}

/// What comes back.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ReturnedProduct {
    /// Ozon's id of the good in its shop.
    #[serde(default)]
    pub sku: Id,
    /// The seller's article.
    #[serde(default, deserialize_with = "or_absent")]
    pub offer_id: Id,
    /// Units.
    #[serde(default, deserialize_with = "number")]
    pub quantity: u32,
}

/// The way of a return.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Logistic {
    /// When it arrived at the warehouse or was handed to the seller.
    #[serde(default, deserialize_with = "moment")]
    pub final_moment: Moment,
}

/// The status of a return, as the cabinet shows it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Visual {
    /// The status.
    #[serde(default, deserialize_with = "or_default")]
    pub status: VisualStatus,
}

/// The status of a return.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct VisualStatus {
    /// Its name, such as `ReceivedBySeller`.
    #[serde(default, deserialize_with = "or_default")]
    pub sys_name: String,
}
