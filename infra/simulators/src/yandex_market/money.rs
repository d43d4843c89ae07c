//! Money as the Market writes it.

use serde_json::{Value, json};

/// An amount of whole tenge.
pub(super) fn tenge(value: u64) -> Value {
    json!({ "value": value, "currencyId": "KZT" })
}
