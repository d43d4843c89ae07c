//! All that the simulated Ozon keeps: what a snapshot carries, and what goes with the process.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Product;
use super::posting::Posting;
use super::returned::Return;
use crate::{Event, Faults, Journal, Window};

/// The key of the simulated seller is new: keys live three months since 3 September 2026.
const KEY_LIVES: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// All of it; what a snapshot carries is what isn't skipped.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    /// By `offer_id`.
    pub products: BTreeMap<String, Product>,
    /// By warehouse, then by `offer_id`.
    pub shelves: BTreeMap<u64, BTreeMap<String, Pair>>,
    /// By number.
    pub postings: BTreeMap<String, Posting>,
    /// In the order in which they came.
    pub returns: Vec<Return>,
    /// How many orders there ever were: what posting numbers are made from.
    pub orders: u64,
    pub journal: Journal,
    /// Calls within the spans that Ozon counts by.
    pub limits: Limits,
    /// The end of the key.
    pub key_expires_at: Timestamp,
    /// What goes wrong just now.
    #[serde(skip)]
    pub faults: Faults,
    #[serde(skip)]
    pub hook: Option<String>,
}

/// One product at one warehouse.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Pair {
    /// Units in the warehouse.
    pub present: u32,
    /// Those of them that buyers ordered.
    pub reserved: u32,
    /// When the API last wrote it.
    pub written_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

impl Pair {
    /// What buyers can still buy.
    pub(super) fn free(&self) -> u32 {
        self.present.saturating_sub(self.reserved)
    }
}

/// The limits that Ozon counts (docs.ozon.ru/api/seller, tag Limits, 1 October 2026).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Limits {
    /// All methods.
    pub calls: Window,
    /// `/v2/products/stocks`.
    pub stock_writes: Window,
}

impl Limits {
    fn new() -> Self {
        Self { calls: Window::new(50, Duration::from_secs(1)), stock_writes: Window::new(80, Duration::from_secs(60)) }
    }
}

impl State {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            products: BTreeMap::new(),
            shelves: BTreeMap::new(),
            postings: BTreeMap::new(),
            returns: Vec::new(),
            orders: 0,
            journal: Journal::default(),
            limits: Limits::new(),
            key_expires_at: now.plus(KEY_LIVES),
            faults: Faults::default(),
            hook: None,
        }
    }

    /// Makes sure that these warehouses are there.
    pub(super) fn open_warehouses(&mut self, warehouses: &[u64]) {
        for warehouse in warehouses {
            self.shelves.entry(*warehouse).or_default();
        }
    }

    /// A product at a warehouse, if a number was ever set.
    pub(super) fn pair(&self, offer_id: &str, warehouse: u64) -> Option<&Pair> {
        self.shelves.get(&warehouse)?.get(offer_id)
    }

    /// Sets what buyers can still buy; what they ordered stays reserved.
    pub(super) fn set_free(&mut self, offer_id: &str, warehouse: u64, free: u32, now: Timestamp) {
        let pair = self.shelves.entry(warehouse).or_default().entry(offer_id.to_owned()).or_default();
        pair.present = pair.reserved.saturating_add(free);
        pair.updated_at = Some(now);
    }

    /// Changes a pair that is there.
    pub(super) fn change(&mut self, offer_id: &str, warehouse: u64, now: Timestamp, change: impl FnOnce(&mut Pair)) {
        if let Some(pair) = self.shelves.get_mut(&warehouse).and_then(|shelf| shelf.get_mut(offer_id)) {
            change(pair);
            pair.updated_at = Some(now);
        }
    }

    /// Notes what a correct seller's side never causes.
    pub(super) fn violation(&mut self, what: impl Into<String>, at: Timestamp) {
        let what = what.into();
        tracing::warn!(channel = "ozon", %what, "a rule of the channel was broken");
        self.journal.events.push(Event::Violation { at, what });
    }
}
