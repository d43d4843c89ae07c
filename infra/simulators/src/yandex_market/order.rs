//! An order, its statuses, and which of them mean that it has left or stays as it is for good.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Order as Seen;

/// How long the seller has to hand an order over.
const TO_SHIP: Duration = Duration::from_secs(24 * 60 * 60);
/// The first order is the one after this.
const FIRST: u64 = 50_000_000;

/// All statuses that are documented.
pub(super) const STATUSES: [&str; 12] = [
    "PLACING",
    "RESERVED",
    "UNPAID",
    "PROCESSING",
    "DELIVERY",
    "PICKUP",
    "DELIVERED",
    "CANCELLED",
    "PENDING",
    "PARTIALLY_RETURNED",
    "RETURNED",
    "UNKNOWN",
];

/// Statuses of an order that stays as it is, unless goods come back.
const FINAL: [&str; 4] = ["DELIVERED", "CANCELLED", "PARTIALLY_RETURNED", "RETURNED"];

/// Statuses of an order that left the seller, whatever the substatus.
const GONE: [&str; 3] = ["DELIVERY", "PICKUP", "DELIVERED"];

/// What one buyer ordered at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub id: u64,
    /// A test order, which nobody bought.
    pub fake: bool,
    pub status: String,
    pub substatus: String,
    pub lines: Vec<Line>,
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// To be handed over by then.
    pub ship_by: Timestamp,
    /// Whether it has left the seller.
    pub gone: bool,
}

/// Units of one good.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    /// Within all orders.
    pub id: u64,
    pub offer_id: String,
    pub name: String,
    /// Of one unit, in whole tenge.
    pub price: u64,
    /// Units in the order by now: those that were taken out of it aren't counted.
    pub count: u32,
    /// All that were ever in it, by what became of them.
    pub units: BTreeMap<Unit, u32>,
}

/// What became of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Unit {
    Created,
    Shipped,
    Cancelled,
    DeliveredToBuyer,
    Rejected,
    Returned,
}

impl Order {
    /// The one after `before` others, as it comes in. Its lines get their ids here.
    pub(super) fn new(before: usize, mut lines: Vec<Line>, now: Timestamp) -> Self {
        let id = FIRST + u64::try_from(before).unwrap_or_default() + 1;
        (1..).zip(&mut lines).for_each(|(number, line)| line.id = id * 100 + number);
        Self {
            id,
            fake: false,
            status: "PROCESSING".to_owned(),
            substatus: "STARTED".to_owned(),
            lines,
            created_at: now,
            updated_at: now,
            ship_by: now.plus(TO_SHIP),
            gone: false,
        }
    }

    /// Whether it stays as it is, unless goods come back.
    pub(super) fn is_final(&self) -> bool {
        FINAL.contains(&self.status.as_str())
    }

    /// Whether units can be taken out of it.
    pub(super) fn is_open(&self) -> bool {
        self.status == "PROCESSING" && self.substatus == "STARTED"
    }

    /// Moves on, and its units with it. True if they leave the seller by that.
    pub(super) fn enter(&mut self, status: &str, substatus: &str, now: Timestamp) -> bool {
        status.clone_into(&mut self.status);
        substatus.clone_into(&mut self.substatus);
        self.updated_at = now;
        let leaves = !self.gone && (GONE.contains(&status) || (status, substatus) == ("PROCESSING", "SHIPPED"));
        self.gone |= leaves;
        match status {
            "CANCELLED" => {
                self.shift(Unit::Created, Unit::Cancelled);
                self.shift(Unit::Shipped, Unit::Rejected);
            }
            _ if self.gone => self.shift(Unit::Created, Unit::Shipped),
            _ => {}
        }
        if status == "DELIVERED" {
            self.shift(Unit::Shipped, Unit::DeliveredToBuyer);
        }
        leaves
    }

    fn shift(&mut self, from: Unit, to: Unit) {
        for line in &mut self.lines {
            line.shift(from, to, u32::MAX);
        }
    }

    pub(super) fn line(&self, offer_id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.offer_id == offer_id)
    }

    pub(super) fn line_mut(&mut self, offer_id: &str) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.offer_id == offer_id)
    }

    /// Units of all goods of which this became.
    pub(super) fn units(&self, what: Unit) -> u32 {
        self.lines.iter().map(|line| line.units(what)).sum()
    }

    /// As a test looks at it.
    pub(super) fn seen(&self) -> Seen {
        Seen {
            id: self.id,
            status: self.status.clone(),
            substatus: self.substatus.clone(),
            items: self.lines.iter().map(|line| (line.offer_id.clone(), line.count)).collect(),
        }
    }
}

impl Line {
    /// Units of which this became.
    pub(super) fn units(&self, what: Unit) -> u32 {
        self.units.get(&what).copied().unwrap_or(0)
    }

    /// Lets up to `units` become something else. How many did.
    pub(super) fn shift(&mut self, from: Unit, to: Unit, units: u32) -> u32 {
        let moved = units.min(self.units(from));
        if moved > 0 {
            *self.units.entry(from).or_default() -= moved;
            *self.units.entry(to).or_default() += moved;
            self.units.retain(|_, units| *units > 0);
        }
        moved
    }
}
