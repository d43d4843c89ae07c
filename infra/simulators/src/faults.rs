//! Troubles that a test gives a simulator on purpose.

use std::collections::BTreeMap;

/// What goes wrong at a channel just now. All off by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Every call is answered 503.
    pub down: bool,
    /// So many of the next calls are done but get no answer in time: the connection is closed instead.
    pub lose_answers: u32,
    /// So many of the next writes of stock are done but get no answer in time.
    pub lose_writes: u32,
    /// So many of the next calls are turned away as the channel does it: by 429, or 420.
    pub throttle: u32,
    /// Goods whose rows are refused in a write of stock, and with which of the channel's codes.
    pub refuse: BTreeMap<String, String>,
    /// What is sold stays on the shelf until [`crate::Wildberries::catch_up`]: the channel counts its own sales late.
    pub counts_late: bool,
    /// Pushes are made twice, and the later one first.
    pub push_twice: bool,
    /// Pushes are not made at all.
    pub lose_pushes: bool,
    /// Lines of orders don't name the seller's own good: Kaspi's guide shows them so.
    pub nameless_lines: bool,
    /// Kaspi takes no `include[orders]`.
    pub refuse_include: bool,
    /// The seller's credential is no longer taken: every call is refused as the channel refuses one without.
    pub credential_ended: bool,
    /// Orders that are listed with something in them that nobody expects, by the channel's id.
    pub spoilt: BTreeMap<String, Spoilt>,
}

/// What is unexpected in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoilt {
    /// A status that no text of the channel names.
    Status,
    /// Something without which the order can't be read.
    Shape,
}

/// What awaits a call before it reaches what answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Down,
    Throttled,
    Served,
    ServedInVain,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    WriteStock,
    Other,
}

impl Faults {
    /// What awaits the next call; counts it.
    pub(crate) const fn fate(&mut self, errand: Errand) -> Fate {
        if self.down {
            Fate::Down
        } else if due(&mut self.throttle) {
            Fate::Throttled
        } else if (matches!(errand, Errand::WriteStock) && due(&mut self.lose_writes)) || due(&mut self.lose_answers) {
            Fate::ServedInVain
        } else {
            Fate::Served
        }
    }

    /// Whether an order is spoilt so.
    pub(crate) fn spoils(&self, order: &str, how: Spoilt) -> bool {
        self.spoilt.get(order) == Some(&how)
    }
}

/// Whether one more of a counted trouble is due; counts it.
pub(crate) const fn due(troubles: &mut u32) -> bool {
    let due = *troubles > 0;
    *troubles = troubles.saturating_sub(1);
    due
}
