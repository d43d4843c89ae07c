//! Ozon as one stand-in among others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use super::{Ozon, Product, Settings};
use crate::stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, SELLER, Splits, Stand, Warehouse,
};
use crate::{Faults, Good, Journal, Pace, Sale, SoldOut};

/// The seller's warehouse, which sells from both locations.
pub const WAREHOUSE: u64 = 22_142_605_386_000;
const API_KEY: &str = "0c7a7b4e-5d7e-4a41-9d2b-simulated001";
/// What Ozon says of a product whose stock can't be changed just now.
const REFUSED: &str = "SKU_STATE_ERROR";

/// The documented limits on writes of stock.
const PACE: Pace = Pace { good: Duration::from_secs(30), calls: 80, window: Duration::from_secs(60) };

/// Opens it.
pub(crate) async fn open(opening: Opening) -> std::io::Result<Opened> {
    let Opening { port, network, state, .. } = opening;
    let settings = Settings {
        port,
        network,
        state,
        client_id: SELLER.to_owned(),
        api_key: API_KEY.to_owned(),
        warehouses: vec![WAREHOUSE],
        hook: None,
    };
    Ok(Arc::new(Ozon::start(settings).await?))
}

/// Ozon's id of a good's card.
#[must_use]
pub const fn product_id(good: &Good) -> u64 {
    100_000 + good.number
}

/// Ozon's id of a good at the storefront.
#[must_use]
pub const fn sku(good: &Good) -> u64 {
    500_000_000 + good.number
}

fn number(warehouse: &str) -> u64 {
    warehouse.parse().unwrap_or_default()
}

impl Ozon {
    fn knows(&self, order: &str) -> bool {
        self.shop.lock().postings.contains_key(order)
    }

    async fn advanced(&self, order: &str, status: &str) -> bool {
        self.advance(order, status).await;
        self.knows(order)
    }
}

#[async_trait]
impl Stand for Ozon {
    fn channel(&self) -> ChannelName {
        ChannelName::of("ozon")
    }

    fn url(&self) -> String {
        Self::url(self)
    }

    fn router(&self) -> Router {
        Self::router(self)
    }

    fn enrolment(&self) -> Enrolment {
        Enrolment {
            connection: "ozon-main",
            account: Account::of(Stand::channel(self)).with("client_id", self.shop.client_id.clone()),
            secrets: BTreeMap::from([("api_key", self.shop.api_key.clone())]),
            warehouses: vec![Warehouse { name: WAREHOUSE.to_string(), locations: &["almaty", "astana"] }],
        }
    }

    fn dial(&self, addresses: Addresses) {
        self.set_hook(addresses.hook);
    }

    fn list(&self, good: &Good) {
        self.add_product(Product {
            offer_id: good.sku.clone(),
            product_id: product_id(good),
            sku: sku(good),
            name: good.title.clone(),
            price: format!("{}.00", good.price),
            currency: "KZT".to_owned(),
        });
    }

    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("offer_id", good.sku.clone()),
            ("product_id", product_id(good).to_string()),
            ("sku", sku(good).to_string()),
        ])
    }

    fn calls(&self, good: &Good) -> String {
        good.sku.clone()
    }

    fn shown(&self, good: &Good, warehouse: &str) -> Option<u32> {
        Self::shown(self, &good.sku, number(warehouse))
    }

    fn orders(&self) -> Vec<String> {
        Self::orders(self).into_iter().map(|order| order.posting).collect()
    }

    async fn buy(&self, good: &Good, warehouse: &str) -> Result<Sale, SoldOut> {
        Self::buy(self, &good.sku, number(warehouse), 1).await
    }

    async fn step(&self) -> Result<(), String> {
        Ok(())
    }

    async fn cancel(&self, order: &str) -> bool {
        Self::cancel(self, order).await;
        self.knows(order)
    }

    async fn pack(&self, order: &str) -> bool {
        self.advanced(order, "awaiting_deliver").await
    }

    async fn ship(&self, order: &str) -> bool {
        self.advanced(order, "delivering").await
    }

    async fn deliver(&self, order: &str) -> bool {
        self.advanced(order, "delivered").await
    }

    fn baskets(&self) -> Result<&dyn Baskets, Cannot> {
        Ok(self)
    }

    fn returns(&self) -> Result<&dyn Returns, Cannot> {
        Ok(self)
    }

    fn splits(&self) -> Result<&dyn Splits, Cannot> {
        Ok(self)
    }

    fn refusals(&self) -> Result<&dyn Refusals, Cannot> {
        Ok(self)
    }

    fn page(&self) -> usize {
        super::orders::PAGE
    }

    fn faults(&self, change: &mut dyn FnMut(&mut Faults)) {
        Self::faults(self, change);
    }

    fn journal(&self) -> Journal {
        Self::journal(self)
    }

    fn pace(&self) -> Option<Pace> {
        Some(PACE)
    }

    fn snapshot(&self) -> Value {
        Self::snapshot(self)
    }
}

#[async_trait]
impl Baskets for Ozon {
    async fn buy(&self, basket: &[(&Good, u32)], warehouse: &str) -> Result<Sale, SoldOut> {
        let items: Vec<(&str, u32)> = basket.iter().map(|(good, units)| (good.sku.as_str(), *units)).collect();
        self.buy_basket(&items, number(warehouse)).await
    }

    async fn cancel(&self, order: &str, good: &Good, units: u32) -> bool {
        self.cancel_units(order, &good.sku, units).await;
        self.knows(order)
    }
}

impl Returns for Ozon {
    fn receive(&self, order: &str, good: &Good, units: u32) -> bool {
        self.receive_return(order, &good.sku, units);
        self.knows(order)
    }
}

#[async_trait]
impl Splits for Ozon {
    async fn split(&self, order: &str, good: &Good, units: u32) -> Option<String> {
        let child = Self::split(self, order, &[(&good.sku, units)]).await;
        Some(child).filter(|child| !child.is_empty())
    }
}

impl Refusals for Ozon {
    fn refuse(&self, good: &Good) {
        Self::faults(self, |faults| _ = faults.refuse.insert(good.sku.clone(), REFUSED.to_owned()));
    }

    fn relent(&self) {
        Self::faults(self, |faults| faults.refuse.clear());
    }
}
