//! `POST /v2/auth/token`: what the key may do.

use serde_json::{Value, json};

/// The answer about a key with these accesses.
pub(super) fn described(scopes: &[String]) -> Value {
    json!({ "status": "OK", "result": { "apiKey": { "name": "edin", "authScopes": scopes } } })
}
