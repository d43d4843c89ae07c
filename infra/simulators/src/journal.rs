//! What happened at a simulator, in order: what a test or a report looks back on.

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The seller's side told the channel a number and the channel took it (for Kaspi: pulled it in a price list).
    Told {
        /// When.
        at: Timestamp,
        /// The channel's warehouse.
        warehouse: String,
        /// What the channel calls the good: Ozon's `offer_id`, Wildberries' `chrtId`, Kaspi's and Yandex Market's `sku`.
        good: String,
        /// The number that it shows from then on.
        quantity: u32,
    },
    /// A buyer bought.
    Sold {
        /// When.
        at: Timestamp,
        /// The channel's warehouse.
        warehouse: String,
        /// What the channel calls the good.
        good: String,
        /// Units of this good that went with the order.
        units: u32,
        /// The channel's id of the order.
        order: String,
    },
    /// The channel refused a call, or would have punished it: what a correct seller's side never causes.
    Violation {
        /// When.
        at: Timestamp,
        /// What it was, such as `PUT stocks: 21 calls within the burst of 20`.
        what: String,
    },
}

/// Events, and how often the channel was called.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Journal {
    /// In the order in which they happened.
    pub events: Vec<Event>,
    /// HTTP calls of any outcome that the seller's side made.
    pub calls: u64,
}

impl Journal {
    /// What the channel refused or would have punished.
    pub fn violations(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| match event {
            Event::Violation { what, .. } => Some(what.as_str()),
            Event::Told { .. } | Event::Sold { .. } => None,
        })
    }
}
