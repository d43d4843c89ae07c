//! The names of things: each its own type, checked where it enters.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that can't be the identifier that it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}: {rule}")]
pub struct InvalidId {
    /// What it was read as, in words.
    pub kind: &'static str,
    /// The text as it came.
    pub text: String,
    /// The rule that it breaks.
    pub rule: &'static str,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` and takes it as it is.
            ///
            /// # Errors
            /// [`InvalidId`] names the rule that the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                match $rule(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err(rule) => Err(InvalidId { kind: $kind, text, rule }),
                }
            }

            /// The identifier as it was read: within a key, a path or a call, nothing is added to it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

identifier!(
    /// The seller's own stock-keeping unit: up to 64 printable characters without `#`.
    Sku, "SKU", part_of_a_key
);
identifier!(
    /// One account at one channel, such as `ozon-main`.
    ConnectionId, "connection id", slug
);
identifier!(
    /// A place of the seller's own where goods lie, such as `almaty`.
    LocationId, "location id", slug
);
identifier!(
    /// A warehouse as a channel names it: Ozon's and Wildberries' number, Kaspi's `PP1`.
    WarehouseId, "channel warehouse id", part_of_a_key
);
identifier!(
    /// An order as its channel names it: Ozon's posting number, Wildberries' assembly order id, Kaspi's `code`.
    OrderId, "order id", part_of_a_key
);
identifier!(
    /// What tells one line of an order from another, as its channel does.
    LineId, "order line id", printable
);
identifier!(
    /// A good as a channel names it; mapped to a [`Sku`] by the seller.
    Article, "channel article", printable
);
identifier!(
    /// The id of the first event of a chain; travels through every step and log line.
    Cause, "cause", part_of_a_key
);

fn printable(text: &str) -> Result<(), &'static str> {
    match text {
        _ if text.is_empty() => Err("it is empty"),
        _ if text.chars().count() > 128 => Err("it is longer than 128 characters"),
        _ if text.chars().any(char::is_control) => Err("it holds a control character"),
        // Neither XML nor SQS can carry these two, so a name of them would spoil every list and message that it is in.
        _ if text.contains(['\u{fffe}', '\u{ffff}']) => Err("it holds U+FFFE or U+FFFF, which are no characters"),
        _ if text.trim() != text => Err("it begins or ends with a space"),
        _ => Ok(()),
    }
}

fn part_of_a_key(text: &str) -> Result<(), &'static str> {
    printable(text)?;
    match text {
        _ if text.chars().count() > 64 => Err("it is longer than 64 characters"),
        _ if text.contains('#') => Err("it holds a #"),
        _ => Ok(()),
    }
}

fn slug(text: &str) -> Result<(), &'static str> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match text {
        _ if text.is_empty() => Err("it is empty"),
        _ if text.len() > 40 => Err("it is longer than 40 characters"),
        _ if !text.chars().all(fits) => Err("only a-z, 0-9 and - are allowed"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_id_says_what_it_was_read_as_and_why() {
        let error = Sku::new("A#1").unwrap_err();
        assert_eq!(error.to_string(), r##""A#1" is not a SKU: it holds a #"##);
    }

    #[test]
    fn a_connection_id_is_a_slug() {
        assert!(ConnectionId::new("ozon-main").is_ok());
        assert!(ConnectionId::new("Ozon").is_err());
        assert!(ConnectionId::new("").is_err());
    }

    #[test]
    fn a_sku_may_be_cyrillic() {
        assert!(Sku::new("ЧАЙ-500 г").is_ok());
        assert!(Sku::new(" x").is_err());
        assert!(Sku::new("x".repeat(65)).is_err());
    }

    #[test]
    fn no_name_holds_what_can_not_be_carried() {
        for text in ["A\0", "A\n", "A\u{fffe}", "A\u{ffff}"] {
            assert!(Article::new(text).is_err(), "{text:?}");
        }
    }
}
