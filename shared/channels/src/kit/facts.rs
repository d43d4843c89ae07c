//! What a channel says of itself. Data alone, so that every function may know it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use edin_domain::demand::Pace;
use edin_domain::limiter::Limit;
use edin_domain::{Account, Article, ChannelName, Connection, Currency, Money};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How long a sale may take to be heard of: orders are read every 15 s, and it takes some seconds to record them.
const HEARD: Duration = Duration::from_secs(20);

/// A channel.
#[derive(Debug)]
pub struct Facts {
    /// What configuration, tables and logs call it.
    pub name: ChannelName,
    /// What people call it.
    pub title: &'static str,
    /// Where its API is, unless a connection says otherwise; empty if nobody is called, or if each connection must say.
    pub address: &'static str,
    /// Whose account these settings name, such as `ozon:1234`, if they are as they should be. Where none is named, all of the
    /// deployment's accounts are one.
    pub account: fn(&Account) -> Result<String, BadAccount>,
    /// The credentials that a connection may have.
    pub secrets: &'static [SecretFact],
    /// The names that a listing may have there. The first is the one that it can't do without: its number is told under it.
    pub ids: &'static [IdFact],
    /// What it calls the warehouses that it sells from.
    pub places: Places,
    /// What its prices may be in; none if in anything.
    pub currencies: &'static [Currency],
    /// How it learns of stock.
    pub stock: StockFact,
    /// How it learns of prices.
    pub prices: PriceFact,
    /// Whether it calls us.
    pub hook: HookFact,
    /// How long a change of stock may take, by its own rules, until its buyers are bound by it.
    pub reach: Duration,
    /// From when it took a number until its buyers are bound by it; at one that pulls, from when it was handed out the number
    /// before.
    pub storefront: Duration,
    /// All limits on calls to it.
    pub limits: &'static [&'static Limit],
}

/// Characters of a name for whose length a channel documents no bound: an [`Article`] has no more.
pub const ANY_LENGTH: usize = 128;

/// A credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretFact {
    /// Its name: `api_key`, `token`.
    pub name: &'static str,
    /// Whether a connection can't do without.
    pub is_needed: bool,
    /// Where a person finds it.
    pub found: &'static str,
}

/// A name that a listing has at a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdFact {
    /// What it is called: `offer_id`.
    pub name: &'static str,
    /// What it is.
    pub kind: IdKind,
    /// How orders name a good by it.
    pub in_orders: InOrders,
}

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// The channel's own number.
    Number,
    /// The seller's own text, of so many characters at most.
    Text(usize),
}

/// How orders name a good by an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InOrders {
    /// They don't.
    Never,
    /// As it is.
    Plain,
    /// As `mark:id`: numbers of several kinds look alike.
    Marked(&'static str),
    /// As it is, and it is the seller's SKU: nothing needs to be mapped.
    Sku,
}

/// What a channel calls the warehouses that it sells from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// It numbers them.
    Numbers,
    /// It names them.
    Names,
}

/// How a channel learns of stock.
#[derive(Debug, Clone, Copy)]
pub enum StockFact {
    /// By a call of ours.
    Told {
        /// How often one listing takes a new number.
        interval: Duration,
        /// The limits that telling falls under, reading the newest orders before and after it included.
        limits: &'static [&'static Limit],
    },
    /// By a list that it pulls.
    Pulled,
    /// By asking before it sells: it shows no number of its own.
    Asked,
}

/// How a channel learns of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceFact {
    /// They are kept and told to nobody.
    Untold,
    /// In the list that tells it stock: each listing has one, of whole units of the currency, and this at least.
    WithStock(Money),
}

/// Whether a channel calls us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookFact {
    /// It doesn't.
    Silent,
    /// It tells what happened.
    Pushes {
        /// The networks that it calls from, where it documents any.
        networks: &'static [&'static str],
    },
    /// It tells what happened, from anywhere, and signs that with a secret of ours that the seller enters there.
    Signs,
}

impl HookFact {
    /// The networks that it is documented to call from.
    #[must_use]
    pub const fn networks(self) -> &'static [&'static str] {
        match self {
            Self::Pushes { networks } => networks,
            Self::Silent | Self::Signs => &[],
        }
    }
}

impl StockFact {
    /// Whether stock is told by a call of ours.
    #[must_use]
    pub const fn is_told(self) -> bool {
        matches!(self, Self::Told { .. })
    }

    /// How often one listing takes a new number; none where there is no telling.
    #[must_use]
    pub const fn interval(self) -> Option<Duration> {
        match self {
            Self::Told { interval, .. } => Some(interval),
            Self::Pulled | Self::Asked => None,
        }
    }

    /// The limits that telling falls under.
    #[must_use]
    pub const fn limits(self) -> &'static [&'static Limit] {
        match self {
            Self::Told { limits, .. } => limits,
            Self::Pulled | Self::Asked => &[],
        }
    }
}

/// Settings that an account of its channel can't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAccount {
    /// This build doesn't speak with the channel.
    #[error("account.{0}: this version of Edin knows no such channel")]
    UnknownChannel(ChannelName),
    /// A setting isn't as it should be.
    #[error("account.{channel}{setting}: {wrong}")]
    Setting {
        /// Whose account it is.
        channel: ChannelName,
        /// Which setting, with a point before it; empty if it is all of them.
        setting: String,
        /// What is wrong with it.
        wrong: String,
    },
}

