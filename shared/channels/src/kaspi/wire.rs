//! Kaspi's JSON:API as it is: only what Edin reads. Statuses, states and reasons stay open texts.

use edin_domain::{Personal, Timestamp};
use serde::Deserialize;

use crate::tolerant::Decimal;

/// A page of orders: `GET /v2/orders` (`api/orders/q3201`).
#[derive(Debug, Deserialize)]
pub struct Orders {
    /// The orders.
    pub data: Vec<OrderResource>,
    /// What belongs to them: their entries, if asked for.
    #[serde(default)]
    pub included: Vec<Entry>,
    /// How many pages there are.
    #[serde(default)]
    pub meta: Meta,
}

/// A page of an order's entries: `GET /v2/orders/{id}/entries` (`api/orders/q3203`).
#[derive(Debug, Deserialize)]
pub struct Entries {
    /// The entries.
    pub data: Vec<Entry>,
    /// How many pages there are.
    #[serde(default)]
    pub meta: Meta,
}

/// What a page says about all of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Pages in all.
    pub page_count: Option<usize>,
}

/// An order.
#[derive(Debug, Deserialize)]
pub struct OrderResource {
    /// Opaque; what paths and changes name the order by.
    pub id: String,
    /// What is said of it.
    pub attributes: Order,
    /// What belongs to it.
    #[serde(default)]
    pub relationships: Relationships,
}

/// What is said of an order. Dates are milliseconds since the epoch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The number that seller and buyer know it by.
    pub code: String,
    /// How far it is: `APPROVED_BY_BANK`, `ACCEPTED_BY_MERCHANT`, …
    pub status: String,
    /// In tenge.
    #[serde(default)]
    pub total_price: Decimal,
    /// Whether the buyer still has to sign for a credit.
    pub signature_required: Option<bool>,
    /// Who bought.
    pub customer: Option<Customer>,
    /// Where it goes.
    pub delivery_address: Option<Address>,
    /// The seller's warehouse, such as `30000001_PP1`.
    pub pickup_point_id: Option<String>,
    /// Whether Kaspi's courier carries it, or the seller.
    pub is_kaspi_delivery: Option<bool>,
    /// How Kaspi's courier fares.
    pub kaspi_delivery: Option<Delivery>,
    /// When the buyer ordered.
    pub creation_date: Option<Timestamp>,
    /// When the bank let it pass.
    pub approved_by_bank_date: Option<Timestamp>,
    /// When the buyer got it. Observed; not in the guide.
    pub completion_date: Option<Timestamp>,
}

/// Who bought.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Observed to be the telephone number in Base64: as personal as the number.
    pub id: Option<Personal<String>>,
    /// The whole name; often null.
    pub name: Option<Personal<String>>,
    /// Ten digits; observed as zeros where Kaspi hides it.
    pub cell_phone: Option<Personal<String>>,
    /// The first name.
    pub first_name: Option<Personal<String>>,
    /// The last name.
    pub last_name: Option<Personal<String>>,
}

/// Where an order goes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// In one line.
    pub formatted_address: Option<Personal<String>>,
}

/// How Kaspi's courier fares.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// When the courier took it over.
    pub courier_transmission_date: Option<Timestamp>,
    /// Whether it is back at the seller's.
    pub returned_to_warehouse: Option<bool>,
}

/// What belongs to an order.
#[derive(Debug, Default, Deserialize)]
pub struct Relationships {
    /// Its entries.
    pub entries: Option<Relationship>,
}

/// Resources that are named here and told elsewhere.
#[derive(Debug, Deserialize)]
pub struct Relationship {
    /// Their names; absent unless asked for.
    pub data: Option<Vec<Reference>>,
}

/// The name of a resource.
#[derive(Debug, Deserialize)]
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
}

/// What is said of one good of an order.
#[derive(Debug, Clone, Deserialize)]
pub struct EntryAttributes {
    /// Which good.
    pub offer: Option<Offer>,
    /// Pieces.
    #[serde(default)]
    pub quantity: Decimal,
}

/// A good.
#[derive(Debug, Clone, Deserialize)]
pub struct Offer {
    /// The seller's SKU, as in the price list.
    pub code: String,
}

/// A refusal.
#[derive(Debug, Deserialize)]
pub struct Errors {
    /// What is wrong.
    pub errors: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// In words.
    pub title: String,
}
