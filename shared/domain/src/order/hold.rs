//! A hold: goods that are kept for a while for somebody who hasn't ordered them yet.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Until when goods are kept. Both times only move on, so that a hold is a lattice as the order is that it may become.
///
/// That the time has come changes nothing by itself: what the stock counts is a function of what was told, and somebody must
/// tell that the hold [`lapsed`](Self::lapsed_at). Asked for once more after that, the goods are taken once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Until when they are kept, by the last asking.
    pub until: Timestamp,
    /// When the time was last found to have come; none if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapsed_at: Option<Timestamp>,
}

impl Hold {
    /// Goods that are kept until then.
    #[must_use]
    pub const fn until(until: Timestamp) -> Self {
        Self { until, lapsed_at: None }
    }

    /// Joins two: the later of either time.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { until: self.until.max(other.until), lapsed_at: self.lapsed_at.max(other.lapsed_at) }
    }

    /// The same, found to have come to its end at `now`; as it was, if it hasn't.
    #[must_use]
    pub fn lapsed(self, now: Timestamp) -> Self {
        match self.is_over(now) {
            true => Self { lapsed_at: self.lapsed_at.max(Some(now)), ..self },
            false => self,
        }
    }

    /// Whether its time has come.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        self.until <= now
    }

    /// Whether its goods are free again: not if they were asked for once more since.
    #[must_use]
    pub fn has_lapsed(self) -> bool {
        self.lapsed_at.is_some_and(|at| self.is_over(at))
    }
}
