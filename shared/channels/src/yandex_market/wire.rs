//! The Market's JSON as it is: the fields that Edin needs. Source: github.com/yandex-market/yandex-market-partner-api, 2026-07-17, and
//! github.com/yandex-market/yandex-market-notification-api, 2026-04-20.
//!
//! Its enumerations grow without notice, so they are texts here. Of buyers nothing is read.

mod order;
mod returns;
mod stock;

pub use order::{Item, Order, Orders, Price, Prices, UnitStatus};
pub use returns::{Return, ReturnItem, Returns};
pub use stock::{Offer, ShelfQuery, Shelves, StockCount, StockRow, StockRowItem, StockWrite, Warehouse};

use std::fmt::Display;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};

use crate::kit::tolerant::{Id, Record, Records, or_absent, text_or_absent, texts_or_absent};

/// What every notification has.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Its type, such as `ORDER_CREATED`.
    pub notification_type: String,
}

/// Of which order a notification is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfOrder {
    /// The order.
    pub order_id: Id,
}

/// Whose a notification is: those of orders name the shop, the others the cabinet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Whose {
    /// The shop.
    #[serde(default)]
    pub campaign_id: Id,
    /// The cabinet.
    #[serde(default)]
    pub business_id: Id,
}

/// An answer of `/v2`.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct Answer<T> {
    /// What was asked for.
    pub result: T,
}

/// Where the next page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    /// What to ask for it with; empty if this is the last one.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub next_page_token: String,
}

impl Paging {
    /// What to ask for the next page with, if there is one.
    #[must_use]
    pub fn next(self) -> Option<String> {
        Some(self.next_page_token).filter(|token| !token.is_empty())
    }
}

/// Whether an answer says yes, and what is wrong if it doesn't.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Verdict {
    /// `OK` or `ERROR`.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub status: String,
    /// What is wrong.
    #[serde(default, deserialize_with = "or_absent")]
    pub errors: Records<Problem>,
}

/// Something that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// A word, such as `BAD_REQUEST`.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub code: String,
    /// The Market's words.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub message: String,
}

impl Record for Problem {
    const NAME: &'static [&'static str] = &["code"];
}

/// What `/v2/auth/token` says of a key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The key.
    pub api_key: ApiKey,
}

/// A key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// What it opens, such as `ALL_METHODS`.
    #[serde(default, deserialize_with = "texts_or_absent")]
    pub auth_scopes: Vec<String>,
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
