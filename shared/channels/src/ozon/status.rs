//! What the status of a posting means for the stock.

use edin_domain::Timestamp;
use edin_domain::order::{Milestone, OrderState};

/// Where the goods of a posting are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// With the seller, promised.
    Here,
    /// Packed by the seller, promised, not handed over yet.
    Packed,
    /// Missing at the sorting centre, or disputed: a person must look, the promise stands.
    Disputed,
    /// On their way.
    Gone,
    /// With the buyer.
    Delivered,
    /// The posting was called off.
    Cancelled,
    /// The posting was replaced by others, which hold its goods.
    Split,
    /// Ozon documents no such status: the promise stands.
    Undocumented,
}

impl Stage {
    /// Reads a status of a posting, or the finer one that pushes carry.
    /// Source: docs.ozon.ru/api/seller, Push notifications, Shipment status change, 2026-09-22.
    pub(super) fn of(status: &str) -> Self {
        match status {
            "awaiting_verification"
            | "awaiting_approve"
            | "awaiting_packaging"
            | "posting_created"
            | "posting_split_pending"
            | "posting_awaiting_passport_data"
            | "ship_failed" => Self::Here,
            "awaiting_registration"
            | "awaiting_deliver"
            | "posting_awaiting_registration"
            | "posting_registration_error"
            | "posting_registered"
            | "posting_transferring_to_delivery"
            | "posting_in_carriage"
            | "posting_not_in_carriage" => Self::Packed,
            "not_accepted"
            | "arbitration"
            | "client_arbitration"
            | "posting_not_in_sort_center"
            | "posting_in_arbitration"
            | "posting_in_client_arbitration" => Self::Disputed,
            "acceptance_in_progress"
            | "delivering"
            | "driver_pickup"
            | "posting_acceptance_in_progress"
            | "posting_on_way_to_city"
            | "posting_transferred_to_courier_service"
            | "posting_in_courier_service"
            | "posting_on_way_to_pickup_point"
            | "posting_in_pickup_point"
            | "posting_conditionally_delivered"
            | "posting_returned_to_warehouse"
            | "posting_driver_pick_up" => Self::Gone,
            "delivered" | "posting_delivered" | "posting_received" => Self::Delivered,
            "cancelled" | "posting_canceled" => Self::Cancelled,
            "cancelled_from_split_pending" => Self::Split,
            _ => Self::Undocumented,
        }
    }

    /// Whether a posting that is called off at this stage is one that lists call `cancelled_after_ship`, which Ozon
    /// says of what was packed: its goods count again only when a return says that they are back. Were it freed by the
    /// push and taken by the next list, it could be sold twice in between.
    pub(super) const fn is_packed(self) -> bool {
        matches!(self, Self::Packed | Self::Disputed | Self::Gone | Self::Delivered)
    }

    /// Whether what Ozon lists of a posting at this stage is what it still wants.
    pub(super) const fn is_alive(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Split)
    }

    /// Notes in `state` what being at this stage since `at` tells.
    pub(super) fn note(self, state: OrderState, at: Timestamp) -> OrderState {
        match self {
            Self::Here | Self::Packed | Self::Disputed | Self::Split | Self::Undocumented => state,
            Self::Gone => state.with(Milestone::Shipped, at),
            Self::Delivered => state.with(Milestone::Shipped, at).with(Milestone::Delivered, at),
            Self::Cancelled => state.with(Milestone::Cancelled, at),
        }
    }

    /// Calls a person where one must look.
    pub(super) fn warn(self, order: &str, status: &str) {
        match self {
            Self::Disputed => {
                tracing::warn!(
                    order,
                    status,
                    "Ozon misses or disputes posting {order} ({status}): its goods stay reserved"
                );
            }
            Self::Undocumented => {
                tracing::warn!(order, status, "posting {order} has a status that Ozon does not document: {status:?}");
            }
            _ => {}
        }
    }
}
