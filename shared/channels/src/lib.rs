//! The channels: what each one is, what its wire looks like, how it maps to the domain, how to call it.
//!
//! A channel is a folder of files that look alike: `facts.rs` says what the channel is, `wire.rs` is its JSON or XML as it is,
//! `map.rs` turns wire into domain and back and is pure; `hook.rs` receives its calls, `feed.rs` writes the list that it pulls,
//! `client.rs` makes the calls. No folder names another one, and `kit`, of which they are made, names none. Whoever uses channels
//! finds them here by name.
//!
//! What is known of channels and what they tell is always there; the calls come with the feature `client`.

mod kit;

pub use kit::{address, facts, feed, hook, read, sign, told, tolerant};

#[cfg(feature = "client")]
pub use kit::client;

use edin_domain::demand::Pace;
use edin_domain::{Account, Article, ChannelName, Connection, ConnectionId, Secret, Timestamp};

use facts::{BadAccount, Facts, HookFact, StockFact, Trust};
use feed::Feed;
use hook::{BadNetworks, Hook, Networks};
use kit::folder::Folder as _;
use read::{Reader, Reading};
use tolerant::Unreadable;

/// Makes a registry of the channels' folders, in which each look-up is a function of its own: the webhook holds no map and no
/// client.
macro_rules! channels {
    ($($channel:ident),+ $(,)?) => {
        $(pub mod $channel;)+

        /// All channels.
        pub fn all() -> impl Iterator<Item = &'static Facts> {
            [$(&$channel::FACTS),+].into_iter()
        }

        /// How a channel calls us; none if it doesn't, or isn't known.
        #[must_use]
        pub fn hook(channel: &ChannelName) -> Option<&'static dyn Hook> {
            match channel.as_str() {
                $(stringify!($channel) => $channel::Channel::hook(),)+
                _ => None,
            }
        }

        fn reader(channel: &ChannelName) -> Option<&'static dyn Reader> {
            match channel.as_str() {
                $(stringify!($channel) => $channel::Channel::reader(),)+
                _ => None,
            }
        }

        /// How the list is written that a channel pulls; none if it pulls none, or isn't known.
        #[must_use]
        pub fn feed(channel: &ChannelName) -> Option<&'static dyn Feed> {
            match channel.as_str() {
                $(stringify!($channel) => $channel::Channel::feed(),)+
                _ => None,
            }
        }

        /// Opens a connection to its channel.
        ///
        /// # Errors
        /// [`client::CanNotOpen`] says what is missing.
        #[cfg(feature = "client")]
        pub fn open(opening: &client::Opening<'_>) -> Result<Box<dyn client::Client>, client::CanNotOpen> {
            match opening.connection.channel().as_str() {
                $(stringify!($channel) => $channel::Channel::open(opening),)+
                _ => Err(client::CanNotOpen::Account {
                    connection: opening.connection.id.to_string(),
                    error: BadAccount::UnknownChannel(opening.connection.channel().clone()),
                }),
            }
        }
    };
}

channels! { ozon, wildberries, kaspi, yandex_market, direct, woocommerce }

/// The channels that are called, or pull a list: all but the seller's own doors, which ask.
pub fn served() -> impl Iterator<Item = &'static Facts> {
    all().filter(|facts| !matches!(facts.stock, StockFact::Asked))
}

/// What a channel says of itself; none if it isn't known.
#[must_use]
pub fn facts(channel: &ChannelName) -> Option<&'static Facts> {
    all().find(|facts| facts.name == *channel)
}

/// What a connection's channel says of itself.
///
/// # Errors
/// [`BadAccount`] if the channel isn't known, or the connection's account isn't as it should be.
pub fn facts_of(connection: &Connection) -> Result<&'static Facts, BadAccount> {
    let channel = connection.channel();
    let facts = facts(channel).ok_or_else(|| BadAccount::UnknownChannel(channel.clone()))?;
    (facts.account)(&connection.account).map(|_| facts)
}

/// How long a connection may go on selling what is gone, so far as its channel and its owner say. Where the channel isn't known,
/// nothing is told or sold.
#[must_use]
pub fn pace(connection: &Connection) -> Pace {
    facts(connection.channel()).map(|facts| facts.pace(connection)).unwrap_or_default()
}

/// Whether a channel is told stock by a call of ours.
#[must_use]
pub fn is_told(channel: &ChannelName) -> bool {
    facts(channel).is_some_and(|facts| facts.stock.is_told())
}

/// Whether a channel signs its calls with a secret that we choose.
#[must_use]
pub fn signs(channel: &ChannelName) -> bool {
    facts(channel).is_some_and(|facts| facts.hook == HookFact::Signs)
}

/// Which channel's address this token of a hook is of; none if it is nobody's.
#[must_use]
pub fn channel_of(key: &Secret<String>, connection: &ConnectionId, token: &str) -> Option<&'static ChannelName> {
    address::channel_of(all().map(|facts| &facts.name), key, connection, token)
}

/// The networks that channels call from: those that they document, but for what a deployment says instead, as
/// [`Networks::with`] reads it.
///
/// # Errors
/// [`BadNetworks`] names what can't be read, or a channel that doesn't call.
pub fn networks(instead: &str) -> Result<Networks, BadNetworks> {
    Networks::documented(all().filter(|facts| facts.hook != HookFact::Silent))?.with(instead)
}

