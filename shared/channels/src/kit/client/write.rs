//! Numbers that are told to a channel, what becomes of them, and what it shows.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::Article;

/// A number that a listing shall show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// The channel's names for the good, by kind.
    pub ids: BTreeMap<String, Article>,
    /// The number.
    pub quantity: u32,
}

/// What became of one [`StockRow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took it.
    Taken,
    /// Not now. Ask again, not before that much later.
    Later {
        /// How much later.
        after: Duration,
        /// The channel's words.
        reason: String,
    },
    /// No, and asking again won't help: a person must.
    Refused {
        /// The channel's code.
        code: String,
        /// The channel's words.
        message: String,
    },
    /// The call got no answer: it may have been taken or not.
    Unknown,
}

impl Outcome {
    /// A refusal for good.
    pub(crate) fn refused(code: &str, message: &str) -> Self {
        Self::Refused { code: code.to_owned(), message: message.to_owned() }
    }
}

/// A number that a channel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRow {
    /// What the channel calls the good: one of the names that a [`StockRow`] would carry, by kind.
    pub ids: BTreeMap<String, Article>,
    /// The number that buyers can still buy.
    pub quantity: u32,
}
