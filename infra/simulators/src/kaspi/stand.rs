//! Kaspi as one stand-in among others.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use super::{Kaspi, Settings};
use crate::stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, SELLER, Splits, Stand, Warehouse,
};
use crate::{Faults, Good, Journal, Pace, Sale, SoldOut};

/// The seller's points of sale: the first sells from Almaty, the second one from Astana.
pub const STORES: [&str; 2] = ["30000001_PP1", "30000001_PP2"];
const TOKEN: &str = "simulated-kaspi-token";

/// Opens it.
pub(crate) async fn open(opening: Opening) -> std::io::Result<Opened> {
    let Opening { port, network, state, list_login, .. } = opening;
    let settings = Settings {
        port,
        network,
        state,
        token: TOKEN.to_owned(),
        merchant_id: SELLER.to_owned(),
        feed: None,
        feed_password: list_login,
    };
    Ok(Arc::new(Kaspi::start(settings).await?))
}

#[async_trait]
impl Stand for Kaspi {
    fn channel(&self) -> ChannelName {
        ChannelName::of("kaspi")
    }

    fn url(&self) -> String {
        Self::url(self)
    }

    fn router(&self) -> Router {
        Self::router(self)
    }

    fn enrolment(&self) -> Enrolment {
        let desk = &self.0.desk;
        let account = Account::of(Stand::channel(self))
            .with("merchant_id", desk.merchant_id.clone())
            .with("company", "Edin Demo")
            .with("accept_orders", true);
        let mut enrolment = Enrolment {
            connection: "kaspi-main",
            account,
            secrets: BTreeMap::from([("token", desk.token.clone())]),
            warehouses: STORES.into_iter().zip([&["almaty"], &["astana"]]).map(store).collect(),
        };
        if let Some((user, password)) = &desk.feed_password {
            enrolment.account = enrolment.account.with("feed_user", user.clone());
            enrolment.secrets.insert("feed_password", password.clone());
        }
        enrolment
    }

    fn dial(&self, addresses: Addresses) {
        self.set_feed(&addresses.list.unwrap_or_default());
    }

    /// Its price list brings the goods.
    fn list(&self, _: &Good) {}

    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("sku", good.sku.clone()), ("price", good.price.to_string())])
    }

    fn calls(&self, good: &Good) -> String {
        good.sku.clone()
    }

    fn shown(&self, good: &Good, warehouse: &str) -> Option<u32> {
        Self::shown(self, &good.sku, warehouse)
    }

    fn orders(&self) -> Vec<String> {
        Self::orders(self).into_iter().map(|(code, _)| code).collect()
    }

    async fn buy(&self, good: &Good, warehouse: &str) -> Result<Sale, SoldOut> {
        Self::buy(self, &good.sku, warehouse, 1)
    }

    async fn step(&self) -> Result<(), String> {
        self.pull().await.map(drop)
    }

    async fn cancel(&self, order: &str) -> bool {
        Self::cancel(self, order)
    }

    async fn pack(&self, order: &str) -> bool {
        self.assemble(order)
    }

    async fn ship(&self, order: &str) -> bool {
        self.hand_over(order)
    }

    async fn deliver(&self, order: &str) -> bool {
        self.complete(order)
    }

    fn baskets(&self) -> Result<&dyn Baskets, Cannot> {
        Ok(self)
    }

    fn returns(&self) -> Result<&dyn Returns, Cannot> {
        Ok(self)
    }

    fn splits(&self) -> Result<&dyn Splits, Cannot> {
        Err(Cannot("its API documents none"))
    }

    fn refusals(&self) -> Result<&dyn Refusals, Cannot> {
        Err(Cannot("it takes a price list whole or leaves it"))
    }

    fn page(&self) -> usize {
        super::orders::MOST
    }

    fn faults(&self, change: &mut dyn FnMut(&mut Faults)) {
        Self::faults(self, change);
    }

    fn journal(&self) -> Journal {
        Self::journal(self)
    }

    fn pace(&self) -> Option<Pace> {
        None
    }

    fn snapshot(&self) -> Value {
        Self::snapshot(self)
    }
}

fn store((name, locations): (&str, &'static [&'static str; 1])) -> Warehouse {
    Warehouse { name: name.to_owned(), locations }
}

#[async_trait]
impl Baskets for Kaspi {
    async fn buy(&self, basket: &[(&Good, u32)], warehouse: &str) -> Result<Sale, SoldOut> {
        let items: Vec<(&str, u32)> = basket.iter().map(|(good, units)| (good.sku.as_str(), *units)).collect();
        self.buy_basket(&items, warehouse)
    }

    async fn cancel(&self, order: &str, good: &Good, units: u32) -> bool {
        self.cancel_units(order, &good.sku, units)
    }
}

impl Returns for Kaspi {
    /// An order comes back whole.
    fn receive(&self, order: &str, _: &Good, _: u32) -> bool {
        self.request_return(order) && self.receive_return(order)
    }
}
