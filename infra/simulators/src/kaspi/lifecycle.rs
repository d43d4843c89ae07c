//! An order's way through Kaspi: its tabs and statuses, and what each step changes.

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

/// The tab of the cabinet in which an order stands, as `state` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum State {
    New,
    SignRequired,
    Pickup,
    Delivery,
    KaspiDelivery,
    Archive,
}

/// How far an order is, as `status` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    ApprovedByBank,
    AcceptedByMerchant,
    Completed,
    Cancelled,
    Cancelling,
    KaspiDeliveryReturnRequested,
    Returned,
}

/// Who buys. The phone is ten digits, without the 7 or 8 in front.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Buyer {
    pub(super) name: String,
    pub(super) phone: String,
}

/// Units of one good in an order; the guide calls it an entry.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) units: u32,
    pub(super) price: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) code: String,
    pub(super) id: String,
    pub(super) store: String,
    pub(super) at: Timestamp,
    pub(super) buyer: Buyer,
    pub(super) entries: Vec<Entry>,
    pub(super) state: State,
    pub(super) status: Status,
    pub(super) assembled: bool,
    pub(super) handed_over: Option<Timestamp>,
    pub(super) completed: Option<Timestamp>,
    pub(super) returned: bool,
    pub(super) cancellation_reason: Option<String>,
}

impl Order {
    pub(super) const fn accept(&mut self) {
        self.state = State::KaspiDelivery;
        self.status = Status::AcceptedByMerchant;
    }

    pub(super) const fn assemble(&mut self) {
        self.accept();
        self.assembled = true;
    }

    pub(super) const fn hand_over(&mut self, at: Timestamp) {
        self.assemble();
        self.handed_over = Some(at);
    }

    pub(super) const fn complete(&mut self, at: Timestamp) {
        self.state = State::Archive;
        self.status = Status::Completed;
        self.completed = Some(at);
    }

    pub(super) fn cancel(&mut self, reason: &str) {
        self.state = State::Archive;
        self.status = Status::Cancelled;
        self.cancellation_reason = Some(reason.to_owned());
    }

    /// Takes units off a line, and the line off the order when none is left. False if it hasn't so many.
    pub(super) fn cancel_units(&mut self, sku: &str, units: u32) -> bool {
        let line = self.entries.iter_mut().find(|entry| entry.sku == sku && entry.units >= units);
        let cancelled = line.map(|entry| entry.units -= units).is_some();
        self.entries.retain(|entry| entry.units > 0);
        cancelled
    }

    /// Puts units on a line again. False if there is no such line any more.
    pub(super) fn restore_units(&mut self, sku: &str, units: u32) -> bool {
        let line = self.entries.iter_mut().find(|entry| entry.sku == sku);
        line.map(|entry| entry.units += units).is_some()
    }

    pub(super) const fn request_return(&mut self) {
        self.status = Status::KaspiDeliveryReturnRequested;
    }

    pub(super) const fn receive_return(&mut self) {
        self.state = State::Archive;
        self.status = Status::Returned;
        self.returned = true;
    }

    /// Units by offer.
    pub(super) fn units(&self) -> Vec<(String, u32)> {
        self.entries.iter().map(|entry| (entry.sku.clone(), entry.units)).collect()
    }
}
