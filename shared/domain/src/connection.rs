//! A connection: one account at one channel, as its owner set it up. Credentials are kept elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bundle::Product;
use crate::channel::{Account, ChannelName};
use crate::listing::{Listing, Policy, Standing};
use crate::{ConnectionId, Currency, LocationId, Timestamp, WarehouseId};

/// Which of the seller's goods a connection sells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Assortment {
    /// Everything that is listed.
    #[default]
    Everything,
    /// What is listed, of these brands.
    Brands(BTreeSet<String>),
}

/// How far a connection may go, as a person has said. Its orders are taken in and move the stock in every mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is told, and no order is accepted there: what the channel shows is the seller's own matter still.
    Observe,
    /// Its channel is told whatever is due.
    #[default]
    Live,
    /// Nothing is told any more: its channel goes on showing what it shows.
    Paused,
    /// All its listings are told a last 0, and nothing after it.
    Zero,
}

impl Mode {
    /// Whether its channel is told whatever is due.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }

    /// As it is written: `observe`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Zero => "zero",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// It is none of the modes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no mode; it takes observe, live, paused (what is shown stays) or zero (a last 0 is told)")]
pub struct NoMode(String);

impl FromStr for Mode {
    type Err = NoMode;

    fn from_str(text: &str) -> Result<Self, NoMode> {
        let all = [Self::Observe, Self::Live, Self::Paused, Self::Zero];
        all.into_iter().find(|mode| mode.name() == text).ok_or_else(|| NoMode(text.to_owned()))
    }
}

/// What a listing's channel may be told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Whatever is due.
    All,
    /// A 0, and nothing once it took one since then.
    LastZero(Timestamp),
    /// Nothing.
    Nothing,
}

/// For so long are the orders of an ended connection read: what it showed until it took its last 0 may have been sold, and what was
/// sold before goes its way.
const FOLLOWED: Duration = Duration::from_secs(30 * 86_400);

/// One account at one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The seller's name for it, which keys and addresses are made with: `ozon-shop`.
    pub id: ConnectionId,
    /// The channel, and what it needs to know the account besides a credential.
    pub account: Account,
    /// What its listings' prices are in: one currency for all of them.
    pub currency: Currency,
    /// Where its API is; the channel's own address if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// An HTTP proxy through which it is called, for a channel that answers some countries only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The channel's warehouses and the seller's locations that each sells from, the preferred one first.
    pub warehouses: BTreeMap<WarehouseId, Vec<LocationId>>,
    /// The policy of its listings, where they have none of their own.
    #[serde(default)]
    pub policy: Policy,
    /// Which goods it sells; listings of others are told 0.
    #[serde(default)]
    pub assortment: Assortment,
    /// Seconds from when the channel took a number until its buyers are bound by it, for adaptive buffers; the channel's own
    /// if not given. At one that pulls: the time between two pulls, and until the list is worked in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storefront_seconds: Option<u32>,
    /// How far it may go. Left out where it is live: what was written before there were modes stays as it is.
    #[serde(default, skip_serializing_if = "Mode::is_live")]
    pub mode: Mode,
    /// When a person said so; none if it was so from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode_since: Option<Timestamp>,
    /// When a person ended it; none if it goes on. All its listings are told a last 0, and nothing after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The most units that one line of an order may take; [`MOST_LINE_UNITS`] if not given. Above it the order is kept and takes
    /// nothing of that line until a person has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_line_units: Option<u32>,
}

/// So many units a person may order of one good; more is a mistake.
pub const MOST_LINE_UNITS: u32 = 10_000;

impl Connection {
    /// The channel that it is an account of.
    #[must_use]
    pub const fn channel(&self) -> &ChannelName {
        self.account.channel()
    }

    /// Whether a listing of `product` is for sale here.
    #[must_use]
    pub fn standing(&self, listing: &Listing, product: &Product) -> Standing {
        let is_over = self.ended(listing).is_some() || !self.warehouses.contains_key(&listing.key.warehouse);
        let sells = match &self.assortment {
            Assortment::Everything => true,
            Assortment::Brands(brands) => product.brand.as_ref().is_some_and(|brand| brands.contains(brand)),
        };
        match listing.standing {
            _ if is_over => Standing::Delisted,
            _ if self.mode == Mode::Zero => Standing::Paused,
            Standing::Selling if !sells => Standing::OutsideAssortment,
            standing => standing,
        }
    }

