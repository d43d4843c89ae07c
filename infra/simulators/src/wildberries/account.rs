//! What Wildberries keeps about the seller.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Settings;
use super::limits::Group;
use crate::{Event, Faults, Journal, Meter, Sale, SoldOut, now};

const FIRST_ORDER: u64 = 4_100_000_001;

/// A card with one size, as the seller made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The size: the key of its stock.
    pub chrt_id: u64,
    /// The card; several sizes may share it.
    pub nm_id: u64,
    /// The seller's article, which several sizes may share.
    pub vendor_code: String,
    /// The barcode of this size, by which orders name it too.
    pub barcode: String,
    /// The price in hundredths of the currency.
    pub price_minor: i64,
    /// The currency's ISO 4217 number, such as 398 for KZT.
    pub currency_code: u16,
}

/// A card, and since when it is there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) card: Card,
    pub(super) at: Timestamp,
}

/// An order of one unit.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) card: Card,
    pub(super) warehouse: u64,
    pub(super) at: Timestamp,
    pub(super) supplier: String,
    pub(super) wb: String,
    pub(super) zero: bool,
}

/// Everything that changes. Amounts go by warehouse and `chrtId`, orders by id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Account {
    /// What calls carry.
    #[serde(default)]
    pub(super) token: String,
    pub(super) cards: BTreeMap<u64, Kept>,
    pub(super) amounts: BTreeMap<u64, BTreeMap<u64, u32>>,
    pub(super) orders: BTreeMap<u64, Order>,
    pub(super) meters: BTreeMap<Group, Meter>,
    pub(super) journal: Journal,
    /// Units that were sold and not counted yet, by warehouse and `chrtId`.
    #[serde(skip)]
    pub(super) uncounted: Vec<(u64, u64)>,
    #[serde(skip)]
    pub(super) faults: Faults,
}

/// The account with its settings: what the routes of the simulated Wildberries share.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) warehouses: Vec<u64>,
    gives_back_cancelled: bool,
    account: Mutex<Account>,
}

impl Shop {
    pub(super) fn open(settings: Settings) -> std::io::Result<Self> {
        let mut account = settings.state.map_or_else(|| Ok(Account::default()), serde_json::from_value)?;
        account.token = settings.token;
        Ok(Self {
            warehouses: settings.warehouses,
            gives_back_cancelled: settings.gives_back_cancelled,
            account: Mutex::new(account),
        })
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the statuses that `after` derives from the seller's, and gives the unit back if that is this shop's way.
    pub(super) fn cancel(&self, order: &str, after: impl FnOnce(&str) -> (&'static str, &'static str)) -> bool {
        let mut account = self.account();
        let Some(before) = account.order(order) else { return false };
        let unscanned = before.wb == "waiting";
        let (chrt_id, warehouse) = (before.card.chrt_id, before.warehouse);
        let (supplier, wb) = after(&before.supplier);
        account.set_status(order, supplier, wb);
        if unscanned && self.gives_back_cancelled {
            *account.amount(warehouse, chrt_id) += 1;
        }
        true
    }
}

impl Account {
    pub(super) fn meter(&mut self, group: Group) -> &mut Meter {
        self.meters.entry(group).or_insert_with(|| Meter::new(group.interval(), group.burst()))
    }

    pub(super) fn punish(&mut self, group: Group, at: Timestamp) {
        self.meter(group).punish(group.penalty(), at);
    }
}

impl Account {
    pub(super) fn add_card(&mut self, card: Card, at: Timestamp) {
        self.cards.entry(card.chrt_id).or_insert(Kept { card, at });
    }

    pub(super) fn buy(&mut self, chrt_id: u64, warehouse: u64, at: Timestamp) -> Result<Sale, SoldOut> {
        let shown = self.amounts.get_mut(&warehouse).and_then(|amounts| amounts.get_mut(&chrt_id)).ok_or(SoldOut)?;
        let left = shown.checked_sub(1).ok_or(SoldOut)?;
        match self.faults.counts_late {
            true => self.uncounted.push((warehouse, chrt_id)),
            false => *shown = left,
        }
        self.order_placed(chrt_id, warehouse, at, false)
    }

    pub(super) fn buy_at_zero(&mut self, chrt_id: u64, warehouse: u64, at: Timestamp) -> Result<Sale, SoldOut> {
        self.order_placed(chrt_id, warehouse, at, true)
    }

    fn order_placed(&mut self, chrt_id: u64, warehouse: u64, at: Timestamp, zero: bool) -> Result<Sale, SoldOut> {
        let card = self.cards.get(&chrt_id).ok_or(SoldOut)?.card.clone();
        let id = self.orders.last_key_value().map_or(FIRST_ORDER, |(last, _)| last + 1);
        let (supplier, wb) = ("new".to_owned(), "waiting".to_owned());
        self.orders.insert(id, Order { card, warehouse, at, supplier, wb, zero });
        let (order, good, warehouse) = (id.to_string(), chrt_id.to_string(), warehouse.to_string());
        self.journal.events.push(Event::Sold { at, warehouse, good, units: 1, order: order.clone() });
        Ok(Sale { order, at })
    }

    pub(super) fn set_status(&mut self, order: &str, supplier: &str, wb: &str) -> Option<()> {
        let order = self.order(order)?;
        supplier.clone_into(&mut order.supplier);
        wb.clone_into(&mut order.wb);
        Some(())
    }

    pub(super) fn set_amount(&mut self, warehouse: u64, chrt_id: u64, amount: u32) {
        *self.amount(warehouse, chrt_id) = amount;
    }

    /// Counts what was sold and not counted yet.
    pub(super) fn catch_up(&mut self) {
        for (warehouse, chrt_id) in std::mem::take(&mut self.uncounted) {
            let amount = self.amount(warehouse, chrt_id);
            *amount = amount.saturating_sub(1);
        }
    }

    /// Notes what a correct seller's side never causes.
    pub(super) fn violation(&mut self, what: String) {
        tracing::warn!(what, "violation at wildberries");
        self.journal.events.push(Event::Violation { at: now(), what });
    }

    fn amount(&mut self, warehouse: u64, chrt_id: u64) -> &mut u32 {
        self.amounts.entry(warehouse).or_default().entry(chrt_id).or_default()
    }

    fn order(&mut self, order: &str) -> Option<&mut Order> {
        self.orders.get_mut(&order.parse().ok()?)
    }
}
