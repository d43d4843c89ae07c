//! Keyed digests: what stands in a key for something that mustn't be read there.

use edin_channels::hook::hexadecimal;
use edin_domain::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// HMAC-SHA256 of `value` under `key`, for one `purpose`, in 64 hexadecimal digits.
#[must_use]
pub fn keyed(key: &Secret<String>, purpose: &str, value: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()) else { return String::new() };
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(value.as_bytes());
    hexadecimal(&mac.finalize().into_bytes())
}

/// SHA-256 of `text`, in 64 hexadecimal digits: for what is no secret.
#[must_use]
pub fn digest_of(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
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
