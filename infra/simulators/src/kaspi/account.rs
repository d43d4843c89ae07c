//! What Kaspi keeps about the seller.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::Settings;
use super::lifecycle::{Buyer, Entry, Order, State, Status};
use crate::server::Caller;
use crate::{Event, Faults, Journal, Sale, SoldOut, now};

const FIRST_CODE: usize = 100_200_301;

/// Who buys where nobody is named: name and phone.
pub const BUYERS: [(&str, &str); 4] = [
    ("Айгерим Сериккызы", "7010000001"),
    ("Данияр Ахметов", "7020000002"),
    ("Мария Ким", "7050000003"),
    ("Тимур Оспанов", "7770000004"),
];

/// An offer of the last price list.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) name: String,
    pub(super) price: u32,
    pub(super) stores: BTreeMap<String, Shelf>,
}

/// What the last price list said of an offer in a store, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shelf {
    pub(super) told: u32,
    pub(super) shown: u32,
}

/// Everything that changes. Offers go by SKU, orders by code.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) feed: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) offers: BTreeMap<String, Offer>,
    pub(super) orders: BTreeMap<String, Order>,
    pub(super) journal: Journal,
    #[serde(skip)]
    pub(super) faults: Faults,
}

/// The account with its settings: what the routes of the simulated Kaspi share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) token: String,
    pub(super) merchant_id: String,
    pub(super) feed_password: Option<(String, String)>,
    pub(super) caller: Caller,
    account: Mutex<Account>,
}

impl Desk {
    pub(super) fn open(settings: Settings) -> std::io::Result<Self> {
        let mut account: Account = settings.state.map_or_else(|| Ok(Account::default()), serde_json::from_value)?;
        if let Some(feed) = settings.feed {
            account.set_feed(&feed);
        }
        Ok(Self {
            token: settings.token,
            merchant_id: settings.merchant_id,
            feed_password: settings.feed_password,
            caller: Caller::new(&settings.network)?,
            account: Mutex::new(account),
        })
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buyer {
    /// One of a few, in turn.
    pub(super) fn of_order(order: usize) -> Self {
        let (name, phone) = BUYERS.iter().cycle().nth(order % BUYERS.len()).copied().unwrap_or_default();
        Self { name: name.to_owned(), phone: phone.to_owned() }
    }
}

impl Account {
    pub(super) fn set_feed(&mut self, url: &str) {
        if self.feed.as_deref() != Some(url) {
            self.etag = None;
        }
        self.feed = Some(url.to_owned());
    }

    pub(super) fn buy(
        &mut self,
        basket: &[(&str, u32)],
        store: &str,
        buyer: Buyer,
        at: Timestamp,
    ) -> Result<Sale, SoldOut> {
        let mut units: BTreeMap<&str, u32> = BTreeMap::new();
        for (sku, more) in basket {
            *units.entry(sku).or_default() += more;
        }
        if !units.iter().all(|(sku, units)| self.shelf(sku, store).is_some_and(|shelf| shelf.shown >= *units)) {
            return Err(SoldOut);
        }
        let number = FIRST_CODE + self.orders.len();
        let lines = units.iter().enumerate().filter_map(|(line, (sku, units))| {
            let id = opaque(&format!("{}", number * 1_000 + line));
            let Offer { name, price, .. } = self.offers.get(*sku)?;
            Some(Entry { id, sku: (*sku).to_owned(), name: name.clone(), units: *units, price: *price })
        });
        let order = Order::new(number, store, buyer, lines.collect(), at);
        self.ring_up(order)
    }

    fn ring_up(&mut self, order: Order) -> Result<Sale, SoldOut> {
        let (code, at, warehouse) = (order.code.clone(), order.at, order.store.clone());
        for (good, units) in order.units() {
            if let Some(shelf) = self.shelf(&good, &warehouse) {
                shelf.shown = shelf.shown.saturating_sub(units);
            }
            let (warehouse, order) = (warehouse.clone(), code.clone());
            self.journal.events.push(Event::Sold { at, warehouse, good, units, order });
        }
        self.orders.insert(code.clone(), order);
        Ok(Sale { order: code, at })
    }

    pub(super) fn order(&mut self, code: &str) -> Option<&mut Order> {
        self.orders.get_mut(code)
    }

    pub(super) fn restore_units(&mut self, code: &str, sku: &str, units: u32) -> Option<()> {
        let store = self.orders.get(code)?.store.clone();
        self.shelf(sku, &store).filter(|shelf| shelf.shown >= units)?;
        if !self.order(code)?.restore_units(sku, units) {
            return None;
        }
        self.shelf(sku, &store)?.shown -= units;
        Some(())
    }

    /// Does something to an order. False if there is none.
    pub(super) fn with(&mut self, code: &str, act: impl FnOnce(&mut Order)) -> bool {
        self.order(code).map(act).is_some()
    }

    /// Notes what a correct seller's side never causes.
    pub(super) fn violation(&mut self, what: String) {
        tracing::warn!(what, "violation at kaspi");
        self.journal.events.push(Event::Violation { at: now(), what });
    }

    fn shelf(&mut self, sku: &str, store: &str) -> Option<&mut Shelf> {
        self.offers.get_mut(sku)?.stores.get_mut(store)
    }
}

impl Order {
    fn new(number: usize, store: &str, buyer: Buyer, entries: Vec<Entry>, at: Timestamp) -> Self {
        Self {
            code: number.to_string(),
            id: opaque(&format!("{}", number * 7_919)),
            store: store.to_owned(),
            at,
            buyer,
            entries,
            state: State::New,
            status: Status::ApprovedByBank,
            assembled: false,
            handed_over: None,
            completed: None,
            returned: false,
            cancellation_reason: None,
        }
    }
}

/// An id that says nothing, in Kaspi's alphabet.
pub(super) fn opaque(text: &str) -> String {
    STANDARD_NO_PAD.encode(text)
}