    /// The same in another mode, since `now` if it is another one.
    #[must_use]
    pub fn in_mode(self, mode: Mode, now: Timestamp) -> Self {
        let mode_since = if self.mode == mode { self.mode_since } else { Some(now) };
        Self { mode, mode_since, ..self }
    }

    /// Whether its channel is told whatever is due, and that orders are accepted.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.mode.is_live()
    }

    /// Whether its channel is told nothing at all, in no list either. To end a connection is a person's last word on it, and so
    /// beats a pause; where it only observed, what is shown was never ours to end.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        match self.mode {
            Mode::Observe => true,
            Mode::Paused => self.ended_at.is_none(),
            Mode::Live | Mode::Zero => false,
        }
    }

    /// What its channel may be told of a listing.
    #[must_use]
    pub fn telling(&self, listing: &Listing, now: Timestamp) -> Telling {
        match self.last_zero_since(listing) {
            _ if self.is_silent() || self.is_over(now) => Telling::Nothing,
            Some(since) => Telling::LastZero(since),
            None => Telling::All,
        }
    }

    /// Since when a 0 is the last that its channel is to be told of a listing; none if it goes on.
    #[must_use]
    pub fn last_zero_since(&self, listing: &Listing) -> Option<Timestamp> {
        let zero = (self.mode == Mode::Zero).then(|| self.mode_since.unwrap_or_default());
        self.ended(listing).into_iter().chain(zero).min()
    }

    /// Whether nothing is asked or told of it any more.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ended_at.is_some_and(|ended_at| now.since(ended_at) >= FOLLOWED)
    }

    /// When the listing was ended by a person, with all the connection or by itself; none if it goes on.
    #[must_use]
    pub fn ended(&self, listing: &Listing) -> Option<Timestamp> {
        self.ended_at.into_iter().chain(listing.ended_at).min()
    }

    /// How many units a listing may offer.
    #[must_use]
    pub fn policy(&self, listing: &Listing) -> Policy {
        listing.policy.over(&self.policy)
    }

    /// The locations that a listing at `warehouse` sells from, the preferred one first: none if the warehouse isn't one of this
    /// connection's.
    #[must_use]
    pub fn sells_from(&self, warehouse: &WarehouseId) -> &[LocationId] {
        self.warehouses.get(warehouse).map_or(&[], Vec::as_slice)
    }

    /// The locations that a sale from `warehouse` may be taken from: of the first warehouse, if it isn't told; none, if it is
    /// told and isn't one of this connection's.
    #[must_use]
    pub fn locations(&self, warehouse: Option<&WarehouseId>) -> &[LocationId] {
        let known = match warehouse {
            Some(told) => self.warehouses.get(told),
            None => self.warehouses.values().next(),
        };
        known.map_or(&[], Vec::as_slice)
    }

    /// The most units that one line of an order may take.
    #[must_use]
    pub fn max_line_units(&self) -> u32 {
        self.max_line_units.unwrap_or(MOST_LINE_UNITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_of_before_there_were_modes_is_live_and_is_written_as_it_was() {
        let stored = serde_json::json!({
            "id": "wb", "account": {"wildberries": {}}, "currency": "KZT", "warehouses": {"1": ["almaty"]},
            "policy": {"share": 100, "buffer": 0, "end_when": 0}, "assortment": "everything",
        });
        let connection: Connection = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!((connection.mode, serde_json::to_value(&connection).unwrap()), (Mode::Live, stored));
        let observing = connection.in_mode(Mode::Observe, Timestamp::from_millis(7));
        let read: Connection = serde_json::from_value(serde_json::to_value(&observing).unwrap()).unwrap();
        assert_eq!((read.mode, read), (Mode::Observe, observing));
    }

    #[test]
    fn a_mode_is_read_as_it_is_written() {
        for mode in [Mode::Observe, Mode::Live, Mode::Paused, Mode::Zero] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
        }
        assert!("Live".parse::<Mode>().unwrap_err().to_string().contains("is no mode; it takes observe, live"));
    }
}
