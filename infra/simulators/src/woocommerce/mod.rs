//! A WooCommerce shop as a server: the part of its REST API that sells and counts, the webhooks, and the buyers behind them
//! (<https://github.com/woocommerce/woocommerce-rest-api-docs>, November 2026; what version 10.0.2 answered on 27 November 2026).
//!
//! It counts stock as the shop does: down when an order is paid for, up when it is cancelled or a refund puts goods back. A call comes
//! over plain HTTP here, which a shop takes only from a server before it that ends TLS. Webhooks go at once, though a shop's queue
//! runs once a minute; as there, the body is the order as it is when the call is made.

mod api;
mod batch;
mod counting;
mod order;
mod orders;
mod products;
mod push;
mod refusal;
mod request;
mod stand;
mod state;
mod trade;
mod webhook;
mod webhooks;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use self::stand::open;
pub use self::stand::{WAREHOUSE, product_id};
pub use self::trade::Restock;

use self::state::State;
use crate::pushes::Held;
use crate::server::Caller;
use crate::{Faults, Journal, Network, Server};

/// How a simulated shop is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// What calls carry as the user's name.
    pub key: String,
    /// What calls carry as the password.
    pub secret: String,
    /// How it is reached, and reaches the seller.
    pub network: Network,
    /// An earlier [`WooCommerce::snapshot`] to go on from.
    pub state: Option<serde_json::Value>,
}

/// Something that the shop sells, before a number was told.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its number; variations are numbered with products.
    pub id: u64,
    /// The product that it is a variation of.
    pub parent: Option<u64>,
    /// The seller's SKU.
    pub sku: String,
    /// What buyers read.
    pub name: String,
    /// In whole units of the shop's currency.
    pub price: u64,
}

/// A simulated shop. Cloned freely; stops when the last clone goes.
#[derive(Clone)]
pub struct WooCommerce {
    shop: Arc<Shop>,
    server: Arc<Server>,
}

/// What the server, the webhooks and the buyers work on.
struct Shop {
    key: String,
    secret: String,
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

impl WooCommerce {
    /// Opens the shop.
    ///
    /// # Errors
    /// If the port is taken, or `state` isn't a snapshot.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let state: State = settings.state.map_or_else(|| Ok(State::default()), serde_json::from_value)?;
        let shop = Arc::new(Shop {
            key: settings.key,
            secret: settings.secret,
            caller: Caller::new(&settings.network)?,
            held: Held::default(),
            state: Mutex::new(state),
        });
        let router = api::router(Arc::clone(&shop));
        let server = Server::on(&settings.network, router, settings.port, "woocommerce").await?;
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

    /// Adds what the shop sells; nothing happens if its number is known. It can't be bought before a number is told.
    pub fn add(&self, item: Item) {
        self.shop.lock().add(item, crate::now());
    }

    /// What buyers can buy of a product or a variation. None if no number was ever told.
    #[must_use]
    pub fn shown(&self, id: u64) -> Option<u32> {
        self.shop.lock().products.get(&id).and_then(state::Product::shown)
    }

    /// Sets a number by hand in the shop's administration.
    pub fn edit(&self, id: u64, quantity: i64) {
        self.shop.lock().set(id, quantity, crate::now());
    }

    /// Closes a product by hand, beside whatever number it has: as a tool does that writes past the shop's own code.
    pub fn close(&self, id: u64) {
        self.shop.lock().close(id, crate::now());
    }

    /// The ids of all orders, oldest first, those in the trash included.
    #[must_use]
    pub fn orders(&self) -> Vec<u64> {
        self.shop.lock().orders.keys().copied().collect()
    }

    /// How the webhooks are, by topic: `active`, or `disabled` after too many failures.
    #[must_use]
    pub fn webhooks(&self) -> Vec<(String, String)> {
        let state = self.shop.lock();
        state.webhooks.values().map(|webhook| (webhook.topic.clone(), webhook.status.clone())).collect()
    }

    /// Sets what goes wrong from now on. `refuse` names products by their numbers.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shop.lock().faults);
    }

    /// What happened so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.shop.lock().journal.clone()
    }

    /// Everything the shop keeps, to go on from later. Faults and calls under way are not in it.
    #[must_use]
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(&*self.shop.lock()).unwrap_or_default()
    }
}
