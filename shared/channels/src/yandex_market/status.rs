//! What the status of an order means for the stock.

use edin_domain::Timestamp;
use edin_domain::order::{Milestone, OrderState};

/// Where the goods of an order are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// With the seller, promised.
    Here,
    /// On their way.
    Gone,
    /// With the buyer, or back from there: what came back, returns say.
    Delivered,
    /// The order was called off.
    Cancelled,
    /// It was called off after the goods had left: nobody came for them.
    Uncollected,
    /// The Market documents no such status, and says of those that they needn't be handled: the promise stands.
    Undocumented,
}

impl Stage {
    /// Reads a status and what is said besides. Source: github.com/yandex-market/yandex-market-partner-api, OrderStatusType and
    /// OrderSubstatusType, 2026-07-17.
    pub(super) fn of(status: &str, substatus: &str) -> Self {
        match (status, substatus) {
            ("PROCESSING", "SHIPPED") | ("DELIVERY" | "PICKUP", _) => Self::Gone,
            ("PLACING" | "RESERVED" | "UNPAID" | "PENDING" | "PROCESSING", _) => Self::Here,
            ("DELIVERED" | "PARTIALLY_RETURNED" | "RETURNED", _) => Self::Delivered,
            ("CANCELLED", "PICKUP_EXPIRED") => Self::Uncollected,
            ("CANCELLED", _) => Self::Cancelled,
            _ => Self::Undocumented,
        }
    }

    /// Whether the goods that the order lists are those that it still wants: later a list may lack what came back.
    pub(super) const fn lists_what_is_wanted(self) -> bool {
        matches!(self, Self::Here | Self::Gone)
    }

    /// Whether goods of it may be on their way back.
    pub(super) const fn may_come_back(self) -> bool {
        !matches!(self, Self::Here | Self::Undocumented)
    }

    /// Notes in `state` what being at this stage since `at` tells.
    pub(super) fn note(self, state: OrderState, at: Timestamp) -> OrderState {
        match self {
            Self::Here | Self::Undocumented => state,
            Self::Gone => state.with(Milestone::Shipped, at),
            Self::Delivered => state.with(Milestone::Shipped, at).with(Milestone::Delivered, at),
            Self::Cancelled => state.with(Milestone::Cancelled, at),
            Self::Uncollected => state.with(Milestone::Shipped, at).with(Milestone::Cancelled, at),
        }
    }

    /// Says so where a status isn't documented. `UNKNOWN` is, and nobody needs to hear of it.
    pub(super) fn warn(self, order: &str, status: &str) {
        if self == Self::Undocumented && status != "UNKNOWN" {
            tracing::warn!(order, status, "order {order} has a status that the Market does not document: {status:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_status_has_a_stage_and_any_other_keeps_the_promise() {
        for (status, substatus, stage) in [
            ("PLACING", "", Stage::Here),
            ("RESERVED", "", Stage::Here),
            ("UNPAID", "WAITING_USER_INPUT", Stage::Here),
            ("PENDING", "AWAIT_CONFIRMATION", Stage::Here),
            ("PROCESSING", "STARTED", Stage::Here),
            ("PROCESSING", "READY_TO_SHIP", Stage::Here),
            ("PROCESSING", "OF_TOMORROW", Stage::Here),
            ("PROCESSING", "SHIPPED", Stage::Gone),
            ("DELIVERY", "DELIVERY_SERVICE_RECEIVED", Stage::Gone),
            ("PICKUP", "PICKUP_SERVICE_RECEIVED", Stage::Gone),
            ("DELIVERED", "DELIVERY_SERVICE_DELIVERED", Stage::Delivered),
            ("PARTIALLY_RETURNED", "", Stage::Delivered),
            ("RETURNED", "", Stage::Delivered),
            ("CANCELLED", "USER_NOT_PAID", Stage::Cancelled),
            ("CANCELLED", "RESERVATION_EXPIRED", Stage::Cancelled),
            ("CANCELLED", "PICKUP_EXPIRED", Stage::Uncollected),
            ("UNKNOWN", "UNKNOWN", Stage::Undocumented),
            ("OF_TOMORROW", "", Stage::Undocumented),
            ("", "", Stage::Undocumented),
        ] {
            assert_eq!(Stage::of(status, substatus), stage, "{status} {substatus}");
        }
    }
}
