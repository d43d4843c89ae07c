//! Kaspi's JSON:API as it is: only what Edin reads. Statuses, states and reasons stay open texts.

use edin_domain::Personal;
use serde::Deserialize;
use serde_json::Value;

use crate::kit::tolerant::{
    Decimal, Happened, Id, Record, Records, flag, listed, or_absent, or_default, personal_or_absent, text_or_absent,
};

/// A page of orders: `GET /v2/orders` (`api/orders/q3201`).
#[derive(Debug, Deserialize)]
pub struct Orders {
    /// The orders.
    #[serde(deserialize_with = "listed")]
    pub data: Records<OrderResource>,
    /// What belongs to them: their entries, if asked for.
    #[serde(default)]
    pub included: Records<Entry>,
    /// How many pages there are.
    #[serde(default, deserialize_with = "or_absent")]
    pub meta: Meta,
}

/// A page of an order's entries: `GET /v2/orders/{id}/entries` (`api/orders/q3203`).
#[derive(Debug, Deserialize)]
pub struct Entries {
    /// The entries.
    #[serde(deserialize_with = "listed")]
    pub data: Records<Entry>,
    /// How many pages there are.
    #[serde(default, deserialize_with = "or_absent")]
    pub meta: Meta,
}

/// What a page says about all of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Pages in all.
    #[serde(default, deserialize_with = "or_absent")]
    pub page_count: Option<usize>,
}

/// An order.
#[derive(Debug, Deserialize)]
pub struct OrderResource {
    /// Opaque; what paths and changes name the order by.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub id: String,
    /// What is said of it.
    pub attributes: Order,
    /// What belongs to it.
    #[serde(default, deserialize_with = "or_absent")]
    pub relationships: Relationships,
}

impl Record for OrderResource {
    const NAME: &'static [&'static str] = &["attributes", "code"];
}

/// What is said of an order. Dates are milliseconds since the epoch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The number that seller and buyer know it by.
    pub code: Id,
    /// How far it is: `APPROVED_BY_BANK`, `ACCEPTED_BY_MERCHANT`, …
    pub status: String,
    /// In tenge.
    #[serde(default, deserialize_with = "or_absent")]
    pub total_price: Decimal,
    /// Whether the buyer still has to sign for a credit: null or false if not.
    #[serde(default)]
    pub signature_required: Value,
    /// Who bought.
    #[serde(default, deserialize_with = "or_absent")]
    pub customer: Customer,
    /// Where it goes.
    #[serde(default, deserialize_with = "or_absent")]
    pub delivery_address: Address,
    /// The seller's warehouse, such as `30000001_PP1`.
    #[serde(default)]
    pub pickup_point_id: Id,
    /// Whether Kaspi's courier carries it, or the seller.
    #[serde(default, deserialize_with = "flag")]
    pub is_kaspi_delivery: bool,
    /// How Kaspi's courier fares.
    #[serde(default, deserialize_with = "or_default")]
    pub kaspi_delivery: Delivery,
    /// When the buyer ordered.
    #[serde(default)]
    pub creation_date: Happened,
    /// When the bank let it pass.
    #[serde(default)]
    pub approved_by_bank_date: Happened,
    /// When the buyer got it. Observed; not in the guide.
    #[serde(default)]
    pub completion_date: Happened,
}

/// Who bought.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Observed to be the telephone number in Base64: as personal as the number.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub id: Personal<String>,
    /// The whole name; often null.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub name: Personal<String>,
    /// Ten digits; observed as zeros where Kaspi hides it.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub cell_phone: Personal<String>,
    /// The first name.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub first_name: Personal<String>,
    /// The last name.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub last_name: Personal<String>,
}

/// Where an order goes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// In one line.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub formatted_address: Personal<String>,
}

/// How Kaspi's courier fares.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// When the courier took it over.
    #[serde(default)]
    pub courier_transmission_date: Happened,
    /// Whether it is back at the seller's.
    #[serde(default, deserialize_with = "flag")]
    pub returned_to_warehouse: bool,
}

/// What belongs to an order.
#[derive(Debug, Default, Deserialize)]
pub struct Relationships {
    /// Its entries.
    #[serde(default, deserialize_with = "or_absent")]
    pub entries: Option<Relationship>,
}

/// Resources that are named here and told elsewhere.
#[derive(Debug, Deserialize)]
pub struct Relationship {
    /// Their names; absent unless asked for.
    pub data: Option<Vec<Reference>>,
}

/// The name of a resource.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Reference {
    /// Opaque.
    pub id: String,
}

/// One good of an order.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// Opaque.
    pub id: String,
    /// What is said of it.
    pub attributes: EntryAttributes,
    /// What belongs to it.
    #[serde(default, deserialize_with = "or_absent")]
    pub relationships: EntryRelationships,
}

impl Record for Entry {
    const NAME: &'static [&'static str] = &["id"];
}

/// What is said of one good of an order.
#[derive(Debug, Clone, Deserialize)]
pub struct EntryAttributes {
    /// Which good. The guide's own entries have none, those that were met all had one.
    #[serde(default, deserialize_with = "or_absent")]
    pub offer: Offer,
    /// Pieces.
    #[serde(default)]
    pub quantity: Decimal,
}

/// A good.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Offer {
    /// The seller's SKU, as in the price list; empty if not told.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub code: String,
}

/// What belongs to one good of an order.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EntryRelationships {
    /// Kaspi's card of it.
    #[serde(default, deserialize_with = "or_absent")]
    pub product: OneRelationship,
}

/// One resource that is named here and told elsewhere.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OneRelationship {
    /// Its name.
    #[serde(default, deserialize_with = "or_absent")]
    pub data: Option<Reference>,
}

/// A card, Kaspi's (`GET /v2/orderentries/{id}/product`) or the seller's (`GET /v2/masterproducts/{id}/merchantProduct`).
#[derive(Debug, Deserialize)]
pub struct Card {
    /// The card.
    pub data: CardResource,
}

/// A card.
#[derive(Debug, Deserialize)]
pub struct CardResource {
    /// Opaque.
    pub id: String,
    /// Its `code`: of the seller's card the seller's SKU.
    #[serde(default, deserialize_with = "or_absent")]
    pub attributes: Offer,
}

/// A refusal.
#[derive(Debug, Deserialize)]
pub struct Errors {
    /// What is wrong.
    #[serde(deserialize_with = "listed")]
    pub errors: Records<Problem>,
}

impl Record for Problem {
    const NAME: &'static [&'static str] = &["code"];
}

/// One thing that is wrong.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// In words.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub title: String,
}
