//! One line of an order: counters that only rise, and what they come to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Milestone, OrderState};
use crate::{Article, OrderId, Timestamp};

/// What was told of one line, in units of what was sold. Every part only moves one way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// What the channel calls the good; any of them may be mapped.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub articles: BTreeSet<Article>,
    /// Units ordered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ordered: u32,
    /// Units called off before they left.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cancelled: u32,
    /// Units that left the stock.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shipped: u32,
    /// Units physically back and sellable.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub returned: u32,
    /// The fewest units that a channel which tells "so many are still wanted" ever told. Only falls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u32>,
    /// Units that went over to a posting split off from this one, by that posting.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<OrderId, u32>,
    /// When the channel last listed this line. See [`OrderState::listed_at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a line comes to: `reserved = max(0, ordered − cancelled − shipped)`, `on_hand = −shipped + returned`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Units ordered.
    pub ordered: u32,
    /// Units called off, or moved to another posting, before they left.
    pub cancelled: u32,
    /// Units that left.
    pub shipped: u32,
    /// Units back.
    pub returned: u32,
}

impl Counted {
    /// Units that are promised and still here.
    #[must_use]
    pub const fn reserved(self) -> u32 {
        self.ordered.saturating_sub(self.cancelled).saturating_sub(self.shipped)
    }
}

impl LineState {
    /// A line of `ordered` units of what the channel calls `articles`.
    #[must_use]
    pub fn ordered(articles: impl IntoIterator<Item = Article>, ordered: u32) -> Self {
        Self { articles: articles.into_iter().collect(), ordered, ..Self::default() }
    }

    /// Joins what another message tells of this line into it.
    pub fn merge(&mut self, other: &Self) {
        self.ordered = self.ordered.max(other.ordered);
        self.cancelled = self.cancelled.max(other.cancelled);
        self.shipped = self.shipped.max(other.shipped);
        self.returned = self.returned.max(other.returned);
        self.listed_at = self.listed_at.max(other.listed_at);
        self.kept = match (self.kept, other.kept) {
            (Some(known), Some(told)) => Some(known.min(told)),
            (known, told) => known.or(told),
        };
        for (child, units) in &other.moved {
            self.moved.entry(child.clone()).and_modify(|known| *known = (*known).max(*units)).or_insert(*units);
        }
        self.articles.extend(other.articles.iter().cloned());
    }

    pub(super) fn counted(&self, order: &OrderState) -> Counted {
        let given_up = self.moved.values().fold(self.cancelled, |sum, units| sum.saturating_add(*units));
        let unwanted = self.kept.map_or(0, |kept| self.ordered.saturating_sub(kept));
        let cancelled = match self.listed_at < order.listed_at {
            true => self.ordered,
            false => unwanted.max(given_up).min(self.ordered),
        };
        let left = self.shipped.max(self.returned);
        let shipped = match order.has(Milestone::Shipped) || order.has(Milestone::Returned) {
            true => left.max(self.ordered.saturating_sub(cancelled)),
            false => left,
        };
        let cancelled = match order.has(Milestone::Cancelled) {
            true => cancelled.max(self.ordered.saturating_sub(shipped)),
            false => cancelled,
        };
        let returned = match order.has(Milestone::Returned) {
            true => shipped,
            false => self.returned,
        };
        Counted { ordered: self.ordered, cancelled, shipped, returned }
    }
}
