//! A connection: one account at one channel, as its owner set it up. Credentials are kept elsewhere.

use std::collections::{BTreeMap, BTreeSet};
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
            Standing::Selling if !sells => Standing::OutsideAssortment,
            standing => standing,
        }
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
