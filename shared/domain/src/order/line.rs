//! One line of an order: counters that only rise, and what they come to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::listed::{self, Listed, Said, Word};
use super::{Milestone, OrderState};
use crate::{Article, OrderId, Timestamp};

/// What was told of one line, in units of what was sold. Every part only moves one way, but for what lists say: there the
/// last two count.
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
    /// Units physically back that can't be sold again: broken, opened, out of date.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unfit: u32,
    /// The earliest that the units which are back may have come back; none if that isn't known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<Timestamp>,
    /// Units that are still wanted, by the last list that has this line; none if it doesn't say how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u32>,
    /// Units that went over to a posting split off from this one, by that posting.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<OrderId, u32>,
    /// The last list that has this line. See [`OrderState::listed_at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Listed>,
    /// What the list before that said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Word>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a line comes to: `reserved = max(0, ordered − cancelled − shipped)`, `on_hand = −shipped + returned`.
/// What is back and unfit moves nothing: it is no stock any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Units ordered.
    pub ordered: u32,
    /// Units called off, or moved to another posting, before they left.
    pub cancelled: u32,
    /// Units that left.
    pub shipped: u32,
    /// Units back that can be sold again.
    pub returned: u32,
    /// Units back that can't.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unfit: u32,
}

impl Counted {
    /// Units that are promised and still here.
    #[must_use]
    pub const fn reserved(self) -> u32 {
        self.ordered.saturating_sub(self.cancelled).saturating_sub(self.shipped)
    }

    /// Units that left and aren't back, fit or not.
    #[must_use]
    pub const fn out(self) -> u32 {
        self.shipped.saturating_sub(self.returned).saturating_sub(self.unfit)
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
        self.unfit = self.unfit.max(other.unfit);
        self.returned_at = [self.returned_at, other.returned_at].into_iter().flatten().min();
        self.hear(other);
        for (child, units) in &other.moved {
            self.moved.entry(child.clone()).and_modify(|known| *known = (*known).max(*units)).or_insert(*units);
        }
        self.articles.extend(other.articles.iter().cloned());
    }

    /// Keeps what the last two lists say.
    fn hear(&mut self, other: &Self) {
        let (last, before) = listed::last_two(self.words().chain(other.words()));
        let Word { kept, listed_at } = last.unwrap_or_default();
        (self.kept, self.listed_at, self.before) = (kept, listed_at, before);
    }

    /// What the last lists that have this line say, the latest first.
    fn words(&self) -> impl Iterator<Item = Word> {
        let last = Word { kept: self.kept, listed_at: self.listed_at };
        [Some(last), self.before].into_iter().flatten().filter(|word| word.is_told())
    }

    /// What the last two lists say of it, the latest first. A line that a list of all lines lacks is gone.
    fn said(&self, order: &OrderState) -> Vec<Said> {
        let units = |word: Word| word.kept.unwrap_or(self.ordered).min(self.ordered);
        if order.listed_at.is_none() || self.listed_at > order.listed_at {
            let edition = |word: Word| word.listed_at.and_then(|list| list.edition);
            return self.words().map(|word| Said { edition: edition(word), units: units(word) }).collect();
        }
        let of_line = |list| self.words().find(|word| word.listed_at == Some(list)).map_or(0, units);
        let lists = [order.listed_at, order.listed_before].into_iter().flatten();
        lists.map(|list| Said { edition: list.edition, units: of_line(list) }).collect()
    }

    /// What the latest list says, and what is believed: all that lists mean for the stock, now and later.
    pub(super) fn listing(&self, order: &OrderState) -> (Option<Said>, Option<u32>) {
        let said = self.said(order);
        (said.first().copied(), listed::believed(&said))
    }

    pub(super) fn counted(&self, order: &OrderState) -> Counted {
        let given_up = self.moved.values().fold(self.cancelled, |sum, units| sum.saturating_add(*units));
        let wanted = listed::believed(&self.said(order)).unwrap_or(self.ordered);
        let unwanted = self.ordered.saturating_sub(wanted);
        let cancelled = unwanted.max(given_up).min(self.ordered);
        let left = self.shipped.max(self.returned.saturating_add(self.unfit));
        let shipped = match order.has(Milestone::Shipped) || order.has(Milestone::Returned) {
            true => left.max(self.ordered.saturating_sub(cancelled)),
            false => left,
        };
        let cancelled = match order.has(Milestone::Cancelled) || order.has_lapsed() {
            true => cancelled.max(self.ordered.saturating_sub(shipped)),
            false => cancelled,
        };
        let returned = match order.has(Milestone::Returned) {
            true => shipped.saturating_sub(self.unfit),
            false => self.returned,
        };
        Counted { ordered: self.ordered, cancelled, shipped, returned, unfit: self.unfit }
    }
}
