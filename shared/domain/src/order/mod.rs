//! Orders as a lattice.
//!
//! A channel tells of an order many times, late, twice and out of order. Whatever it tells is an [`OrderState`]; what is
//! known is the join of all that was told. The join takes the maximum of every counter, the earliest of every milestone, and the
//! last two lists of what an order still has: it is idempotent, commutative and associative, so that duplicates and reordering
//! are harmless by construction.

mod effect;
mod hold;
mod line;
mod listed;
#[cfg(test)]
mod tests;

pub use effect::{Effect, effect};
pub use hold::Hold;
pub use line::{Counted, LineState};
pub use listed::{Listed, Word};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::customer::{Contact, Detail};
use crate::{Article, Cause, ConnectionId, LineId, LocationId, Money, OrderId, Sku, Timestamp, WarehouseId};
use line::is_zero;

/// One order of one connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    /// The account that it came through.
    pub connection: ConnectionId,
    /// The channel's id of it.
    pub id: OrderId,
}

impl OrderKey {
    /// Channels number their orders by themselves, so an id alone may be of two connections.
    #[must_use]
    pub const fn new(connection: ConnectionId, id: OrderId) -> Self {
        Self { connection, id }
    }
}

/// `ozon-main/0132112277-0101-1`
impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connection, self.id)
    }
}

/// Something that happened to an order as a whole, kept with its earliest time.
///
/// Three of them speak for all lines: [`Shipped`](Self::Shipped), [`Cancelled`](Self::Cancelled) and
/// [`Returned`](Self::Returned). So a status that arrives before the lines takes effect when they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// The buyer ordered.
    Placed,
    /// The buyer paid, or the bank approved.
    Paid,
    /// The seller took it on.
    Accepted,
    /// The goods lie ready to be fetched, or to be sent.
    Packed,
    /// The goods left the seller's stock: every line that isn't cancelled.
    Shipped,
    /// The buyer has the goods.
    Delivered,
    /// Called off. Before [`Shipped`](Self::Shipped) it frees the stock; after it, the goods are expected back.
    Cancelled,
    /// The goods are physically back and can be sold again: everything that was shipped, but what is told to be unfit.
    Returned,
    /// The channel sold it while it knew that there was none (Wildberries' `isZeroOrder`).
    SoldAtZero,
}

/// All that is known of an order, or all that one message tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    /// The channel's warehouse that it was sold from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<WarehouseId>,
    /// The lines, by the channel's id of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<LineId, LineState>,
    /// What happened, and when first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub milestones: BTreeMap<Milestone, Timestamp>,
    /// The last list of every line that the order still has: a line that it lacks is cancelled, once [`believed`](Listed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Listed>,
    /// The list before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_before: Option<Listed>,
    /// The posting that this one was split from: its sale is not a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrderId>,
    /// What the buyer owes; the largest sum told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// Until when it is kept for somebody who hasn't ordered it yet; none if nobody asked for that. Once it is
    /// [`Placed`](Milestone::Placed), it is kept for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The channel's other id of the order, by which its other reports can be joined (Wildberries' `rid`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl OrderState {
    /// Joins what another message tells into this.
    pub fn merge(&mut self, other: &Self) {
        self.warehouse = self.warehouse.take().max(other.warehouse.clone());
        self.hear(other);
        self.total = self.total.max(other.total);
        self.hold = match (self.hold, other.hold) {
            (Some(known), Some(told)) => Some(known.joined(told)),
            (known, told) => known.or(told),
        };
        self.parent = self.parent.take().max(other.parent.clone());
        self.reference = self.reference.take().max(other.reference.clone());
        for (milestone, at) in &other.milestones {
            self.milestones.entry(*milestone).and_modify(|known| *known = (*known).min(*at)).or_insert(*at);
        }
        for (id, line) in &other.lines {
            self.lines.entry(id.clone()).or_default().merge(line);
        }
    }

    /// The join of this and another, leaving both as they are.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        joined.merge(other);
        joined
    }

    /// Keeps the last two lists.
    fn hear(&mut self, other: &Self) {
        let lists = [self.listed_at, self.listed_before, other.listed_at, other.listed_before];
        let mut lists: Vec<Listed> = lists.into_iter().flatten().collect();
        lists.sort_unstable_by(|one, other| other.cmp(one));
        lists.dedup();
        let mut last = lists.into_iter();
        (self.listed_at, self.listed_before) = (last.next(), last.next());
    }

    /// Whether `later`, which this was merged into, says more. That a channel has listed the same lines once again doesn't count:
    /// it does so at every poll.
    #[must_use]
    pub fn is_news(&self, later: &Self) -> bool {
        let listing = |state: &Self| -> Vec<_> { state.lines.values().map(|line| line.listing(state)).collect() };
        listing(self) != listing(later) || self.unlisted() != later.unlisted()
    }

    /// The same without what lists say.
    fn unlisted(&self) -> Self {
        let mut same = Self { listed_at: None, listed_before: None, ..self.clone() };
        for line in same.lines.values_mut() {
            (line.kept, line.listed_at, line.before) = (None, None, None);
        }
        same
    }

    /// Notes that `milestone` was reached at `at`.
    #[must_use]
    pub fn with(mut self, milestone: Milestone, at: Timestamp) -> Self {
        self.milestones.entry(milestone).and_modify(|known| *known = (*known).min(at)).or_insert(at);
        self
    }

    /// Whether `milestone` was reached.
    #[must_use]
    pub fn has(&self, milestone: Milestone) -> bool {
        self.milestones.contains_key(&milestone)
    }

    /// Until when it is held; none if it isn't, or is no mere hold any more: ordered, or called off.
    #[must_use]
    pub fn held(&self) -> Option<Hold> {
        let is_settled =
            [Milestone::Placed, Milestone::Shipped, Milestone::Cancelled].iter().any(|past| self.has(*past));
        self.hold.filter(|_| !is_settled)
    }

    /// Whether somebody ordered it: not if it is, or was, a hold that nothing came of.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.hold.is_none() || self.has(Milestone::Placed)
    }

    /// Whether it is a hold whose goods are free again.
    #[must_use]
    pub fn has_lapsed(&self) -> bool {
        self.held().is_some_and(Hold::has_lapsed)
    }

    /// What is to be told of it at `now`, if its time has come: that it is over. Nothing of one that isn't held.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Self {
        Self { hold: self.hold.map(|hold| hold.lapsed(now)), ..Self::default() }
    }

    /// When the buyer ordered, as far as is known: the earliest milestone if it wasn't told.
    #[must_use]
    pub fn placed_at(&self) -> Option<Timestamp> {
        self.milestones.get(&Milestone::Placed).or_else(|| self.milestones.values().min()).copied()
    }

    /// What a line comes to, with everything that was told of the order as a whole.
    #[must_use]
    pub fn counted(&self, line: &LineState) -> Counted {
        line.counted(self)
    }
}

