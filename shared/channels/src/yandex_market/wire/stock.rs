//! What a shop has: told by `PUT`, shown by `POST /v2/campaigns/{campaignId}/offers/stocks`.

use serde::{Deserialize, Serialize};

use super::number;
use crate::kit::tolerant::{Id, Record, Records, listed, text_or_absent};

/// A write of stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockWrite<'a> {
    /// At most 2,000, of which no two are of one SKU.
    pub skus: Vec<StockRow<'a>>,
}

/// A number of a good. Without a time of its own the Market takes it for one of when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockRow<'a> {
    /// The seller's SKU.
    pub sku: &'a str,
    /// Exactly one.
    pub items: [StockRowItem; 1],
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StockRowItem {
    /// Units that can be ordered.
    pub count: u32,
}

/// A question for what is shown of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShelfQuery<'a> {
    /// At most 500; the answer has all of them and no pages.
    pub offer_ids: &'a [&'a str],
}

/// What is shown.
#[derive(Debug, Clone, Deserialize)]
pub struct Shelves {
    /// By warehouse: the seller's, and the Market's for returns that nobody took home.
    #[serde(deserialize_with = "listed")]
    pub warehouses: Records<Warehouse>,
}

/// What a warehouse has.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warehouse {
    /// Its number.
    pub warehouse_id: Id,
    /// By good.
    #[serde(deserialize_with = "listed")]
    pub offers: Records<Offer>,
}

impl Record for Warehouse {
    const NAME: &'static [&'static str] = &["warehouseId"];
}

/// What there is of a good.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The seller's SKU.
    pub offer_id: Id,
    /// By what may be done with it.
    #[serde(deserialize_with = "listed")]
    pub stocks: Records<StockCount>,
}

impl Record for Offer {
    const NAME: &'static [&'static str] = &["offerId"];
}

/// Units.
#[derive(Debug, Clone, Deserialize)]
pub struct StockCount {
    /// Which: `AVAILABLE` can be ordered, `FREEZE` is reserved, `FIT` is both.
    #[serde(rename = "type", default, deserialize_with = "text_or_absent")]
    pub kind: String,
    /// How many.
    #[serde(deserialize_with = "number")]
    pub count: i64,
}

impl Record for StockCount {
    const NAME: &'static [&'static str] = &["type"];
}
