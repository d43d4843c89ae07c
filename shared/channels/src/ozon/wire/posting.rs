//! Postings: pushed, listed and read one by one.

use edin_domain::Personal;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::value::RawValue;

use super::number;
use crate::kit::tolerant::{
    Decimal, Id, Moment, Record, Records, flag, listed, or_absent, or_default, personal_or_absent, text_or_absent,
};

/// The pushes of a posting: `TYPE_NEW_POSTING`, `TYPE_POSTING_CANCELLED`, `TYPE_STATE_CHANGED`.
#[derive(Debug, Clone, Deserialize)]
pub struct PostingPush {
    /// The posting.
    pub posting_number: String,
    /// Where it is shipped from; 0 if not told.
    #[serde(default)]
    pub warehouse_id: Id,
    /// What is in it; a state change tells none.
    #[serde(default)]
    pub products: Records<Product>,
    /// When Ozon began to process it; may be empty where payment is late.
    #[serde(default, deserialize_with = "or_absent")]
    pub in_process_at: Moment,
    /// The state before a cancellation.
    #[serde(default, deserialize_with = "or_default")]
    pub old_state: String,
    /// The state now.
    #[serde(default, deserialize_with = "or_default")]
    pub new_state: String,
    /// Since when.
    #[serde(default, deserialize_with = "or_absent")]
    pub changed_state_date: Moment,
}

/// A good in a posting.
#[derive(Debug, Clone, Deserialize)]
pub struct Product {
    /// Ozon's id of the good in its shop.
    pub sku: Id,
    /// The seller's article; a cancellation push has none.
    #[serde(default, deserialize_with = "or_absent")]
    pub offer_id: Id,
    /// Units.
    #[serde(deserialize_with = "number")]
    pub quantity: u32,
    /// What one unit costs the buyer; pushes have none.
    #[serde(default, deserialize_with = "or_absent")]
    pub price: Price,
    /// The currency, where `price` doesn't carry it.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub currency_code: String,
}

impl Record for Product {
    const NAME: &'static [&'static str] = &["offer_id"];
}

/// A price: `{"amount":"1530","currency":"RUB"}` in lists, `"1530.0000"` in `/v3/posting/fbs/get`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Price {
    /// The amount.
    pub amount: Decimal,
    /// The currency; empty if it stands beside the price.
    pub currency: String,
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Amount {
            #[serde(default)]
            amount: Decimal,
            #[serde(default, deserialize_with = "or_default")]
            currency: String,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let price = match raw.get().starts_with('{') {
            true => serde_json::from_str(raw.get()).map(|Amount { amount, currency }| Self { amount, currency }),
            false => serde_json::from_str(raw.get()).map(|amount| Self { amount, currency: String::new() }),
        };
        price.map_err(D::Error::custom)
    }
}

/// A page of `/v4/posting/fbs/list` or `/v4/posting/fbs/unfulfilled/list`.
#[derive(Debug, Clone, Deserialize)]
pub struct Postings {
    /// The postings.
    #[serde(deserialize_with = "listed")]
    pub postings: Records<Posting>,
    /// Where the next page begins.
    #[serde(default, deserialize_with = "or_default")]
    pub cursor: String,
    /// Whether there is one.
    #[serde(default, deserialize_with = "flag")]
    pub has_next: bool,
}

/// A posting.
#[derive(Debug, Clone, Deserialize)]
pub struct Posting {
    /// Its number, such as `0132112277-0101-1`.
    pub posting_number: String,
    /// The posting that it was split from; empty or its own number if none.
    #[serde(default, deserialize_with = "or_default")]
    pub parent_posting_number: String,
    /// Where it stands.
    pub status: String,
    /// When Ozon began to process it.
    #[serde(default, deserialize_with = "or_absent")]
    pub in_process_at: Moment,
    /// When it was handed over for delivery.
    #[serde(default, deserialize_with = "or_absent")]
    pub delivering_date: Moment,
    /// Who delivers: `ozon`, `aggregator`, `3pl_tracking`, `non_integrated`, …
    #[serde(default, deserialize_with = "text_or_absent")]
    pub tpl_integration_type: String,
    /// How it is delivered.
    #[serde(default, deserialize_with = "or_default")]
    pub delivery_method: DeliveryMethod,
    /// What is in it.
    #[serde(default)]
    pub products: Records<Product>,
    /// How it was cancelled, if it was.
    #[serde(default, deserialize_with = "or_default")]
    pub cancellation: Cancellation,
    /// The buyer; rFBS only.
    #[serde(default, deserialize_with = "or_absent")]
    pub customer: Option<Customer>,
    /// Who receives it; rFBS only.
    #[serde(default, deserialize_with = "or_absent")]
    pub addressee: Option<Addressee>,
}

impl Record for Posting {
    const NAME: &'static [&'static str] = &["posting_number"];
}

/// How a posting is delivered.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DeliveryMethod {
    /// Where it is shipped from.
    #[serde(default)]
    pub warehouse_id: Id,
}

/// How a posting was cancelled.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Cancellation {
    /// Whether it was packed by then.
    #[serde(default, deserialize_with = "flag")]
    pub cancelled_after_ship: bool,
}

/// Who bought.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Customer {
    /// Ozon's id of the buyer.
    #[serde(default, deserialize_with = "or_absent")]
    pub customer_id: Id,
    /// The name.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub name: Personal<String>,
    /// A substitute number.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub phone: Personal<String>,
    /// The e-mail address; lists only.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub customer_email: Personal<String>,
    /// Where to deliver to.
    #[serde(default, deserialize_with = "or_absent")]
    pub address: Address,
}

/// Where to deliver to.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Address {
    /// Postal code.
    #[serde(default, deserialize_with = "or_absent")]
    pub zip_code: Id,
    /// Region.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub region: String,
    /// District.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub district: String,
    /// City.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub city: String,
    /// Street, house, flat.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub address_tail: Personal<String>,
}

/// Who receives a posting.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Addressee {
    /// The name.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub name: Personal<String>,
    /// A substitute number.
    #[serde(default, deserialize_with = "personal_or_absent")]
    pub phone: Personal<String>,
}
