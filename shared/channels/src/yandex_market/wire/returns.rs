//! Goods that come back: `GET /v2/campaigns/{campaignId}/returns`.

use serde::Deserialize;

use super::{Paging, number};
use crate::kit::tolerant::{Id, Moment, Record, Records, listed, or_absent, text_or_absent};

/// A page of returns, and of orders that nobody came for.
#[derive(Debug, Clone, Deserialize)]
pub struct Returns {
    /// The returns.
    #[serde(deserialize_with = "listed")]
    pub returns: Records<Return>,
    /// Where the next page begins.
    #[serde(default, deserialize_with = "or_absent")]
    pub paging: Paging,
}

/// Goods that come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Return {
    /// Its number.
    pub id: Id,
    /// Of which order.
    pub order_id: Id,
    /// When it changed last.
    #[serde(default, deserialize_with = "or_absent")]
    pub update_date: Moment,
    /// Where the goods are, such as `PICKED`; absent where they stay with the buyer.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub shipment_status: String,
    /// What comes back.
    #[serde(deserialize_with = "listed")]
    pub items: Records<ReturnItem>,
}

impl Record for Return {
    const NAME: &'static [&'static str] = &["id"];
}

/// A good that comes back.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnItem {
    /// The seller's SKU.
    pub shop_sku: Id,
    /// Units.
    #[serde(deserialize_with = "number")]
    pub count: u32,
}

impl Record for ReturnItem {
    const NAME: &'static [&'static str] = &["shopSku"];
}
