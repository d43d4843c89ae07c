//! An order as it is told.

use std::collections::BTreeMap;

use edin_domain::order::{LineState, Milestone, Order, OrderState};
use edin_domain::{LineId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::wanted::Amount;

/// An order, or a hold that may become one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// Its id at this door.
    #[schema(example = "7d1c0c0f7c6d5a0e4f0b9a6f5e8c1b2a")]
    id: String,
    /// How far it is.
    state: State,
    /// Its lines, by SKU.
    lines: Vec<LineView>,
    /// Until when it is held, RFC 3339; none of an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    until: Option<String>,
    /// What the buyer owes for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Amount>,
    /// When it became what, RFC 3339: `placed`, `paid`, `shipped`, …
    times: BTreeMap<String, String>,
    /// Rises with every change; the answer's ETag.
    version: u64,
}

/// A page of the holds of a door.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldPage {
    /// Those that end first first.
    pub(crate) holds: Vec<OrderView>,
    /// What to ask for the next page with, as `after`; none of the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Goods are kept for somebody who hasn't ordered them yet.
    Held,
    /// It was held, and its time is over.
    Lapsed,
    /// Called off before anything left.
    Cancelled,
    /// Ordered.
    Placed,
    /// Goods have left the stock.
    Shipped,
    /// The buyer has them.
    Delivered,
    /// All that had left is back.
    Returned,
}

/// A line of an order, in units.
#[derive(Debug, Serialize, ToSchema)]
struct LineView {
    /// The seller's own SKU.
    sku: String,
    /// Units ordered.
    quantity: u32,
    /// Units of those that were called off before they left.
    cancelled: u32,
    /// Units that left the stock.
    shipped: u32,
    /// Units of those that are back and can be sold again.
    returned: u32,
    /// Units of those that are back and can't.
    unfit: u32,
    /// Where it is taken from; of a bundle, each component. None while the line takes nothing.
    locations: Vec<String>,
}

impl State {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
            Self::Placed => "placed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }

    /// How far an order is by what is known of it at `now`.
    pub(crate) fn of(state: &OrderState, now: Timestamp) -> Self {
        let counted = || state.lines.values().map(|line| state.counted(line));
        let has_left = counted().any(|line| line.shipped > 0);
        match state.held() {
            Some(hold) if hold.is_over(now) => Self::Lapsed,
            Some(_) => Self::Held,
            None if has_left && counted().all(|line| line.out() == 0) => Self::Returned,
            None if state.has(Milestone::Delivered) => Self::Delivered,
            None if has_left => Self::Shipped,
            None if counted().all(|line| line.reserved() == 0) => Self::Cancelled,
            None => Self::Placed,
        }
    }
}

impl OrderView {
    /// An order as it is told at `now`.
    pub(crate) fn of(order: &Order, now: Timestamp) -> Self {
        let line = |(id, line): (&LineId, &LineState)| {
            let counted = order.state.counted(line);
            let takes = order.mapped.get(id).map(|mapped| mapped.takes.as_slice()).unwrap_or_default();
            LineView {
                sku: id.to_string(),
                quantity: counted.ordered,
                cancelled: counted.cancelled,
                shipped: counted.shipped,
                returned: counted.returned,
                unfit: counted.unfit,
                locations: takes.iter().map(|take| take.location.to_string()).collect(),
            }
        };
        let time = |(milestone, at): (&Milestone, &Timestamp)| {
            let name = serde_json::to_value(milestone).ok()?.as_str()?.to_owned();
            Some((name, at.to_string()))
        };
        Self {
            id: order.key.id.to_string(),
            state: State::of(&order.state, now),
            lines: order.state.lines.iter().map(line).collect(),
            until: order.state.held().map(|hold| hold.until.to_string()),
            total: order.state.total.map(Amount::of),
            times: order.state.milestones.iter().filter_map(time).collect(),
            version: order.version,
        }
    }

    /// The version, as an answer's ETag.
    pub(crate) fn etag(&self) -> String {
        format!("\"{}\"", self.version)
    }
}
