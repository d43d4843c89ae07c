//! Orders, as `GET /orders` lists them.

use edin_domain::{Personal, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::kit::tolerant::{
    Decimal, Id, Record, Records, listed, or_absent, or_default, personal_or_absent, text_or_absent,
};

/// A page of orders.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Orders {
    /// The orders.
    #[serde(deserialize_with = "listed")]
    pub orders: Records<Order>,
}

/// An order.
#[derive(Debug, Clone, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: Id,
    /// Where it stands.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub status: String,
    /// What its sums are in.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub currency: String,
    /// What the buyer owes.
    #[serde(default, deserialize_with = "or_absent")]
    pub total: Decimal,
    /// When the buyer ordered.
    #[serde(default)]
    pub date_created_gmt: Utc,
    /// When it changed last.
    #[serde(default)]
    pub date_modified_gmt: Utc,
    /// When it was paid.
    #[serde(default)]
    pub date_paid_gmt: Utc,
    /// When it was completed, the last time if that was undone.
    #[serde(default)]
    pub date_completed_gmt: Utc,
    /// Who pays.
    #[serde(default, deserialize_with = "or_absent")]
    pub billing: Billing,
    /// What is in it.
    #[serde(deserialize_with = "listed")]
    pub line_items: Records<Line>,
}

impl Record for Order {
    const NAME: &'static [&'static str] = &["id"];
}

/// Who pays for an order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Billing {
    /// A name.
    #[serde(deserialize_with = "personal_or_absent")]
    pub first_name: Personal<String>,
    /// The other one.
    #[serde(deserialize_with = "personal_or_absent")]
    pub last_name: Personal<String>,
    /// As the buyer wrote it.
    #[serde(deserialize_with = "personal_or_absent")]
    pub email: Personal<String>,
    /// As the buyer wrote it.
    #[serde(deserialize_with = "personal_or_absent")]
    pub phone: Personal<String>,
}

/// A good in an order.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// Its number, which it keeps while the order is edited.
    pub id: Id,
    /// The product; none, or 0, if it is none of the shop's.
    #[serde(default, deserialize_with = "or_default")]
    pub product_id: Id,
    /// The variation of it; 0 if it has none.
    #[serde(default, deserialize_with = "or_default")]
    pub variation_id: Id,
    /// The seller's SKU, as it is now.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub sku: String,
    /// Units. Those that were given back are still among them.
    #[serde(deserialize_with = "number")]
    pub quantity: u32,
    /// What the shop and its plugins note.
    #[serde(default, deserialize_with = "or_absent")]
    pub meta_data: Records<Meta>,
}

impl Record for Line {
    const NAME: &'static [&'static str] = &["id"];
}

/// A note at a line.
#[derive(Debug, Clone, Deserialize)]
pub struct Meta {
    /// Its name.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub key: String,
    /// What it says; empty if that is neither a text nor a number.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub value: String,
}

impl Record for Meta {
    const NAME: &'static [&'static str] = &["key"];
}

/// A time in UTC that doesn't say so: `2026-11-27T23:59:05`. What can't be read is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Utc(pub Option<Timestamp>);

impl<'de> Deserialize<'de> for Utc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text_or_absent(deserializer)?;
        Ok(Self(Timestamp::parse(&text).or_else(|| Timestamp::parse(&format!("{text}Z")))))
    }
}

/// A whole number that comes as a number or as a text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let Id(digits) = Id::deserialize(deserializer)?;
    digits.parse().map_err(|_| D::Error::custom("it is no whole number of units"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_of_utc_whether_it_says_so_or_not() {
        let read = |json: &str| serde_json::from_str::<Utc>(json).unwrap().0.map(|at| at.to_string());
        for same in [r#""2026-11-27T23:59:05""#, r#""2026-11-27T23:59:05Z""#, r#""2026-11-28T02:59:05+03:00""#] {
            assert_eq!(read(same).as_deref(), Some("2026-11-27T23:59:05Z"), "{same}");
        }
        for none in ["null", r#""""#, r#""yesterday""#, "7", "[]"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