/// What one unit of an order line takes out of the stock: `quantity` of `sku` at `location`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Take {
    /// The component; the line's own SKU if it isn't a bundle.
    pub sku: Sku,
    /// Where it is taken from.
    pub location: LocationId,
    /// Units of the component in one unit of the line.
    pub quantity: u32,
}

/// What a line's article turned out to be. Found once, then kept, so that a later change of the mapping or of a bundle
/// never moves an order from one stock to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// What was sold.
    pub sku: Sku,
    /// What that takes.
    pub takes: Vec<Take>,
    /// Units that had left before the stock was counted: the count knew, so they don't leave it once more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_before: u32,
}

/// An order as the stock table holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its account, and the channel's id of it.
    pub key: OrderKey,
    /// The join of all that was told of it.
    pub state: OrderState,
    /// What the lines were found to be. A line that isn't here is unmapped and takes nothing yet.
    pub mapped: BTreeMap<LineId, Mapped>,
    /// Mapped lines that the stock doesn't follow yet, with what it still counts of them: an order that is too large for one
    /// transaction is recorded in several.
    pub behind: BTreeMap<LineId, Counted>,
    /// Whether the customer table holds who it is for.
    pub has_contact: bool,
    /// What it holds of them whole.
    pub contact: BTreeSet<Detail>,
    /// A digest of what was asked for when it began, where somebody asked for it: the same asking once more is known by it.
    pub request: Option<String>,
    /// Rises by one with every change; zero before the first.
    pub version: u64,
    /// The event that changed it last.
    pub cause: Cause,
}

impl Order {
    /// An order of which nothing is known yet.
    #[must_use]
    pub fn unknown(key: OrderKey, cause: Cause) -> Self {
        let (state, mapped, behind) = (OrderState::default(), BTreeMap::new(), BTreeMap::new());
        let (contact, request) = (BTreeSet::new(), None);
        Self { key, state, mapped, behind, has_contact: false, contact, request, version: 0, cause }
    }

    /// Whether the customer table doesn't hold all that this tells of the buyer. Another value of a detail that it holds whole
    /// isn't news.
    #[must_use]
    pub fn lacks(&self, contact: &Contact) -> bool {
        !contact.is_empty() && (!self.has_contact || !contact.whole().is_subset(&self.contact))
    }

    /// What the stock counts of a line once this is recorded.
    #[must_use]
    pub fn recorded(&self, id: &LineId, line: &LineState) -> Counted {
        self.behind.get(id).copied().unwrap_or_else(|| self.state.counted(line))
    }

    /// The lines that wait for a mapping, with the articles by which one may be found.
    pub fn unmapped(&self) -> impl Iterator<Item = (&LineId, &BTreeSet<Article>)> {
        self.state.lines.iter().filter(|(id, _)| !self.mapped.contains_key(*id)).map(|(id, line)| (id, &line.articles))
    }
}
