//! Ozon as a server: the seller's methods of `api-seller.ozon.ru`, the pushes, and the buyers behind them.
//!
//! What its text says it does; where the text is silent, as it is about the moment when `present` falls, the choice is
//! documented at the method of [`Ozon`] that makes it.

mod account;
mod api;
mod orders;
mod posting;
mod push;
mod request;
mod returned;
mod returns;
mod stand;
mod state;
mod stock;
mod trade;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub(crate) use self::stand::open;
pub use self::stand::{WAREHOUSE, product_id, sku};

use self::state::State;
use crate::pushes::Held;
use crate::server::Caller;
use crate::{Faults, Journal, Network, Server, now};

/// How a simulated Ozon is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// What calls carry as `Client-Id`.
    pub client_id: String,
    /// What calls carry as `Api-Key`.
    pub api_key: String,
    /// Numbers of the seller's warehouses; any other is refused.
    pub warehouses: Vec<u64>,
    /// How it is reached, and reaches the seller.
    pub network: Network,
    /// The address that pushes go to; nowhere if none.
    pub hook: Option<String>,
    /// An earlier [`Ozon::snapshot`] to go on from.
    pub state: Option<serde_json::Value>,
}

/// A card in the seller's catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Product {
    /// The seller's article.
    pub offer_id: String,
    /// Ozon's id of the card.
    pub product_id: u64,
    /// Ozon's id at the storefront.
    pub sku: u64,
    /// What buyers read.
    pub name: String,
    /// As a text with a point, such as `1490.00`.
    pub price: String,
    /// Such as `RUB`.
    pub currency: String,
}

/// A posting that buyers made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number, such as `0132112278-0101-1`.
    pub posting: String,
    /// Where it is, as the API says it.
    pub status: String,
    /// The warehouse that ships it.
    pub warehouse: u64,
    /// What is in it by now: `offer_id` and units.
    pub items: Vec<(String, u32)>,
}

/// A simulated Ozon. Cloned freely; stops when the last clone goes.
#[derive(Clone)]
pub struct Ozon {
    shop: Arc<Shop>,
    server: Arc<Server>,
}

/// What the server, the pushes and the buyers work on.
struct Shop {
    client_id: String,
    api_key: String,
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

impl Ozon {
    /// Opens the shop.
    ///
    /// # Errors
    /// If the port is taken, or `state` isn't a snapshot.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let mut state = settings.state.map_or_else(|| Ok(State::new(now())), serde_json::from_value)?;
        state.open_warehouses(&settings.warehouses);
        state.hook = settings.hook;
        let shop = Arc::new(Shop {
            client_id: settings.client_id,
            api_key: settings.api_key,
            caller: Caller::new(&settings.network)?,
            held: Held::default(),
            state: Mutex::new(state),
        });
        let server = Server::on(&settings.network, api::router(Arc::clone(&shop)), settings.port, "ozon").await?;
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

    /// Where pushes go from now on; nowhere if none.
    pub fn set_hook(&self, url: Option<String>) {
        self.shop.lock().hook = url;
    }

    /// Checks the hook as the cabinet does when an address is entered: a `TYPE_PING`.
    ///
    /// # Errors
    /// The cabinet's code, such as `WRONG_RESULT_TIME_FIELD`, and what was wrong.
    pub async fn check(&self) -> Result<(), String> {
        push::check(&self.shop).await
    }

    /// Adds a card; nothing happens if the article is known.
    pub fn add_product(&self, product: Product) {
        self.shop.lock().products.entry(product.offer_id.clone()).or_insert(product);
    }

    /// What buyers can still buy: `present` less `reserved`. None if no number was ever set.
    #[must_use]
    pub fn shown(&self, offer_id: &str, warehouse: u64) -> Option<u32> {
        self.shop.lock().pair(offer_id, warehouse).map(|pair| pair.free())
    }

    /// Sets what buyers can still buy, by hand in the cabinet.
    pub fn edit(&self, offer_id: &str, warehouse: u64, free: u32) {
        self.shop.lock().set_free(offer_id, warehouse, free, now());
    }

    /// All postings in the order of their numbers, split ones and cancelled ones included.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.shop.lock().postings.values().map(posting::Posting::order).collect()
    }

    /// Sets what goes wrong from now on. `refuse` names goods by their `offer_id`.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shop.lock().faults);
    }

    /// What happened so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.shop.lock().journal.clone()
    }

    /// Everything the shop keeps, to go on from later. Faults, the hook and pushes under way are not in it.
    #[must_use]
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(&*self.shop.lock()).unwrap_or_default()
    }
}