/// Reads what was kept of a channel's call.
///
/// # Errors
/// [`Unreadable`] if it isn't what the channel documents, or the channel documents no calls.
pub fn read(channel: &ChannelName, told: &str, received_at: Timestamp) -> Result<Reading, Unreadable> {
    match reader(channel) {
        Some(reader) => reader.read(told, received_at),
        None => {
            Err(Unreadable::value("push", format!("{} bytes", told.len()), format!("{channel} documents no pushes")))
        }
    }
}

/// Checks that what was kept of a call is told of `account`, where its channel's calls say whose they are.
///
/// # Errors
/// [`Unreadable`] names the other.
pub fn check_account(account: &Account, told: &str) -> Result<(), Unreadable> {
    reader(account.channel()).map_or(Ok(()), |reader| reader.check_account(account, told))
}

/// How far a name by which an order named a good is to be trusted.
#[must_use]
pub fn trust(article: &Article) -> Trust {
    facts::trust(all().flat_map(Facts::marks), article)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn named(facts: &Facts, ids: &[(&str, &str)]) -> Vec<String> {
        let ids: BTreeMap<_, _> =
            ids.iter().map(|(name, id)| ((*name).to_owned(), Article::new(*id).unwrap())).collect();
        facts.articles(&ids).into_iter().map(String::from).collect()
    }

    #[test]
    fn a_channel_is_found_by_its_folders_name() {
        for facts in all() {
            assert!(std::ptr::eq(super::facts(&facts.name).unwrap(), facts));
            assert_eq!(hook(&facts.name).is_some(), facts.hook != HookFact::Silent, "{}", facts.name);
            assert_eq!(hook(&facts.name).is_some(), reader(&facts.name).is_some(), "{}", facts.name);
            assert_eq!(feed(&facts.name).is_some(), matches!(facts.stock, StockFact::Pulled), "{}", facts.name);
        }
        assert!(super::facts(&ChannelName::of("of_tomorrow")).is_none());
    }

    #[test]
    fn what_a_channel_says_of_itself_is_whole() {
        for facts in all() {
            let limits: BTreeSet<_> = facts.limits.iter().map(|limit| limit.group).collect();
            assert_eq!(limits.len(), facts.limits.len(), "{}: two limits are of one group", facts.name);
            assert!(facts.stock.limits().iter().all(|limit| limits.contains(limit.group)), "{}", facts.name);
            assert!(facts.secrets.iter().all(|secret| !secret.found.is_empty()), "{}", facts.name);
            assert!(!facts.ids.is_empty() && !facts.title.is_empty(), "{}", facts.name);
        }
    }

    #[test]
    fn ozon_names_a_good_by_its_sku_and_by_the_offer_id() {
        let ids = [("offer_id", "TEA-1"), ("product_id", "118597312"), ("sku", "147451939")];
        assert_eq!(named(&ozon::FACTS, &ids), ["TEA-1", "sku:147451939"]);
    }

    #[test]
    fn wildberries_names_a_good_by_its_size_its_vendor_code_and_its_barcode() {
        let ids = [("chrt_id", "7001"), ("vendor_code", "TEE-BLK"), ("barcode", "2040000000011")];
        assert_eq!(named(&wildberries::FACTS, &ids), ["2040000000011", "chrt:7001", "TEE-BLK"]);
    }

    #[test]
    fn kaspi_names_a_good_by_the_sellers_sku() {
        assert_eq!(named(&kaspi::FACTS, &[("sku", "TEA")]), ["TEA"]);
        assert!(named(&kaspi::FACTS, &[("chrt_id", "7001")]).is_empty(), "an id of another channel names nothing");
    }

    #[test]
    fn woocommerce_names_a_good_by_the_number_of_what_is_sold_and_by_its_sku() {
        let ids = [("id", "30"), ("parent_id", "29"), ("sku", "TEE-S")];
        assert_eq!(named(&woocommerce::FACTS, &ids), ["id:30", "TEE-S"]);
    }

    #[test]
    fn a_push_of_another_seller_is_none_of_this_account() {
        let account = Account::of(ozon::FACTS.name.clone()).with("client_id", "30000001");
        for own in [r#"{"seller_id":30000001}"#, r#"{"seller_id":"30000001"}"#, r#"{"message_type":"TYPE_PING"}"#] {
            assert_eq!(check_account(&account, own), Ok(()), "{own}");
        }
        assert!(check_account(&account, r#"{"seller_id":[30000001]}"#).is_err());
        for others in [r#"{"seller_id":1}"#, r#"{"seller_id":"30000001 "}"#, r#"{"seller_id":3e7}"#] {
            let error = check_account(&account, others).unwrap_err().to_string();
            assert!(error.starts_with("seller_id ") && error.ends_with("another seller's account"), "{error}");
        }
    }

    #[test]
    fn a_push_is_never_of_a_channel_that_documents_none() {
        for silent in all().filter(|facts| facts.hook == HookFact::Silent) {
            assert!(read(&silent.name, "{}", Timestamp::from_millis(0)).is_err());
        }
    }
}
