//! Drift: what a channel really shows, against what it should, with the reason.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::shown::{Decision, Shown};
use crate::stock::Tally;

/// Why a channel shows another number than the policy wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    /// A push is on its way, or must wait for the channel's interval.
    InFlight,
    /// The channel has an order of it that the stock table has not.
    UnseenOrder,
    /// It shows neither what it acknowledged nor what was asked: somebody changed it in the cabinet, or the channel did.
    EditedByHand,
    /// It refused the number.
    Rejected {
        /// The channel's code.
        code: String,
        /// The channel's words.
        message: String,
    },
    /// It was never told.
    NeverTold,
    /// It shows something that no listing here speaks of.
    NotMapped,
}

/// One difference found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// What the channel showed.
    pub actual: u32,
    /// What it should show.
    pub desired: u32,
    /// Why the two numbers differ.
    #[serde(flatten)]
    pub reason: Reason,
}

/// Names the difference between what a channel shows and what it should; none if there is none.
#[must_use]
pub fn explain(
    actual: u32,
    desired: u32,
    shown: &Shown,
    tally: Tally,
    has_unseen_order: UnseenOrders,
    now: Timestamp,
) -> Option<Drift> {
    if actual == desired {
        return None;
    }
    let reason = match (&shown.rejected, shown.estimate(tally), has_unseen_order) {
        (_, _, UnseenOrders::Some) => Reason::UnseenOrder,
        (Some(said), _, _) => Reason::Rejected { code: said.code.clone(), message: said.message.clone() },
        (None, Some(estimate), _) if estimate == actual => Reason::InFlight,
        (None, Some(_), _) => Reason::EditedByHand,
        (None, None, _) => match shown.decide(desired, tally, now) {
            Decision::Wait(_) => Reason::InFlight,
            Decision::Push | Decision::UpToDate | Decision::Withheld => Reason::NeverTold,
        },
    };
    Some(Drift { actual, desired, reason })
}

/// Whether the channel has orders of the listing that the table lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnseenOrders {
    /// At least one.
    Some,
    /// None.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::{Acknowledged, Rejection};

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn shown(quantity: u32) -> Shown {
        let acknowledged = Acknowledged { quantity, at: NOW, tally: Tally::default(), version: 1 };
        Shown { acknowledged: Some(acknowledged), ..Shown::default() }
    }

    fn reason(actual: u32, desired: u32, shown: &Shown, unseen: UnseenOrders) -> Option<Reason> {
        explain(actual, desired, shown, Tally::default(), unseen, NOW).map(|drift| drift.reason)
    }

    #[test]
    fn every_difference_has_a_name() {
        assert_eq!(reason(5, 5, &shown(9), UnseenOrders::Some), None);
        assert_eq!(reason(5, 4, &shown(5), UnseenOrders::None), Some(Reason::InFlight));
        assert_eq!(reason(4, 5, &shown(5), UnseenOrders::Some), Some(Reason::UnseenOrder));
        assert_eq!(reason(7, 5, &shown(5), UnseenOrders::None), Some(Reason::EditedByHand));
        assert_eq!(reason(7, 5, &Shown::default(), UnseenOrders::None), Some(Reason::NeverTold));
        let rejected = Rejection { quantity: 5, at: NOW, code: "C".into(), message: "M".into() };
        let refused = Shown { rejected: Some(rejected), ..shown(7) };
        assert!(matches!(reason(7, 5, &refused, UnseenOrders::None), Some(Reason::Rejected { .. })));
    }
}
