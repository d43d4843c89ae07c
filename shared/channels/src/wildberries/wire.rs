//! Wildberries' JSON, as far as Edin reads or writes it.
//!
//! Source: dev.wildberries.ru/openapi/orders-fbs and dev.wildberries.ru/openapi/work-with-products, 2026-08-18.
//! Statuses and error codes stay texts: the documented lists contradict their own prose and grow without notice.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::tolerant::{Id, Moment};

/// `GET /api/v3/orders/new` and `GET /api/v3/orders`. One order at a time is read, so that a bad one hides no other.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Orders {
    /// Where the next page begins; zero or absent if there is none.
    pub next: i64,
    /// [`Order`]s.
    pub orders: Vec<Box<RawValue>>,
}

/// An assembly order: one unit of one good.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Order {
    /// The id by which Marketplace methods name it.
    pub id: Id,
    /// The id by which reports name it, there called `srid`.
    pub rid: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: Moment,
    /// The seller's warehouse.
    pub warehouse_id: Id,
    /// The size of the card that was sold.
    pub chrt_id: Id,
    /// The seller's own article.
    pub article: Option<String>,
    /// Barcodes.
    pub skus: Option<Vec<String>>,
    /// In hundredths of the currency of the sale.
    pub price: Option<i64>,
    /// ISO 4217 number of the currency of the sale.
    pub currency_code: Option<u16>,
    /// In hundredths of the currency of the seller's country.
    pub converted_price: Option<i64>,
    /// ISO 4217 number of the currency of the seller's country.
    pub converted_currency_code: Option<u16>,
    /// Whether it was sold while the stock was zero.
    pub is_zero_order: Option<bool>,
}

/// The body of `POST /api/v3/orders/status`: at most 1000 ids.
#[derive(Debug, Serialize)]
pub struct StatusQuery<'a> {
    /// Ids of assembly orders.
    pub orders: &'a [u64],
}

/// Its answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Statuses {
    /// One for each order that it knows.
    pub orders: Vec<Status>,
}

/// How an assembly order stands, without the time since when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    /// The assembly order.
    pub id: Id,
    /// What the seller did with it: `new`, `confirm`, `complete`, `cancel`…
    pub supplier_status: String,
    /// What Wildberries did with it: `waiting`, `sorted`, `sold`, `canceled`…
    pub wb_status: String,
}

/// The body of `PUT /api/v3/stocks/{warehouseId}`: at most 1000 rows.
#[derive(Debug, Serialize)]
pub struct StockWrite {
    /// Absolute numbers.
    pub stocks: Vec<Stock>,
}

/// The number that a warehouse has of a good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// The size of the card.
    #[serde(rename = "chrtId")]
    pub chrt_id: u64,
    /// Units, at most 100 000.
    pub amount: u32,
}

/// The body of `POST /api/v3/stocks/{warehouseId}`: at most 1000 ids.
#[derive(Debug, Serialize)]
pub struct StockQuery<'a> {
    /// Sizes of cards.
    #[serde(rename = "chrtIds")]
    pub chrt_ids: &'a [u64],
}

/// Its answer. A good that has nothing may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stocks {
    /// What there is.
    pub stocks: Vec<Stock>,
}

/// One of the reasons in the array with which a stock write is refused (409).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Conflict {
    /// Such as `CargoWarehouseRestrictionMGT`.
    pub code: String,
    /// In words.
    pub message: String,
    /// The rows that it is about; `ProductPropertyConflict` and `StoreIsProcessing` name none.
    pub data: Option<Vec<NamedRow>>,
}

/// A row of the write that a [`Conflict`] names. Its `sku` is out of use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NamedRow {
    /// The size of the card.
    pub chrt_id: Id,
}

/// Any other refusal: `code` and `message`, or `title` and `detail` (`application/problem+json`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// Such as `IncorrectParameter`.
    pub code: String,
    /// In words.
    pub message: String,
    /// In words.
    pub title: String,
    /// In more words.
    pub detail: String,
}

/// The body of `POST /content/v2/get/cards/list`.
#[derive(Debug, Serialize)]
pub struct CardQuery {
    /// All of it.
    pub settings: CardSettings,
}

/// What is asked for.
#[derive(Debug, Serialize)]
pub struct CardSettings {
    /// In which order.
    pub sort: CardSort,
    /// Which cards.
    pub filter: CardFilter,
    /// From where on.
    pub cursor: CardFrom,
}

/// By the time of the last change.
#[derive(Debug, Serialize)]
pub struct CardSort {
    /// The oldest change first: what makes a stored cursor good for the next time.
    pub ascending: bool,
}

/// Which cards.
#[derive(Debug, Serialize)]
pub struct CardFilter {
    /// -1 for all, whatever the default is just now.
    #[serde(rename = "withPhoto")]
    pub with_photo: i8,
}

/// From where on, and how many. The two marks come from the answer before; both are absent at first.
#[derive(Debug, Serialize)]
pub struct CardFrom {
    /// At most 100.
    pub limit: usize,
    /// As it came.
    #[serde(rename = "updatedAt", skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The card that was last.
    #[serde(rename = "nmID", skip_serializing_if = "Option::is_none")]
    pub nm_id: Option<u64>,
}

/// The answer to a [`CardQuery`].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Cards {
    /// At most as many as asked for.
    pub cards: Vec<CardOnWire>,
    /// Where the next page begins.
    pub cursor: CardsEnd,
}

/// A card: one colour of a good.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CardOnWire {
    /// The seller's own article.
    #[serde(rename = "vendorCode")]
    pub vendor_code: String,
    /// At least one, also for a good that has no sizes.
    pub sizes: Vec<Size>,
}

/// A size of a card: what is sold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Size {
    /// Its number; orders and stock spell it `chrtId`.
    #[serde(rename = "chrtID")]
    pub chrt_id: Id,
    /// Barcodes.
    pub skus: Vec<String>,
}

/// Where a page of cards ends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CardsEnd {
    /// When the last card changed.
    #[serde(rename = "updatedAt")]
    pub updated_at: Option<String>,
    /// The last card.
    #[serde(rename = "nmID")]
    pub nm_id: Option<u64>,
    /// Cards on this page.
    pub total: usize,
}
