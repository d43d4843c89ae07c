//! A listing: one SKU offered at one warehouse of one connection, and how many units it may offer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::buffer::percent;
pub use crate::buffer::{Adaptive, Buffer, Costs, OwnAdaptive, OwnBuffer, OwnCosts};
use crate::{Article, ConnectionId, Sku, Timestamp, WarehouseId};

/// What tells one listing from all others; no two have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListingKey {
    /// The account that it is offered through.
    pub connection: ConnectionId,
    /// The channel's warehouse that it is offered from.
    pub warehouse: WarehouseId,
    /// What is offered.
    pub sku: Sku,
}

/// Whether it is for sale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Offered, as its policy says.
    #[default]
    Selling,
    /// Shown as nothing until a person lets it go on.
    Paused,
    /// The connection's assortment leaves it out.
    OutsideAssortment,
    /// A person has ended it, or its connection, or its warehouse is none of the connection's any more: told a last 0.
    Delisted,
}

/// How many of the sellable units a listing offers:
/// `clamp(floor(sellable × share) − buffer, 0, max)`, and nothing at or below `end_when`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Percent of the sellable units, 0 to 100.
    pub share: u8,
    /// Units held back.
    pub buffer: Buffer,
    /// Units at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// At so many sellable units or fewer, none are offered.
    pub end_when: u32,
}

impl Default for Policy {
    /// Everything is offered.
    fn default() -> Self {
        Self { share: 100, buffer: Buffer::default(), max: None, end_when: 0 }
    }
}

/// The policy's arithmetic, step by step, so that a person can follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Units that could be sold.
    pub sellable: i64,
    /// After taking the share, rounded down.
    pub shared: i64,
    /// Units held back.
    pub buffer: i64,
    /// After holding the buffer back.
    pub buffered: i64,
    /// What is offered.
    pub quantity: u32,
    /// Why it is not simply the buffered number.
    pub rule: Rule,
}

/// The rule that decided an [`Offer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Share and buffer alone.
    Plain,
    /// The policy's maximum: more than that was left.
    Maximum,
    /// Nothing, or less, was left.
    NothingLeft,
    /// At or below `end_when`.
    Ended,
    /// A person has paused it: 0 is offered.
    Paused,
    /// Not in the connection's assortment.
    OutsideAssortment,
    /// Ended, with its connection or by itself, or at a warehouse that the connection hasn't any more.
    Delisted,
}

impl Policy {
    /// What a listing offers of `sellable` units, of which `wanted` should be held back for what is sold elsewhere before its
    /// channel can know. A fixed buffer doesn't ask for that.
    #[must_use]
    pub fn offer(&self, standing: Standing, sellable: i64, wanted: i64) -> Offer {
        let shared = percent(sellable, self.share);
        let buffer = self.buffer.units(sellable, shared, wanted);
        let buffered = shared - buffer;
        let most = i64::from(self.max.unwrap_or(u32::MAX));
        let rule = match standing {
            Standing::Paused => Rule::Paused,
            Standing::OutsideAssortment => Rule::OutsideAssortment,
            Standing::Delisted => Rule::Delisted,
            Standing::Selling if sellable <= i64::from(self.end_when) && sellable > 0 => Rule::Ended,
            Standing::Selling if buffered <= 0 => Rule::NothingLeft,
            Standing::Selling if buffered > most => Rule::Maximum,
            Standing::Selling => Rule::Plain,
        };
        let quantity = match rule {
            Rule::Plain => buffered,
            Rule::Maximum => most,
            Rule::NothingLeft | Rule::Ended | Rule::Paused | Rule::OutsideAssortment | Rule::Delisted => 0,
        };
        Offer { sellable, shared, buffer, buffered, quantity: u32::try_from(quantity).unwrap_or(u32::MAX), rule }
    }
}

/// What a listing's policy has of its own. What it leaves out is its connection's, as that is when a number is worked out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnPolicy {
    /// As [`Policy::share`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
    /// As [`Policy::buffer`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer: Option<OwnBuffer>,
    /// As [`Policy::max`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// As [`Policy::end_when`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_when: Option<u32>,
}

impl OwnPolicy {
    /// The policy that comes of it with a connection's.
    #[must_use]
    pub fn over(&self, connections: &Policy) -> Policy {
        Policy {
            share: self.share.unwrap_or(connections.share),
            buffer: self.buffer.map_or(connections.buffer, |own| own.over(connections.buffer)),
            max: self.max.or(connections.max),
            end_when: self.end_when.unwrap_or(connections.end_when),
        }
    }
}

