//! A list that a channel pulls: what is in it, and what every list must keep to, whoever pulls it.

use std::collections::BTreeSet;
use std::io;

use edin_domain::{Account, Article, Money, Timestamp, WarehouseId};
use sha2::{Digest, Sha256};

use super::facts::BadAccount;
use super::sign::hexadecimal;

/// All that an account sells, as of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Whose it is.
    pub account: Account,
    /// When it was made.
    pub at: Timestamp,
    /// The goods, sold out or not.
    pub offers: Vec<Offer>,
}

/// A good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What the channel calls it: the id that a listing can't do without.
    pub id: Article,
    /// The name of the good.
    pub title: String,
    /// Its brand.
    pub brand: Option<String>,
    /// What it costs.
    pub price: Money,
    /// What each of the channel's warehouses has.
    pub stores: Vec<StoreStock>,
}

/// What a warehouse has of a good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStock {
    /// The warehouse as the channel names it.
    pub store: WarehouseId,
    /// Pieces for sale.
    pub quantity: u32,
}

/// What an account asks of its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTerms {
    /// Percent by which the number of offers, sold out ones included, may fall from one list to the next; above it none is
    /// handed out and somebody is called.
    pub max_shrink: u8,
    /// The user name, if the list is behind a password. The password is the connection's secret `feed_password`.
    pub user: Option<String>,
}

/// How a channel's lists are written.
pub trait Feed: Send + Sync {
    /// The `Content-Type`.
    fn media(&self) -> &'static str;

    /// What an account asks of its list.
    ///
    /// # Errors
    /// [`BadAccount`].
    fn terms(&self, account: &Account) -> Result<ListTerms, BadAccount>;

    /// Writes a list, offer by offer: a large one is longer than the memory of a function.
    ///
    /// # Errors
    /// [`ListError`] names what would spoil it, and what to do.
    fn write(&self, list: &List, out: &mut dyn io::Write) -> Result<WrittenList, ListError>;
}

/// A list that must not be handed out. The one before it stays in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Its account isn't as it should be.
    #[error(transparent)]
    Account(#[from] BadAccount),
    /// It would say that nothing is listed.
    #[error(
        "the list is empty, and the channel may take everything off sale; list at least one good on this connection"
    )]
    Empty,
    /// The channel would take either.
    #[error("{0} is in the list twice; unlist one of the two listings that map to it")]
    Twice(Article),
    /// An offer that the channel would not take.
    #[error("{id} {wrong}")]
    Offer {
        /// What the channel calls it.
        id: Article,
        /// What is wrong with it, and what to do.
        wrong: String,
    },
    /// So many goods don't vanish in an hour.
    #[error(
        "the list falls from {before} offers to {now}, by more than {max_shrink} %; \
         put the goods back, or raise the connection's max_shrink for once if they are really gone"
    )]
    Shrunk {
        /// Offers in the last list that was handed out.
        before: u64,
        /// Offers in this one.
        now: u64,
        /// Percent.
        max_shrink: u8,
    },
    /// Longer than an answer may be.
    #[error(
        "the list of {offers} offers is too long: AWS Lambda hands out {most} bytes at most{}; sell fewer goods on this \
         connection, or split them over two", if *packed { ", packed" } else { " to a caller that doesn't take gzip" }
    )]
    TooLong {
        /// Offers in it.
        offers: usize,
        /// Bytes that an answer may have.
        most: usize,
        /// Whether it was packed.
        packed: bool,
    },
    /// It could not be written.
    #[error("the list can't be written: {0}; this is a defect of Edin, report it")]
    Unwritable(String),
}

/// A list that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenList {
    /// Its length, in bytes.
    pub bytes: u64,
    /// Digest of what it says, the date that it was made left out.
    pub content: [u8; 32],
}

/// The list as a text.
///
/// # Errors
/// As of [`Feed::write`].
pub fn render(feed: &dyn Feed, list: &List) -> Result<String, ListError> {
    let mut file = Vec::new();
    feed.write(list, &mut file)?;
    String::from_utf8(file).map_err(|error| ListError::Unwritable(error.to_string()))
}

/// Refuses a list that says nothing, or says two things of one good.
///
/// # Errors
/// [`ListError::Empty`], [`ListError::Twice`].
pub fn check(list: &List) -> Result<(), ListError> {
    let mut seen = BTreeSet::new();
    match list.offers.iter().find(|offer| !seen.insert(&offer.id)) {
        Some(twice) => Err(ListError::Twice(twice.id.clone())),
        None if list.offers.is_empty() => Err(ListError::Empty),
        None => Ok(()),
    }
}

/// Refuses a list that lost more than `max_shrink` percent of the offers of the one before. Offers are counted as they stand
/// in the file, sold out or not: selling out is trade, a good that vanishes from the file is most often a fault upstream.
/// Any list may follow none.
///
/// # Errors
/// [`ListError::Shrunk`].
pub fn guard(before: u64, now: u64, max_shrink: u8) -> Result<(), ListError> {
    let lost = u128::from(before.saturating_sub(now));
    match lost * 100 > u128::from(before) * u128::from(max_shrink) {
        true => Err(ListError::Shrunk { before, now, max_shrink }),
        false => Ok(()),
    }
}

/// The `ETag` of a list: changes with the shop and its offers, not with the date that it was made. And with `own`, the units
/// that the channel has sold and called off by itself so far: when an order is called off before the next list, the list is the
/// one that the channel has, and its number isn't.
#[must_use]
pub fn etag(written: &WrittenList, own: i64) -> String {
    let digest = Sha256::new().chain_update(written.content).chain_update(own.to_be_bytes()).finalize();
    format!("\"{}\"", hexadecimal(&digest, 16))
}

/// Passes on what is written, counts it, and digests it from a mark on: the date before it is not content.
pub struct Tee<'a> {
    out: &'a mut dyn io::Write,
    bytes: u64,
    content: Option<Sha256>,
}

impl<'a> Tee<'a> {
    /// One that digests nothing yet.
    pub fn new(out: &'a mut dyn io::Write) -> Self {
        Self { out, bytes: 0, content: None }
    }

    /// From here on it is content.
    pub fn content_begins(&mut self) {
        self.content = Some(Sha256::new());
    }

    /// What was written.
    #[must_use]
    pub fn written(self) -> WrittenList {
        WrittenList { bytes: self.bytes, content: self.content.unwrap_or_default().finalize().into() }
    }
}

impl io::Write for Tee<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += u64::try_from(written).unwrap_or_default();
        if let (Some(content), Some(bytes)) = (&mut self.content, bytes.get(..written)) {
            content.update(bytes);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
