//! What the status of an order means for the stock: what it means for the shop's own number, so that the two agree.

/// Where the goods of an order are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is a checkout that nobody has finished: no order yet.
    Draft,
    /// With the seller, promised until the buyer has paid. The shop keeps them back and has not lowered its number.
    Unpaid,
    /// With the seller, promised. A status of a plugin's counts as this one, too.
    Promised,
    /// They have left, but for what was put back in stock.
    Gone,
    /// The order was called off. It may be revived.
    Off,
    /// It was thrown away after it had been completed, or after that had been undone: what is known of it stays.
    Left,
}

/// Whether an order has once been completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completed {
    Yes,
    No,
}

impl Stage {
    /// Reads a status. The shop lowers its number at `on-hold`, `processing` and `completed` and raises it at `cancelled` and
    /// `pending`. Source: github.com/woocommerce/woocommerce, includes/wc-stock-functions.php, 2026-11.
    pub(super) fn of(status: &str, completed: Completed) -> Self {
        match (status, completed) {
            ("checkout-draft" | "auto-draft" | "draft" | "new", _) => Self::Draft,
            ("pending", _) => Self::Unpaid,
            ("completed" | "refunded", _) => Self::Gone,
            ("trash", Completed::Yes) => Self::Left,
            ("cancelled" | "failed" | "trash", _) => Self::Off,
            _ => Self::Promised,
        }
    }

    /// Whether the shop lowered its own number when it came to this.
    pub(super) const fn is_taken_off_its_shelf(self) -> bool {
        matches!(self, Self::Promised | Self::Gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_stage_and_one_of_a_plugin_keeps_the_promise() {
        for (status, stage) in [
            ("checkout-draft", Stage::Draft),
            ("auto-draft", Stage::Draft),
            ("pending", Stage::Unpaid),
            ("on-hold", Stage::Promised),
            ("processing", Stage::Promised),
            ("awaiting-shipment", Stage::Promised),
            ("", Stage::Promised),
            ("completed", Stage::Gone),
            ("refunded", Stage::Gone),
            ("cancelled", Stage::Off),
            ("failed", Stage::Off),
            ("trash", Stage::Off),
        ] {
            assert_eq!(Stage::of(status, Completed::No), stage, "{status}");
        }
        assert_eq!(Stage::of("trash", Completed::Yes), Stage::Left);
        assert_eq!(Stage::of("cancelled", Completed::Yes), Stage::Off);
    }
}
