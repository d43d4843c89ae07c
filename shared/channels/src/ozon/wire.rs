//! Ozon's JSON as it is: the fields that Edin needs. Source: docs.ozon.ru/api/seller, 2026-04-30 to 2026-10-01.
//!
//! Ozon writes ids as numbers in objects and as texts in lists, absent things as null, dates as empty texts, prices in
//! three ways, and answers bare or wrapped in `result`. Its enumerations grow without notice, so they are texts here.

mod posting;
mod returns;
mod stock;

pub use posting::{
    Address, Addressee, Cancellation, Customer, DeliveryMethod, Posting, PostingPush, Postings, Price, Product,
};
pub use returns::{Logistic, Return, ReturnedProduct, Returns, Visual, VisualStatus};
pub use stock::{StockError, StockItem, StockResult, StockWrite, WarehouseStock, WarehouseStocks};

use std::fmt::Display;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::kit::tolerant::{
    Happened, Id, Moment, Record, Records, flag, listed, or_absent, text_or_absent, texts_or_absent,
};

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
    #[serde(default, deserialize_with = "or_absent")]
    pub expires_at: Moment,
    /// What it may do.
    #[serde(default)]
    pub roles: Records<Role>,
}

/// A role of a key.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    /// Its name, such as `Admin`.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub name: String,
    /// The paths that it opens.
    #[serde(default, deserialize_with = "texts_or_absent")]
    pub methods: Vec<String>,
}

impl Record for Role {
    const NAME: &'static [&'static str] = &["name"];
}

/// The answer of `/v1/notification/list`: where pushes go.
#[derive(Debug, Clone, Deserialize)]
pub struct Notifications {
    /// The addresses.
    #[serde(deserialize_with = "listed")]
    pub urls: Records<NotificationUrl>,
}

/// An address that pushes go to.
#[derive(Debug, Clone, Deserialize)]
pub struct NotificationUrl {
    /// The address.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub url: String,
    /// Whether anything is pushed to it.
    #[serde(deserialize_with = "flag")]
    pub enable: bool,
    /// How Ozon finds it, such as "unstable"; since 2026-09-02.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub availability_status: String,
    /// Why nothing is pushed to it any more; since 2026-09-02.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub disable_reason: String,
}

impl Record for NotificationUrl {
    const NAME: &'static [&'static str] = &["id"];
}

/// An answer that says no.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Problem {
    /// A number or a word.
    #[serde(default, deserialize_with = "or_absent")]
    pub code: Id,
    /// Ozon's words.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub message: String,
}

/// A date and time, null or an empty text. Unlike a [`Moment`], anything else is an error: for a time that decides.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
    match Happened::deserialize(deserializer)? {
        Happened::No => Ok(Moment(None)),
        Happened::At(at) => Ok(Moment(Some(at))),
        Happened::Sometime => Err(D::Error::custom("it is no date and time")),
    }
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
