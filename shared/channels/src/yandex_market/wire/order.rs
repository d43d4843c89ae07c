//! Orders, as `POST /v1/businesses/{businessId}/orders` lists them.

use serde::Deserialize;

use super::{Paging, number};
use crate::kit::tolerant::{Decimal, Id, Moment, Record, Records, flag, listed, or_absent, text_or_absent};

/// A page of orders.
#[derive(Debug, Clone, Deserialize)]
pub struct Orders {
    /// The orders.
    #[serde(deserialize_with = "listed")]
    pub orders: Records<Order>,
    /// Where the next page begins.
    #[serde(default, deserialize_with = "or_absent")]
    pub paging: Paging,
}

/// An order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its number.
    pub order_id: Id,
    /// How it is sold: `FBS`, `DBS`, `EXPRESS`; `FBY` and `LAAS` where the goods lie at the Market's.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub program_type: String,
    /// Where it stands.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub status: String,
    /// Where it stands within that, or why it was called off.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub substatus: String,
    /// When the buyer ordered.
    #[serde(default, deserialize_with = "or_absent")]
    pub creation_date: Moment,
    /// When it changed last.
    #[serde(default, deserialize_with = "or_absent")]
    pub update_date: Moment,
    /// Whether it is a test and nobody's order.
    #[serde(default, deserialize_with = "flag")]
    pub fake: bool,
    /// What is in it.
    #[serde(deserialize_with = "listed")]
    pub items: Records<Item>,
    /// What it costs.
    #[serde(default, deserialize_with = "or_absent")]
    pub prices: Prices,
}

impl Record for Order {
    const NAME: &'static [&'static str] = &["orderId"];
}

/// A good in an order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The seller's SKU.
    pub offer_id: Id,
    /// Units.
    #[serde(deserialize_with = "number")]
    pub count: u32,
    /// How many of them are where; absent where the Market doesn't know.
    #[serde(default)]
    pub item_statuses: Records<UnitStatus>,
}

impl Record for Item {
    const NAME: &'static [&'static str] = &["offerId"];
}

/// Units of a good of which the same is true.
#[derive(Debug, Clone, Deserialize)]
pub struct UnitStatus {
    /// What: `CREATED`, `SHIPPED`, `CANCELLED`, `DELIVERED_TO_BUYER`, `LOST`, `REJECTED` or `RETURNED`.
    pub status: String,
    /// How many.
    #[serde(deserialize_with = "number")]
    pub count: u32,
}

impl Record for UnitStatus {
    const NAME: &'static [&'static str] = &["status"];
}

/// What an order costs.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Prices {
    /// What the buyer pays.
    #[serde(default, deserialize_with = "or_absent")]
    pub payment: Option<Price>,
}

/// A sum.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// How much.
    pub value: Decimal,
    /// Of what: `RUR`, where others write `RUB`; else as ISO 4217 has it.
    pub currency_id: String,
}
