//! WooCommerce's JSON as it is: the fields that Edin needs. Source: what version 10.0.2 answered on 2026-11-27, and
//! github.com/woocommerce/woocommerce-rest-api-docs.
//!
//! Statuses are texts here: plugins add their own.

mod order;
mod product;

pub use order::{Billing, Line, Meta, Order, Orders, Utc};
pub use product::{Answered, Product, Products, StockRow, StockWrite, Written};

use serde::{Deserialize, Serialize};

use crate::kit::tolerant::{Id, Record, Records, listed, or_default, text_or_absent};

/// What is kept of a call: which order it is about, and nothing of who bought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The topic, such as `order.updated`.
    #[serde(default)]
    pub topic: String,
    /// The order's number.
    #[serde(default, deserialize_with = "or_default")]
    pub id: Id,
    /// Where the order stands; empty if it was deleted.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub status: String,
}

/// Something that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// A word, such as `woocommerce_rest_cannot_view`.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub code: String,
    /// The shop's words.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub message: String,
}

/// A page of the shop's webhooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Webhooks {
    /// The webhooks.
    #[serde(deserialize_with = "listed")]
    pub webhooks: Records<Webhook>,
}

/// An address that the shop calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Webhook {
    /// Its number.
    pub id: Id,
    /// `active`, `paused` by a person, or `disabled` after too many failures.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub status: String,
    /// What it tells of, such as `order.updated`.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub topic: String,
    /// Where it leads.
    #[serde(default, deserialize_with = "text_or_absent")]
    pub delivery_url: String,
}

impl Record for Webhook {
    const NAME: &'static [&'static str] = &["id"];
}
