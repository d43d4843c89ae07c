//! Ozon's JSON as it is: the fields that Edin needs. Source: docs.ozon.ru/api/seller, 2026-04-30 to 2026-10-01.
//!
//! Ozon writes ids as numbers in objects and as texts in lists, absent things as null, dates as empty texts, prices in
//! three ways. Its enumerations grow without notice, so they are texts here.

mod posting;
mod returns;
mod stock;

pub use posting::{
    Address, Addressee, Cancellation, Customer, DeliveryMethod, OnePosting, Posting, PostingPush, Postings, Price,
    Product,
};
pub use returns::{Logistic, Return, ReturnedProduct, Returns, Visual, VisualStatus};
pub use stock::{StockError, StockItem, StockResult, StockWrite, StockWritten, WarehouseStock, WarehouseStocks};

use std::fmt::Display;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::tolerant::{Id, Moment};

/// What every push has.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    /// Its type, such as `TYPE_NEW_POSTING`.
    pub message_type: String,
}

/// Whose a push is.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Whose {
    /// The seller's number, the same that calls send as `Client-Id`; a number in pushes of postings, a text in those of chats.
    #[serde(default)]
    pub seller_id: Id,
}

/// The answer of `/v1/roles`.
#[derive(Debug, Clone, Deserialize)]
pub struct Roles {
    /// When the key stops working.
    #[serde(default)]
    pub expires_at: Moment,
    /// What it may do.
    #[serde(default, deserialize_with = "or_default")]
    pub roles: Vec<Role>,
}

/// A role of a key.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    /// Its name, such as `Admin`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The paths that it opens.
    #[serde(default, deserialize_with = "or_default")]
    pub methods: Vec<String>,
}

/// An answer that says no.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Problem {
    /// A number or a word.
    #[serde(default)]
    pub code: Id,
    /// Ozon's words.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
}

/// A value that may be null.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A whole number that comes as a number or as a text.
fn number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let Id(digits) = Id::deserialize(deserializer)?;
    digits.parse().map_err(|error| D::Error::custom(format!("{digits:?}: {error}")))
}
