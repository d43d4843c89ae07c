//! Wildberries' JSON, as far as Edin reads or writes it.
//!
//! Source: dev.wildberries.ru/openapi/orders-fbs and dev.wildberries.ru/openapi/work-with-products, 2026-08-18.
//! Statuses and error codes stay texts: the documented lists contradict their own prose and grow without notice.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use crate::kit::tolerant::{
    Decimal, Id, Moment, Record, Records, flag, listed, or_absent, or_default, text_or_absent, texts_or_absent,
};

/// `GET /api/v3/orders/new` and `GET /api/v3/orders`.
#[derive(Debug, Deserialize)]
pub struct Orders {
    /// Where the next page begins; zero, null or absent if there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub next: i64,
    /// The orders.
    #[serde(deserialize_with = "listed")]
    pub orders: Records<Order>,
}

/// An assembly order: one unit of one good.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Order {
    /// The id by which Marketplace methods name it.
    pub id: Id,
    /// The id by which reports name it, there called `srid`.
    #[serde(deserialize_with = "text_or_absent")]
    pub rid: String,
    /// RFC 3339, UTC.
    #[serde(deserialize_with = "or_absent")]
    pub created_at: Moment,
    /// The seller's warehouse.
    pub warehouse_id: Id,
    /// The size of the card that was sold.
    pub chrt_id: Id,
    /// The seller's own article.
    #[serde(deserialize_with = "text_or_absent")]
    pub article: String,
    /// Barcodes.
    #[serde(deserialize_with = "texts_or_absent")]
    pub skus: Vec<String>,
    /// In hundredths of the currency of the sale.
    #[serde(deserialize_with = "or_absent")]
    pub price: Option<i64>,
    /// ISO 4217 number of the currency of the sale.
    #[serde(deserialize_with = "or_absent")]
    pub currency_code: Option<u16>,
    /// In hundredths of the currency of the seller's country.
    #[serde(deserialize_with = "or_absent")]
    pub converted_price: Option<i64>,
    /// ISO 4217 number of the currency of the seller's country.
    #[serde(deserialize_with = "or_absent")]
    pub converted_currency_code: Option<u16>,
    /// Whether it was sold while the stock was zero.
    #[serde(deserialize_with = "flag_or_absent")]
    pub is_zero_order: bool,
}

impl Record for Order {
    const NAME: &'static [&'static str] = &["id"];
}

/// A flag that changes nothing that is reserved.
fn flag_or_absent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Default, Deserialize)]
    struct Flag(#[serde(deserialize_with = "flag")] bool);
    or_absent(deserializer).map(|Flag(told)| told)
}

/// The body of `POST /api/v3/orders/status`: at most 1000 ids.
#[derive(Debug, Serialize)]
pub struct StatusQuery<'a> {
    /// Ids of assembly orders.
    pub orders: &'a [u64],
}

/// Its answer.
#[derive(Debug, Deserialize)]
pub struct Statuses {
    /// One for each order that it knows.
    #[serde(deserialize_with = "listed")]
    pub orders: Records<Status>,
}

/// How an assembly order stands, without the time since when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    /// The assembly order.
    pub id: Id,
    /// What the seller did with it: `new`, `confirm`, `complete`, `cancel`…
    #[serde(deserialize_with = "text_or_absent")]
    pub supplier_status: String,
    /// What Wildberries did with it: `waiting`, `sorted`, `sold`, `canceled`…
    #[serde(deserialize_with = "text_or_absent")]
    pub wb_status: String,
}

impl Record for Status {
    const NAME: &'static [&'static str] = &["id"];
}

/// The body of `PUT /api/v3/stocks/{warehouseId}`: at most 1000 rows.
#[derive(Debug, Serialize)]
pub struct StockWrite {
    /// Absolute numbers.
    pub stocks: Vec<Stock>,
}

/// The number that a warehouse has of a good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Deserialize)]
pub struct Stocks {
    /// What there is.
    #[serde(deserialize_with = "listed")]
    pub stocks: Records<SeenStock>,
}

/// The number that a warehouse shows of a good.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenStock {
    /// The size of the card.
    pub chrt_id: Id,
    /// Units.
    #[serde(deserialize_with = "units")]
    pub amount: u32,
}

impl Record for SeenStock {
    const NAME: &'static [&'static str] = &["chrtId"];
}

fn units<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let Decimal(digits) = Decimal::deserialize(deserializer)?;
    digits.parse().map_err(D::Error::custom)
}

/// One of the reasons in the array with which a stock write is refused (409).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Conflict {
    /// Such as `CargoWarehouseRestrictionMGT`.
    #[serde(deserialize_with = "text_or_absent")]
    pub code: String,
    /// In words.
    #[serde(deserialize_with = "text_or_absent")]
    pub message: String,
    /// The rows that it is about; `ProductPropertyConflict` and `StoreIsProcessing` name none.
    #[serde(deserialize_with = "or_absent")]
    pub data: Option<Vec<NamedRow>>,
}

impl Record for Conflict {
    const NAME: &'static [&'static str] = &["code"];
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
    #[serde(deserialize_with = "text_or_absent")]
    pub code: String,
    /// In words.
    #[serde(deserialize_with = "text_or_absent")]
    pub message: String,
    /// In words.
    #[serde(deserialize_with = "text_or_absent")]
    pub title: String,
    /// In more words.
    #[serde(deserialize_with = "text_or_absent")]
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
#[derive(Debug, Deserialize)]
pub struct Cards {
    /// At most as many as asked for.
    #[serde(deserialize_with = "listed")]
    pub cards: Records<CardOnWire>,
    /// Where the next page begins.
    #[serde(default)]
    pub cursor: CardsEnd,
}

/// A card: one colour of a good.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CardOnWire {
    /// The seller's own article.
    #[serde(rename = "vendorCode", deserialize_with = "text_or_absent")]
    pub vendor_code: String,
    /// At least one, also for a good that has no sizes.
    pub sizes: Records<Size>,
}

impl Record for CardOnWire {
    const NAME: &'static [&'static str] = &["nmID"];
}

/// A size of a card: what is sold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Size {
    /// Its number; orders and stock spell it `chrtId`.
    #[serde(rename = "chrtID")]
    pub chrt_id: Id,
    /// Barcodes.
    #[serde(deserialize_with = "texts_or_absent")]
    pub skus: Vec<String>,
}

impl Record for Size {
    const NAME: &'static [&'static str] = &["chrtID"];
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