impl From<Policy> for OwnPolicy {
    /// All of a policy as a listing's own.
    fn from(Policy { share, buffer, max, end_when }: Policy) -> Self {
        Self { share: Some(share), buffer: Some(buffer.into()), max, end_when: Some(end_when) }
    }
}

/// A listing as people and imports made it. From where it sells, and by which policy, its connection says with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What tells it from all others.
    pub key: ListingKey,
    /// The channel's names for it, by the kind of name: Ozon's `offer_id`, Wildberries' `chrt_id`, Kaspi's `sku`.
    pub ids: BTreeMap<String, Article>,
    /// How many units it may offer, where that isn't as its connection says.
    pub policy: OwnPolicy,
    /// Whether a person lets it sell: [`Standing::Selling`] or [`Standing::Paused`].
    pub standing: Standing,
    /// When a person ended it; none if it goes on.
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quantity(policy: &Policy, sellable: i64) -> u32 {
        policy.offer(Standing::Selling, sellable, 0).quantity
    }

    #[test]
    fn share_then_buffer_then_maximum() {
        let policy = Policy { share: 50, buffer: Buffer::Fixed(2), max: Some(10), end_when: 3 };
        for (sellable, offered) in [(-4, 0), (0, 0), (3, 0), (4, 0), (5, 0), (6, 1), (9, 2), (24, 10), (100, 10)] {
            assert_eq!(quantity(&policy, sellable), offered, "{sellable}");
        }
    }

    #[test]
    fn a_paused_listing_offers_nothing_and_says_so() {
        let offer = Policy::default().offer(Standing::Paused, 5, 0);
        assert_eq!((offer.quantity, offer.rule), (0, Rule::Paused));
        assert_eq!(Policy::default().offer(Standing::OutsideAssortment, 5, 0).quantity, 0);
    }

    #[test]
    fn end_when_takes_the_last_units_off_the_shelf() {
        let policy = Policy { end_when: 2, ..Policy::default() };
        assert_eq!(policy.offer(Standing::Selling, 2, 0).rule, Rule::Ended);
        assert_eq!(quantity(&policy, 3), 3);
    }

    #[test]
    fn what_a_listing_leaves_out_of_its_policy_is_its_connections() {
        let connections = Policy { share: 50, buffer: Buffer::Fixed(2), max: Some(10), end_when: 3 };
        assert_eq!(OwnPolicy::default().over(&connections), connections);
        let own = OwnPolicy { share: Some(80), buffer: Some(OwnBuffer::Fixed(0)), ..OwnPolicy::default() };
        assert_eq!(own.over(&connections), Policy { share: 80, buffer: Buffer::Fixed(0), ..connections });
    }

    fn any_buffer() -> impl Strategy<Value = Buffer> {
        let adaptive = (0_u16..=10_000, 0_u8..=255, any::<bool>());
        let adaptive =
            adaptive.prop_map(|(risk, most, last_unit)| Buffer::Adaptive(Adaptive { risk, most, last_unit }));
        let costs = any::<(u16, u16)>();
        let weighed = costs.prop_map(|(oversell, turned_away)| Buffer::Weighed(Costs { oversell, turned_away }));
        prop_oneof![(0_u32..50).prop_map(Buffer::Fixed), adaptive, weighed]
    }

    proptest! {
        #[test]
        fn a_listing_never_offers_more_than_is_sellable(
            share in 0_u8..=255, buffer in any_buffer(), max in proptest::option::of(0_u32..100), end_when in 0_u32..20,
            sellable in -1_000_i64..10_000, wanted in 0_i64..10_000,
        ) {
            let offered = Policy { share, buffer, max, end_when }.offer(Standing::Selling, sellable, wanted).quantity;
            prop_assert!(i64::from(offered) <= sellable.max(0));
            prop_assert!(max.is_none_or(|max| offered <= max));
        }

        #[test]
        fn a_whole_policy_of_its_own_is_that_policy(
            share in 0_u8..=100, buffer in any_buffer(), max in 0_u32..100, end_when in 0_u32..20,
        ) {
            let policy = Policy { share, buffer, max: Some(max), end_when };
            prop_assert_eq!(OwnPolicy::from(policy.clone()).over(&Policy::default()), policy);
        }

        #[test]
        fn one_more_sellable_unit_never_lowers_the_offer(
            share in 0_u8..=100, buffer in any_buffer(), sellable in 0_i64..10_000, wanted in 0_i64..10_000,
        ) {
            let policy = Policy { share, buffer, ..Policy::default() };
            let quantity = |sellable| policy.offer(Standing::Selling, sellable, wanted).quantity;
            prop_assert!(quantity(sellable) <= quantity(sellable + 1));
        }
    }
}
