//! All that the simulated shop keeps: what a snapshot carries, and what goes with the process.

use std::collections::BTreeMap;

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Item;
use super::order::Order;
use super::webhook::Webhook;
use crate::{Event, Faults, Journal};

/// All of it; what a snapshot carries is what isn't skipped.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By number; variations among them.
    pub products: BTreeMap<u64, Product>,
    /// By number.
    pub orders: BTreeMap<u64, Order>,
    /// By number.
    pub webhooks: BTreeMap<u64, Webhook>,
    pub journal: Journal,
    /// Orders, lines and refunds are numbered one after the other.
    pub numbered: u64,
    /// What goes wrong just now.
    #[serde(skip)]
    pub faults: Faults,
}

/// A product, or a variation of one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Product {
    pub id: u64,
    pub parent: Option<u64>,
    pub sku: String,
    pub name: String,
    pub price: u64,
    /// How many there are; none while the shop doesn't count it. More may be sold than there are.
    pub stock: Option<i64>,
    pub status: Status,
    pub modified_at: Timestamp,
}

/// Whether a product can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    InStock,
    OutOfStock,
}

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InStock => "instock",
            Self::OutOfStock => "outofstock",
        }
    }
}

impl Product {
    fn new(Item { id, parent, sku, name, price }: Item, now: Timestamp) -> Self {
        Self { id, parent, sku, name, price, stock: None, status: Status::OutOfStock, modified_at: now }
    }

    /// What buyers can buy; none if it isn't counted.
    pub(super) fn shown(&self) -> Option<u32> {
        let units = u32::try_from(self.stock?.max(0)).unwrap_or(u32::MAX);
        Some(if self.status == Status::InStock { units } else { 0 })
    }

    /// Counts `stock` from now on. Whether it can be bought follows.
    pub(super) fn count(&mut self, stock: i64, now: Timestamp) {
        self.stock = Some(stock);
        self.status = if stock > 0 { Status::InStock } else { Status::OutOfStock };
        self.modified_at = now;
    }
}

impl State {
    pub(super) fn add(&mut self, item: Item, now: Timestamp) {
        self.products.entry(item.id).or_insert_with(|| Product::new(item, now));
    }

    pub(super) fn set(&mut self, id: u64, quantity: i64, now: Timestamp) {
        if let Some(product) = self.products.get_mut(&id) {
            product.count(quantity, now);
        }
    }

    pub(super) fn close(&mut self, id: u64, now: Timestamp) {
        if let Some(product) = self.products.get_mut(&id) {
            (product.status, product.modified_at) = (Status::OutOfStock, now);
        }
    }

    /// The next number.
    pub(super) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// Notes what a correct seller's side never causes.
    pub(super) fn violation(&mut self, what: impl Into<String>, at: Timestamp) {
        let what = what.into();
        tracing::warn!(channel = "woocommerce", %what, "a rule of the channel was broken");
        self.journal.events.push(Event::Violation { at, what });
    }
}
