//! Keyed digests: what stands in a key for something that mustn't be read there.

use edin_channels::sign::{self, digest, hexadecimal};
use edin_domain::Secret;

/// HMAC-SHA256 of `value` under `key`, for one `purpose`, in 64 hexadecimal digits.
#[must_use]
pub fn keyed(key: &Secret<String>, purpose: &str, value: &str) -> String {
    hexadecimal(&sign::keyed(key, &[purpose.as_bytes(), &[0], value.as_bytes()]), WHOLE)
}

/// Bytes of a digest.
const WHOLE: usize = 32;

/// SHA-256 of `text`, in 64 hexadecimal digits: for what is no secret.
#[must_use]
pub fn digest_of(text: &str) -> String {
    hexadecimal(&digest(text.as_bytes()), WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_another_digest_for_another_purpose_or_key() {
        let digest = |key: &str, purpose| keyed(&Secret::new(key.to_owned()), purpose, "77011234567");
        assert_eq!(digest("a", "phone"), digest("a", "phone"));
        assert_ne!(digest("a", "phone"), digest("a", "email"));
        assert_ne!(digest("a", "phone"), digest("b", "phone"));
        assert_eq!(digest("a", "phone").len(), 64);
    }
}
