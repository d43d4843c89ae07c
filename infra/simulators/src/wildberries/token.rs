//! Tokens: JWTs that a client reads but can't check.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edin_domain::Timestamp;
use serde_json::{Value, json};

/// The scope of cards.
pub const CONTENT: u64 = 1 << 1;
/// The scope of orders and of the seller's stock.
pub const MARKETPLACE: u64 = 1 << 4;
/// The mark of a token that may only read.
pub const READ_ONLY: u64 = 1 << 30;

/// A personal token with the scopes of `scopes`, such as `MARKETPLACE | CONTENT`.
///
/// Its parts are those of <https://dev.wildberries.ru/knowledge-base/articles/019d49a1-0d73-71e9-be3e-b2c44567470c>.
#[must_use]
pub fn token(scopes: u64, expires_at: Timestamp) -> String {
    let header = json!({ "alg": "ES256", "kid": "20260901v1", "typ": "JWT" });
    let payload = json!({
        "acc": 3,
        "ent": 1,
        "exp": expires_at.millis().div_euclid(1_000),
        "for": "self",
        "id": "019ab1f0-8a53-7f0e-9d0c-6c1c1e8f2a01",
        "iid": 10_200_300,
        "oid": 250_001_001,
        "s": scopes,
        "sid": "8f2f3c6e-5d6b-4b4f-9a57-3f1f0f6d2b11",
        "t": false,
        "uid": 10_200_300,
    });
    format!("{}.{}.{}", part(&header), part(&payload), URL_SAFE_NO_PAD.encode("not a signature"))
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}
