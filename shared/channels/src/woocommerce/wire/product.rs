//! Products and variations, as they are read, and as stock is written to them.

use serde::{Deserialize, Serialize};

use super::Problem;
use crate::kit::tolerant::{Decimal, Id, Record, Records, listed, or_absent, or_default, text_or_absent};

/// A page of products, or of a product's variations.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Products {
    /// The products.
    #[serde(deserialize_with = "listed")]
    pub products: Records<Product>,
}

/// A product or a variation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Product {
    /// Its number.
    pub id: Id,
    /// How many there are; empty where the shop doesn't count them, below zero where more was sold.
    #[serde(default, deserialize_with = "or_default")]
    pub stock_quantity: Decimal,
    /// `instock`, `outofstock` or `onbackorder`.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub stock_status: String,
}

impl Record for Product {
    const NAME: &'static [&'static str] = &["id"];
}

/// A write of stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockWrite {
    /// What to show.
    pub update: Vec<StockRow>,
}

/// What a product or a variation shall show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockRow {
    /// Its number.
    pub id: u64,
    /// That the shop counts it: otherwise it drops the number.
    pub manage_stock: bool,
    /// How many there are.
    pub stock_quantity: u32,
    /// Whether it can be bought: `instock` or `outofstock`.
    pub stock_status: &'static str,
}

/// What a write is answered with.
#[derive(Debug, Clone, Deserialize)]
pub struct Written {
    /// A record for each row.
    #[serde(deserialize_with = "listed")]
    pub update: Records<Answered>,
}

/// What became of a row: the product as it is now, or what is wrong.
#[derive(Debug, Clone, Deserialize)]
pub struct Answered {
    /// Which.
    pub id: Id,
    /// How many it says there are.
    #[serde(default, deserialize_with = "or_default")]
    pub stock_quantity: Decimal,
    /// What is wrong, if something is.
    #[serde(default, deserialize_with = "or_absent")]
    pub error: Option<Problem>,
}

impl Record for Answered {
    const NAME: &'static [&'static str] = &["id"];
}