/// The settings of an account as its channel reads them.
///
/// # Errors
/// [`BadAccount::Setting`] names the first that isn't as it should be.
pub fn settings<T: DeserializeOwned>(account: &Account) -> Result<T, BadAccount> {
    serde_path_to_error::deserialize(Value::Object(account.settings().clone())).map_err(|error| {
        let path = error.path().to_string();
        let setting = if path == "." { String::new() } else { path };
        bad_setting(account, &setting, error.inner())
    })
}

/// Says what is wrong with a setting of an account.
#[must_use]
pub fn bad_setting(account: &Account, setting: &str, wrong: &impl ToString) -> BadAccount {
    let setting = if setting.is_empty() { String::new() } else { format!(".{setting}") };
    BadAccount::Setting { channel: account.channel().clone(), setting, wrong: wrong.to_string() }
}

impl Facts {
    /// The id that a listing can't do without.
    #[must_use]
    pub fn required_id(&self) -> &'static str {
        self.ids.first().map_or("", |id| id.name)
    }

    /// Whether a connection must say where it is: it is called, and has no address that all of its sellers share.
    #[must_use]
    pub const fn needs_address(&self) -> bool {
        self.address.is_empty() && self.stock.is_told()
    }

    /// Whether its orders name goods by the seller's own SKU.
    #[must_use]
    pub fn names_skus(&self) -> bool {
        self.ids.iter().any(|id| id.in_orders == InOrders::Sku)
    }

    /// The articles under which orders may name a listing with these ids. An id of another name is none.
    #[must_use]
    pub fn articles(&self, ids: &BTreeMap<String, Article>) -> Vec<Article> {
        ids.iter().filter_map(|(name, id)| self.article(name, id)).collect()
    }

    fn article(&self, name: &str, id: &Article) -> Option<Article> {
        let known = self.ids.iter().find(|known| known.name == name)?;
        match known.in_orders {
            InOrders::Never => None,
            InOrders::Plain | InOrders::Sku => Some(id.clone()),
            InOrders::Marked(mark) => Article::new(format!("{mark}:{id}")).ok(),
        }
    }

    /// How long a connection may go on selling what is gone, so far as its channel and its owner say.
    #[must_use]
    pub fn pace(&self, connection: &Connection) -> Pace {
        let set = connection.storefront_seconds.map(|seconds| Duration::from_secs(seconds.into()));
        Pace { heard: HEARD, interval: self.stock.interval(), storefront: set.unwrap_or(self.storefront) }
    }

    /// The marks of the numbers by which its orders name goods.
    pub fn marks(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.ids.iter().filter_map(|id| match id.in_orders {
            InOrders::Marked(mark) => Some(mark),
            InOrders::Never | InOrders::Plain | InOrders::Sku => None,
        })
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// How far a name is to be trusted when an order names a good by several, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The channel's own number: it means one thing there, and nobody can edit it.
    Number,
    /// Digits as of a barcode: it is printed on the goods.
    Barcode,
    /// The seller's own name, which may be any text, and the same for several sizes.
    SellersName,
}

/// How far a name by which an order named a good is to be trusted; `marks` are those of channels' own numbers.
pub fn trust(mut marks: impl Iterator<Item = &'static str>, article: &Article) -> Trust {
    let name = article.as_str();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mark, number) = name.split_once(':').unwrap_or(("", name));
    match name {
        _ if digits(number) && marks.any(|known| known == mark) => Trust::Number,
        _ if digits(name) && (8..=14).contains(&name.len()) => Trust::Barcode,
        _ => Trust::SellersName,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[test]
    fn the_channels_own_number_is_surest_then_a_barcode_then_the_sellers_name() {
        let of = |name: &str| trust(["sku", "chrt"].into_iter(), &Article::new(name).unwrap());
        assert!(Trust::Number < Trust::Barcode && Trust::Barcode < Trust::SellersName);
        assert_eq!(["chrt:7001", "sku:147451939"].map(of), [Trust::Number; 2]);
        assert_eq!(["2040000000017", "96385074"].map(of), [Trust::Barcode; 2]);
        assert_eq!(["TEE-BLK", "1234567", "chrt:", "sku:A-1", "lot:7"].map(of), [Trust::SellersName; 5]);
    }

    #[test]
    fn settings_are_read_by_their_channel_and_the_one_that_is_wrong_is_named() {
        #[derive(Deserialize, Debug)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            shop: u32,
        }
        let account = Account::of(ChannelName::of("vk"));
        let wrong = |account: &Account| settings::<Settings>(account).unwrap_err().to_string();
        assert_eq!(settings::<Settings>(&account.clone().with("shop", 7)).unwrap().shop, 7);
        assert_eq!(wrong(&account), "account.vk: missing field `shop`");
        assert!(wrong(&account.clone().with("shop", "seven")).starts_with("account.vk.shop: invalid type"));
        assert!(wrong(&account.with("shop", 7).with("more", true)).contains("unknown field `more`"));
    }
}
