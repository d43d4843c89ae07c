//! Where a page ended, as an opaque text that a simulator gives out and takes again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A text that says where a page ended.
pub(crate) fn written(last: &impl Serialize) -> String {
    STANDARD.encode(serde_json::to_vec(last).unwrap_or_default())
}

/// Where a page ended; none if the text was never given out.
pub(crate) fn read<K: DeserializeOwned>(text: &str) -> Option<K> {
    serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
}
