//! All that the simulated Market keeps: what a snapshot carries, and what goes with the process.

use std::collections::BTreeMap;

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Offer;
use super::limits::Limits;
use super::order::Order;
use super::returned::Return;
use crate::{Event, Faults, Journal};

/// All of it; what a snapshot carries is what isn't skipped.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By SKU.
    pub offers: BTreeMap<String, Offer>,
    /// By SKU.
    pub shelf: BTreeMap<String, Pair>,
    /// By id.
    pub orders: BTreeMap<u64, Order>,
    /// By id.
    pub returns: BTreeMap<u64, Return>,
    pub journal: Journal,
    /// What was spent of what the Market counts.
    pub limits: Limits,
    #[serde(skip)]
    pub campaign_id: u64,
    #[serde(skip)]
    pub warehouse: u64,
    #[serde(skip)]
    pub gives_back_cancelled: bool,
    /// What goes wrong just now.
    #[serde(skip)]
    pub faults: Faults,
    #[serde(skip)]
    pub hook: Option<String>,
}

/// One good on the shelf.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Pair {
    /// `AVAILABLE`: units that buyers can still buy.
    pub available: u32,
    /// `FREEZE`: units that they ordered and that are still there.
    pub frozen: u32,
    /// The moment at which the number is right, as the seller's side said, or when it last changed.
    pub updated_at: Timestamp,
}

impl State {
    /// Sets what buyers can still buy; what they ordered stays reserved.
    pub(super) fn set_available(&mut self, offer_id: &str, available: u32, at: Timestamp) {
        let pair = self.shelf.entry(offer_id.to_owned()).or_default();
        (pair.available, pair.updated_at) = (available, at);
    }

    /// Reserves units.
    pub(super) fn freeze(&mut self, offer_id: &str, units: u32, now: Timestamp) {
        self.change(offer_id, now, |pair| {
            pair.available = pair.available.saturating_sub(units);
            pair.frozen += units;
        });
    }

    /// Reserved units leave.
    pub(super) fn let_go(&mut self, offer_id: &str, units: u32, now: Timestamp) {
        self.change(offer_id, now, |pair| pair.frozen = pair.frozen.saturating_sub(units));
    }

    /// Reserved units are no longer ordered.
    pub(super) fn put_back(&mut self, offer_id: &str, units: u32, now: Timestamp) {
        let free = if self.gives_back_cancelled { units } else { 0 };
        self.change(offer_id, now, |pair| {
            pair.frozen = pair.frozen.saturating_sub(units);
            pair.available += free;
        });
    }

    fn change(&mut self, offer_id: &str, now: Timestamp, change: impl FnOnce(&mut Pair)) {
        if let Some(pair) = self.shelf.get_mut(offer_id) {
            change(pair);
            pair.updated_at = now;
        }
    }

    /// Notes what a correct seller's side never causes.
    pub(super) fn violation(&mut self, what: impl Into<String>, at: Timestamp) {
        let what = what.into();
        tracing::warn!(channel = "yandex_market", %what, "a rule of the channel was broken");
        self.journal.events.push(Event::Violation { at, what });
    }
}
