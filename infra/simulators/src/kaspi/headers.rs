//! Headers of a request.

use axum::http::HeaderMap;

/// The text of a header; empty if it isn't there.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
