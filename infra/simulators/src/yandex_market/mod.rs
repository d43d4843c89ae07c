//! Yandex Market as a server: the seller's methods of `api.partner.market.yandex.ru`, the notifications, and the buyers
//! behind them (<https://github.com/yandex-market/yandex-market-partner-api>, 17 July 2026).
//!
//! What its text says it does; where the text is silent, the choice is documented at the method of [`YandexMarket`]
//! that makes it. How many calls run at once isn't counted, though the Market does: that would depend on how busy the
//! machine is.

mod api;
mod date;
mod limits;
mod money;
mod order;
mod orders;
mod push;
mod refusal;
mod request;
mod returned;
mod returns;
mod stand;
mod state;
mod stock;
mod token;
mod trade;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub use self::stand::WAREHOUSE;
pub(crate) use self::stand::open;

use self::state::State;
use crate::pushes::Held;
use crate::server::Caller;
use crate::{Faults, Journal, Network, Server};

/// Accesses that a key may have: those for orders and returns, and for stock.
pub const SCOPES: [&str; 2] = ["INVENTORY_AND_ORDER_PROCESSING", "OFFERS_AND_CARDS_MANAGEMENT"];

/// How a simulated Yandex Market is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The seller's cabinet.
    pub business_id: u64,
    /// The one shop of it.
    pub campaign_id: u64,
    /// The one warehouse of that.
    pub warehouse: u64,
    /// What calls carry as `Api-Key`.
    pub api_key: String,
    /// What the key may do, such as [`SCOPES`].
    pub scopes: Vec<String>,
    /// How it is reached, and reaches the seller.
    pub network: Network,
    /// The address that notifications go to; nowhere if none.
    pub hook: Option<String>,
    /// Whether units that are called off before they left are for sale again at once. No text says.
    pub gives_back_cancelled: bool,
    /// An earlier [`YandexMarket::snapshot`] to go on from.
    pub state: Option<serde_json::Value>,
}

/// A good in the seller's catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Offer {
    /// The seller's own SKU.
    pub offer_id: String,
    /// What buyers read.
    pub name: String,
    /// In whole tenge.
    pub price: u64,
}

/// An order that buyers made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: u64,
    /// Where it is, such as `PROCESSING`.
    pub status: String,
    /// Where in there, such as `STARTED`.
    pub substatus: String,
    /// What is in it by now: SKUs and units.
    pub items: Vec<(String, u32)>,
}

/// A simulated Yandex Market. Cloned freely; stops when the last clone goes.
#[derive(Clone)]
pub struct YandexMarket {
    shop: Arc<Shop>,
    server: Arc<Server>,
}

/// What the server, the notifications and the buyers work on.
struct Shop {
    business_id: u64,
    api_key: String,
    scopes: Vec<String>,
    caller: Caller,
    /// Calls that wait for a later one to overtake them.
    held: Held,
    state: Mutex<State>,
}

impl Shop {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl YandexMarket {
    /// Opens the shop.
    ///
    /// # Errors
    /// If the port is taken, or `state` isn't a snapshot.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let mut state: State = settings.state.map_or_else(|| Ok(State::default()), serde_json::from_value)?;
        state.campaign_id = settings.campaign_id;
        state.warehouse = settings.warehouse;
        state.hook = settings.hook;
        state.gives_back_cancelled = settings.gives_back_cancelled;
        let shop = Arc::new(Shop {
            business_id: settings.business_id,
            api_key: settings.api_key,
            scopes: settings.scopes,
            caller: Caller::new(&settings.network)?,
            held: Held::default(),
            state: Mutex::new(state),
        });
        let router = api::router(Arc::clone(&shop));
        let server = Server::on(&settings.network, router, settings.port, "yandex-market").await?;
        Ok(Self { shop, server: Arc::new(server) })
    }

    /// Where it is, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// What answers its calls.
    pub fn router(&self) -> axum::Router {
        self.server.router()
    }

    /// Where notifications go from now on; nowhere if none.
    pub fn set_hook(&self, url: Option<String>) {
        self.shop.lock().hook = url;
    }

    /// Checks the hook as the cabinet does when an address is entered: a `PING`.
    ///
    /// # Errors
    /// What was wrong. A wrong answer is in the journal too.
    pub async fn check(&self) -> Result<(), String> {
        push::check(&self.shop).await
    }

    /// Adds a good; nothing happens if its SKU is known.
    pub fn add_offer(&self, offer: Offer) {
        self.shop.lock().offers.entry(offer.offer_id.clone()).or_insert(offer);
    }

    /// What buyers can still buy: `AVAILABLE`. None if no number was ever set.
    #[must_use]
    pub fn shown(&self, offer_id: &str) -> Option<u32> {
        self.shop.lock().shelf.get(offer_id).map(|pair| pair.available)
    }

    /// Sets what buyers can still buy, by hand in the cabinet.
    pub fn edit(&self, offer_id: &str, available: u32) {
        self.shop.lock().set_available(offer_id, available, crate::now());
    }

    /// All orders, oldest first, cancelled ones included.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.shop.lock().orders.values().map(order::Order::seen).collect()
    }

    /// Sets what goes wrong from now on. `refuse` names goods by their SKU: with one of them a whole write is refused.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shop.lock().faults);
    }

    /// What happened so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.shop.lock().journal.clone()
    }

    /// Everything the shop keeps, to go on from later. Faults, the hook and notifications under way are not in it.
    #[must_use]
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(&*self.shop.lock()).unwrap_or_default()
    }
}
