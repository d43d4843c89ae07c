//! Wildberries as a server: orders of the seller's own warehouses (FBS), their stock, the cards.
//!
//! What the public texts leave open is a choice here: a cancelled order gives its unit back to `amount` only if
//! [`Settings::gives_back_cancelled`] says so, and an order that a buyer declined keeps the `supplierStatus` that it had.

mod account;
mod api;
mod cards;
mod limits;
mod orders;
mod refusal;
mod stand;
mod stock;
mod token;

use std::sync::Arc;

use serde_json::Value;

pub use account::Card;
pub(crate) use stand::open;
pub use stand::{WAREHOUSE, chrt_id};
pub use token::{CONTENT, MARKETPLACE, READ_ONLY, token};

use crate::{Faults, Journal, Network, Sale, Server, SoldOut, now};
use account::Shop;

/// How a simulated Wildberries begins.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The loopback port; 0 takes any free one.
    pub port: u16,
    /// How it is reached.
    pub network: Network,
    /// The token that calls must carry, such as one of [`token`].
    pub token: String,
    /// Numbers of the seller's warehouses; stock of any other is answered 404.
    pub warehouses: Vec<u64>,
    /// Whether an order that is cancelled before Wildberries scanned it gives its unit back to `amount`. The public texts
    /// don't say.
    pub gives_back_cancelled: bool,
    /// An earlier [`Wildberries::snapshot`] to go on from.
    pub state: Option<Value>,
}

/// Wildberries: a handle to its server, and the buyer's side and the seller's cabinet of it.
///
/// Orders go by the decimal text of their id, as [`Sale`] has it. A method that acts on an order is false if there is none.
#[derive(Debug, Clone)]
pub struct Wildberries(Arc<Running>);

#[derive(Debug)]
struct Running {
    shop: Arc<Shop>,
    server: Server,
}

impl Wildberries {
    /// Starts it.
    ///
    /// # Errors
    /// If the port is taken, or the state isn't a snapshot of this simulator.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let (port, network) = (settings.port, settings.network.clone());
        let shop = Arc::new(Shop::open(settings)?);
        let server = Server::on(&network, api::router(Arc::clone(&shop)), port, "wildberries").await?;
        Ok(Self(Arc::new(Running { shop, server })))
    }

    /// Where all its hosts are.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.server.url().to_owned()
    }

    /// What answers its calls.
    pub fn router(&self) -> axum::Router {
        self.0.server.router()
    }

    /// Sets what goes wrong from now on. `refuse` names goods by the text of their `chrtId`.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.0.shop.account().faults);
    }

    /// What happened so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.0.shop.account().journal.clone()
    }

    /// Everything it keeps, for [`Settings::state`].
    #[must_use]
    pub fn snapshot(&self) -> Value {
        serde_json::to_value(&*self.0.shop.account()).unwrap_or_default()
    }

    /// Makes a card with one size. Changes nothing if the size exists.
    pub fn add_card(&self, card: Card) {
        self.0.shop.account().add_card(card, now());
    }

    /// A buyer buys one unit: one order.
    ///
    /// # Errors
    /// If none is shown.
    pub fn buy(&self, chrt_id: u64, warehouse: u64) -> Result<Sale, SoldOut> {
        self.0.shop.account().buy(chrt_id, warehouse, now())
    }

    /// A buyer buys one unit that isn't shown, as happens at Wildberries (`isZeroOrder`).
    ///
    /// # Errors
    /// If there is no such card.
    pub fn buy_at_zero(&self, chrt_id: u64, warehouse: u64) -> Result<Sale, SoldOut> {
        self.0.shop.account().buy_at_zero(chrt_id, warehouse, now())
    }

    /// The seller adds the order to a supply.
    pub fn confirm(&self, order: &str) -> bool {
        self.set_status(order, "confirm", "waiting")
    }

    /// The seller hands the supply over.
    pub fn complete(&self, order: &str) -> bool {
        self.set_status(order, "complete", "waiting")
    }

    /// Wildberries scans the unit.
    pub fn sort(&self, order: &str) -> bool {
        self.set_status(order, "complete", "sorted")
    }

    /// The buyer takes the unit.
    pub fn sell(&self, order: &str) -> bool {
        self.set_status(order, "complete", "sold")
    }

    /// The seller cancels the order, whose unit is back on sale only as [`Settings::gives_back_cancelled`] says.
    pub fn cancel_by_seller(&self, order: &str) -> bool {
        self.0.shop.cancel(order, |_| ("cancel", "canceled"))
    }

    /// The buyer declines a new order, or refuses a later one when it comes.
    pub fn cancel_by_buyer(&self, order: &str) -> bool {
        self.0.shop.cancel(order, |supplier| match supplier {
            "new" => ("new", "declined_by_client"),
            _ => ("complete", "canceled_by_client"),
        })
    }

    /// Sets both statuses, whatever they were.
    pub fn set_status(&self, order: &str, supplier: &str, wb: &str) -> bool {
        self.0.shop.account().set_status(order, supplier, wb).is_some()
    }

    /// What it shows of a size in a warehouse. None if it was never told.
    #[must_use]
    pub fn shown(&self, chrt_id: u64, warehouse: u64) -> Option<u32> {
        self.0.shop.account().amounts.get(&warehouse)?.get(&chrt_id).copied()
    }

    /// Somebody sets the number by hand in the cabinet.
    pub fn edit(&self, chrt_id: u64, warehouse: u64, amount: u32) {
        self.0.shop.account().set_amount(warehouse, chrt_id, amount);
    }

    /// Counts the sales that it hadn't counted yet, if it counts late.
    pub fn catch_up(&self) {
        self.0.shop.account().catch_up();
    }

    /// All orders, oldest first: id and `chrtId`.
    #[must_use]
    pub fn orders(&self) -> Vec<(String, u64)> {
        self.0.shop.account().orders.iter().map(|(id, order)| (id.to_string(), order.card.chrt_id)).collect()
    }
}

#[cfg(test)]
mod tests;
