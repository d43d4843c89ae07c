//! What warehouses have.

use serde::{Deserialize, Serialize};

use super::number;
use crate::kit::tolerant::{Id, Record, Records, flag, listed, or_absent, or_default, text_or_absent};

/// A request of `/v2/products/stocks`.
#[derive(Debug, Clone, Serialize)]
pub struct StockWrite {
    /// At most 100.
    pub stocks: Vec<StockItem>,
}

/// A number of a good at a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockItem {
    /// The seller's article; wins over `product_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<String>,
    /// Ozon's id of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<i64>,
    /// Units that can still be sold, without what buyers reserved.
    pub stock: u32,
    /// The warehouse.
    pub warehouse_id: i64,
}

/// What became of a number.
#[derive(Debug, Clone, Deserialize)]
pub struct StockResult {
    /// The seller's article.
    #[serde(default)]
    pub offer_id: Id,
    /// Ozon's id of the card.
    #[serde(default)]
    pub product_id: Id,
    /// Whether it was taken.
    #[serde(default, deserialize_with = "flag")]
    pub updated: bool,
    /// Why not.
    #[serde(default)]
    pub errors: Records<StockError>,
}

impl Record for StockResult {
    const NAME: &'static [&'static str] = &["offer_id"];
}

/// Why a number wasn't taken.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct StockError {
    /// Ozon's code.
    #[serde(default, deserialize_with = "or_absent")]
    pub code: Id,
    /// Ozon's words.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub message: String,
}

impl Record for StockError {
    const NAME: &'static [&'static str] = &["code"];
}

/// A page of `/v1/product/info/warehouse/stocks`.
#[derive(Debug, Clone, Deserialize)]
pub struct WarehouseStocks {
    /// The goods.
    #[serde(deserialize_with = "listed")]
    pub stocks: Records<WarehouseStock>,
    /// Where the next page begins.
    #[serde(default, deserialize_with = "or_default")]
    pub cursor: String,
    /// Whether there is one.
    #[serde(default, deserialize_with = "flag")]
    pub has_next: bool,
}

/// What a warehouse shows of a good.
#[derive(Debug, Clone, Deserialize)]
pub struct WarehouseStock {
    /// The seller's article.
    #[serde(default)]
    pub offer_id: Id,
    /// Ozon's id of the card.
    #[serde(default)]
    pub product_id: Id,
    /// Ozon's id of the good in its shop.
    #[serde(default)]
    pub sku: Id,
    /// Units that can still be sold: what was told less what is reserved.
    #[serde(deserialize_with = "number")]
    pub free_stock: i64,
}

impl Record for WarehouseStock {
    const NAME: &'static [&'static str] = &["offer_id"];
}
