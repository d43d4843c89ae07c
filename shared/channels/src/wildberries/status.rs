//! What the two statuses of an assembly order mean for the stock.
//!
//! Source: dev.wildberries.ru/openapi/orders-fbs, `POST /api/v3/orders/status`, 2026-08-18. Its prose and its list of
//! values contradict each other; whatever isn't in this table is a doubt.

use edin_domain::order::Milestone::{self, Accepted, Cancelled, Delivered, Shipped};

use super::wire;

/// What a pair of statuses tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What the order has reached. Wildberries doesn't say when.
    pub reached: &'static [Milestone],
    /// Why a person must look at it; until then the unit stays reserved.
    pub doubt: Option<&'static str>,
}

const NEVER_SCANNED: &str =
    "cancelled after it was handed over, and never scanned: see whether the goods are still here";
const CARRIER: &str = "cancelled by the carrier: see whether the goods are still here";
const UNKNOWN: &str = "a status that Wildberries does not document";

/// What the two statuses of an order come to.
///
/// The goods have left as soon as Wildberries or a carrier scanned them: `sorted` and all that follows. A cancellation
/// of goods that were handed over doesn't bring them back: [`Shipped`] goes with it, and only a receipt restocks them.
#[must_use]
pub fn standing(status: &wire::Status) -> Standing {
    match (status.supplier_status.as_str(), status.wb_status.as_str()) {
        (_, "sold") => told(&[Shipped, Delivered]),
        (_, "sorted" | "ready_for_pickup" | "accepted_by_carrier" | "sent_to_carrier") => told(&[Shipped]),
        ("cancel_carrier", _) | (_, "canceled_by_carrier") => doubtful(CARRIER),
        ("complete", "canceled_by_client" | "defect") => told(&[Shipped, Cancelled]),
        ("complete", "canceled" | "declined_by_client") => doubtful(NEVER_SCANNED),
        ("cancel" | "new" | "confirm", "canceled" | "declined_by_client" | "canceled_by_client" | "defect") => {
            told(&[Cancelled])
        }
        ("cancel", "waiting") => told(&[Cancelled]),
        ("new", "waiting" | "postponed_delivery") => told(&[]),
        ("confirm" | "complete", "waiting" | "postponed_delivery") => told(&[Accepted]),
        _ => doubtful(UNKNOWN),
    }
}

const fn told(reached: &'static [Milestone]) -> Standing {
    Standing { reached, doubt: None }
}

const fn doubtful(why: &'static str) -> Standing {
    Standing { reached: &[], doubt: Some(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(supplier_status: &str, wb_status: &str) -> Standing {
        standing(&wire::Status {
            supplier_status: supplier_status.to_owned(),
            wb_status: wb_status.to_owned(),
            ..wire::Status::default()
        })
    }

    #[test]
    fn goods_that_nobody_scanned_stay_reserved() {
        assert_eq!(of("new", "waiting"), told(&[]));
        assert_eq!(of("confirm", "waiting"), told(&[Accepted]));
        assert_eq!(of("complete", "waiting"), told(&[Accepted]));
    }

    #[test]
    fn a_scan_ships() {
        for wb in ["sorted", "ready_for_pickup", "accepted_by_carrier", "sent_to_carrier"] {
            assert_eq!(of("complete", wb), told(&[Shipped]), "{wb}");
        }
        assert_eq!(of("complete", "sold"), told(&[Shipped, Delivered]));
    }

    #[test]
    fn a_cancellation_before_the_goods_were_handed_over_frees_them() {
        for (supplier, wb) in [
            ("cancel", "waiting"),
            ("cancel", "canceled"),
            ("new", "declined_by_client"),
            ("confirm", "canceled"),
            ("confirm", "defect"),
        ] {
            assert_eq!(of(supplier, wb), told(&[Cancelled]), "{supplier} {wb}");
        }
    }

    #[test]
    fn a_cancellation_after_the_goods_were_handed_over_does_not_bring_them_back() {
        for wb in ["canceled_by_client", "defect"] {
            assert_eq!(of("complete", wb), told(&[Shipped, Cancelled]), "{wb}");
        }
    }

    #[test]
    fn where_the_goods_of_a_cancelled_order_are_in_doubt_a_person_looks() {
        assert_eq!(of("complete", "canceled"), doubtful(NEVER_SCANNED));
        assert_eq!(of("cancel_carrier", "waiting"), doubtful(CARRIER));
        assert_eq!(of("complete", "canceled_by_carrier"), doubtful(CARRIER));
    }

    #[test]
    fn an_unknown_status_changes_nothing_and_is_told() {
        for (supplier, wb) in [("complete", "teleported"), ("archive", "waiting"), ("", "")] {
            assert_eq!(of(supplier, wb), doubtful(UNKNOWN), "{supplier} {wb}");
        }
    }
}
