//! Keys by which the seller's own doors are known.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Timestamp};

/// What a key lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Sell what lies there already in the buyer's hand, and take it back.
    Till,
    /// Hold goods, and make orders of them.
    Shop,
    /// Say what happened to the stock besides orders.
    Stock,
    /// Look up goods, stock and the door's own orders.
    Read,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Till, Self::Shop, Self::Stock, Self::Read];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Till => "till",
            Self::Shop => "shop",
            Self::Stock => "stock",
            Self::Read => "read",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|scope| scope.name() == text);
        known.ok_or_else(|| format!("{text:?} is no scope; the scopes are till, shop, stock, read"))
    }
}

/// A key as the table keeps it: who bears it is known by a digest of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it is told apart by, which is no secret.
    pub id: String,
    /// The door that it is for.
    pub connection: ConnectionId,
    /// What a person calls it.
    pub name: String,
    /// What it lets its bearer do.
    pub scopes: BTreeSet<Scope>,
    /// A keyed digest of its secret.
    pub digest: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When a person revoked it; none if it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// What begins every key, so that one that leaked is found for what it is.
const MARK: &str = "edin";

/// A key as its bearer has it: `edin_<id>_<secret>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented<'a> {
    /// Which key it says that it is.
    pub id: &'a str,
    /// What shows that it is.
    pub secret: &'a str,
}

impl<'a> Presented<'a> {
    /// Reads a key; none if it is none.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(MARK)?.strip_prefix('_')?.split_once('_')?;
        let is_plain =
            |part: &str| part.len() >= 8 && part.len() <= 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_plain(id) && is_plain(secret)).then_some(Self { id, secret })
    }

    /// The key as its bearer shall keep it.
    #[must_use]
    pub fn text(self) -> String {
        format!("{MARK}_{}_{}", self.id, self.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is() {
        let key = Presented { id: "0a1b2c3d", secret: "ffffffffffffffff" };
        assert_eq!(Presented::read(&key.text()), Some(key));
        for other in [
            "",
            "edin",
            "edin_",
            "edin_0a1b2c3d",
            "edin_0a1b2c3d_",
            "edin_x_y",
            "Edin_0a1b2c3d_ffffffffffffffff",
            "edin_0a1b2c3d_ffffffffffffffff ",
        ] {
            assert_eq!(Presented::read(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_scope_is_read_by_its_word() {
        assert_eq!(Scope::ALL.map(|scope| scope.name().parse()), Scope::ALL.map(Ok));
        assert!("all".parse::<Scope>().unwrap_err().contains("till, shop, stock, read"));
    }
}
