//! Kaspi as a server: orders by its API, offers by the price list that it pulls.
//!
//! What the public texts leave open is a choice here: an offer that a price list leaves out stays on sale; an answer of 304
//! changes nothing; a return that was asked for leaves the order in the tab where it was.

mod account;
mod api;
mod change;
mod feed;
mod headers;
mod lifecycle;
mod orders;
mod price_list;
mod refusal;
mod stand;
mod wire;
mod xml;

use std::sync::Arc;

use serde_json::Value;

pub use account::BUYERS;
pub use feed::Pulled;
pub use stand::STORES;
pub(crate) use stand::open;

use crate::{Faults, Journal, Network, Sale, Server, SoldOut, now};
use account::Desk;
use lifecycle::Buyer;

/// How a simulated Kaspi begins.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The loopback port; 0 takes any free one.
    pub port: u16,
    /// How it is reached, and reaches the seller.
    pub network: Network,
    /// What calls must carry in `X-Auth-Token`.
    pub token: String,
    /// The seller's id, as its price list must say it.
    pub merchant_id: String,
    /// Where the price list is.
    pub feed: Option<String>,
    /// The login and the password of the price list.
    pub feed_password: Option<(String, String)>,
    /// An earlier [`Kaspi::snapshot`] to go on from.
    pub state: Option<Value>,
}

/// Kaspi: a handle to its server, and the buyer's side and the seller's cabinet of it.
///
/// Orders go by their code, as [`Sale`] has it. A method that acts on an order is false if there is none.
#[derive(Debug, Clone)]
pub struct Kaspi(Arc<Running>);

#[derive(Debug)]
struct Running {
    desk: Arc<Desk>,
    server: Server,
}

impl Kaspi {
    /// Starts it.
    ///
    /// # Errors
    /// If the port is taken, or the state isn't a snapshot of this simulator.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let (port, network) = (settings.port, settings.network.clone());
        let desk = Arc::new(Desk::open(settings)?);
        let server = Server::on(&network, api::router(Arc::clone(&desk)), port, "kaspi").await?;
        Ok(Self(Arc::new(Running { desk, server })))
    }

    /// Where the API is, without its `/v2`.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.server.url().to_owned()
    }

    /// What answers its calls.
    pub fn router(&self) -> axum::Router {
        self.0.server.router()
    }

    /// Sets what goes wrong from now on. `refuse` names orders that can't be changed, by their codes: Kaspi takes a price list or
    /// leaves it.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.0.desk.account().faults);
    }

    /// What happened so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.0.desk.account().journal.clone()
    }

    /// Everything it keeps, for [`Settings::state`].
    #[must_use]
    pub fn snapshot(&self) -> Value {
        serde_json::to_value(&*self.0.desk.account()).unwrap_or_default()
    }

    /// The seller tells the cabinet where the price list is.
    pub fn set_feed(&self, url: &str) {
        self.0.desk.account().set_feed(url);
    }

    /// Pulls the price list, as Kaspi does about once an hour.
    ///
    /// # Errors
    /// Why the list wasn't fetched or wasn't taken: everything stays as it was.
    pub async fn pull(&self) -> Result<Pulled, String> {
        feed::pull(&self.0.desk).await
    }

    /// A buyer buys `units` of one offer.
    ///
    /// # Errors
    /// If fewer are shown.
    pub fn buy(&self, sku: &str, store: &str, units: u32) -> Result<Sale, SoldOut> {
        self.buy_basket(&[(sku, units)], store)
    }

    /// A buyer buys several offers in one order.
    ///
    /// # Errors
    /// If fewer of any are shown.
    pub fn buy_basket(&self, basket: &[(&str, u32)], store: &str) -> Result<Sale, SoldOut> {
        let mut account = self.0.desk.account();
        let buyer = Buyer::of_order(account.orders.len());
        account.buy(basket, store, buyer, now())
    }

    /// A certain person buys.
    ///
    /// # Errors
    /// If fewer are shown.
    pub fn buy_as(&self, sku: &str, store: &str, units: u32, phone: &str, name: &str) -> Result<Sale, SoldOut> {
        let buyer = Buyer { name: name.to_owned(), phone: phone.to_owned() };
        self.0.desk.account().buy(&[(sku, units)], store, buyer, now())
    }

    /// The seller accepts the order in the cabinet.
    pub fn accept(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.accept())
    }

    /// The seller packs it.
    pub fn assemble(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.assemble())
    }

    /// The seller gives it to the courier.
    pub fn hand_over(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.hand_over(now()))
    }

    /// The buyer has it.
    pub fn complete(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.complete(now()))
    }

    /// The buyer cancels it. What Kaspi shows stays as it is until the next price list.
    pub fn cancel(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.cancel("BUYER_CANCELLATION_BY_MERCHANT"))
    }

    /// The buyer cancels some units of one line. False if the order hasn't so many.
    pub fn cancel_units(&self, order: &str, sku: &str, units: u32) -> bool {
        self.0.desk.account().order(order).is_some_and(|order| order.cancel_units(sku, units))
    }

    /// Units that were cancelled from a line are wanted after all: someone's mistake is undone. False if no line is left, or fewer
    /// units are shown.
    pub fn restore_units(&self, order: &str, sku: &str, units: u32) -> bool {
        self.0.desk.account().restore_units(order, sku, units).is_some()
    }

    /// The buyer wants to give it back.
    pub fn request_return(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.request_return())
    }

    /// The seller has it back.
    pub fn receive_return(&self, order: &str) -> bool {
        self.0.desk.account().with(order, |order| order.receive_return())
    }

    /// What it shows of an offer in a store. None if no price list named it.
    #[must_use]
    pub fn shown(&self, sku: &str, store: &str) -> Option<u32> {
        Some(self.0.desk.account().offers.get(sku)?.stores.get(store)?.shown)
    }

    /// All orders, oldest first: the code, and units by offer.
    #[must_use]
    pub fn orders(&self) -> Vec<(String, Vec<(String, u32)>)> {
        self.0.desk.account().orders.iter().map(|(code, order)| (code.clone(), order.units())).collect()
    }
}

#[cfg(test)]
mod tests;
