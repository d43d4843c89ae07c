//! A WooCommerce shop as one stand-in among others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use super::trade::Restock;
use super::{Item, Settings, WooCommerce};
use crate::stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, Splits, Stand, Warehouse,
};
use crate::{Faults, Good, Journal, Pace, Sale, SoldOut};

/// What the seller calls the shop's only shelf, which sells from both locations.
pub const WAREHOUSE: &str = "shop";
const KEY: &str = "ck_edin_stand_in";
const SECRET: &str = "cs_edin_stand_in";
/// Numbers of products and variations begin after those of orders.
const PRODUCTS: u64 = 10_000_000;
const PARENTS: u64 = 20_000_000;

/// No limit is documented.
const PACE: Pace = Pace { good: Duration::ZERO, calls: 100_000, window: Duration::from_secs(60) };

/// Opens it.
pub(crate) async fn open(opening: Opening) -> std::io::Result<Opened> {
    let Opening { port, network, state, .. } = opening;
    let (key, secret) = (KEY.to_owned(), SECRET.to_owned());
    Ok(Arc::new(WooCommerce::start(Settings { port, network, state, key, secret }).await?))
}

/// The number of a good: a product's, or a variation's.
#[must_use]
pub const fn product_id(good: &Good) -> u64 {
    PRODUCTS + good.number
}

/// Every third good is a variation; ten of them are of one product.
const fn parent_id(good: &Good) -> Option<u64> {
    if good.number.is_multiple_of(3) { Some(PARENTS + good.number / 30) } else { None }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

#[async_trait]
impl Stand for WooCommerce {
    fn channel(&self) -> ChannelName {
        ChannelName::of("woocommerce")
    }

    fn url(&self) -> String {
        Self::url(self)
    }

    fn router(&self) -> Router {
        Self::router(self)
    }

    fn enrolment(&self) -> Enrolment {
        Enrolment {
            connection: "woocommerce-main",
            account: Account::of(Stand::channel(self)),
            secrets: BTreeMap::from([
                ("consumer_key", self.shop.key.clone()),
                ("consumer_secret", self.shop.secret.clone()),
            ]),
            warehouses: vec![Warehouse { name: WAREHOUSE.to_owned(), locations: &["almaty", "astana"] }],
        }
    }

    fn dial(&self, addresses: Addresses) {
        self.enter(addresses.hook.zip(addresses.secret));
    }

    fn list(&self, good: &Good) {
        let (sku, name) = (good.sku.clone(), good.title.clone());
        self.add(Item { id: product_id(good), parent: parent_id(good), sku, name, price: good.price });
    }

    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String> {
        let parent = parent_id(good).map_or_else(String::new, |parent| parent.to_string());
        BTreeMap::from([("id", product_id(good).to_string()), ("parent_id", parent), ("sku", good.sku.clone())])
    }

    fn calls(&self, good: &Good) -> String {
        product_id(good).to_string()
    }

    fn shown(&self, good: &Good, warehouse: &str) -> Option<u32> {
        Self::shown(self, product_id(good)).filter(|_| warehouse == WAREHOUSE)
    }

    fn orders(&self) -> Vec<String> {
        Self::orders(self).iter().map(ToString::to_string).collect()
    }

    async fn buy(&self, good: &Good, _warehouse: &str) -> Result<Sale, SoldOut> {
        Self::buy(self, &[(product_id(good), 1)])
    }

    async fn step(&self) -> Result<(), String> {
        Ok(())
    }

    async fn cancel(&self, order: &str) -> bool {
        self.advance(number(order), "cancelled")
    }

    /// A shop knows no packing.
    async fn pack(&self, order: &str) -> bool {
        self.knows(number(order))
    }

    async fn ship(&self, order: &str) -> bool {
        self.advance(number(order), "completed")
    }

    /// Nor that something arrives.
    async fn deliver(&self, order: &str) -> bool {
        self.knows(number(order))
    }

    fn baskets(&self) -> Result<&dyn Baskets, Cannot> {
        Ok(self)
    }

    fn returns(&self) -> Result<&dyn Returns, Cannot> {
        Ok(self)
    }

    fn splits(&self) -> Result<&dyn Splits, Cannot> {
        Err(Cannot("an order stays one"))
    }

    fn refusals(&self) -> Result<&dyn Refusals, Cannot> {
        Ok(self)
    }

    fn page(&self) -> usize {
        super::request::PAGE
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
impl Baskets for WooCommerce {
    async fn buy(&self, basket: &[(&Good, u32)], _warehouse: &str) -> Result<Sale, SoldOut> {
        let basket: Vec<_> = basket.iter().map(|(good, units)| (product_id(good), *units)).collect();
        Self::buy(self, &basket)
    }

    /// As a seller does who hasn't them: the money goes back, and the goods into stock.
    async fn cancel(&self, order: &str, good: &Good, units: u32) -> bool {
        self.refund(number(order), product_id(good), units, Restock::Yes)
    }
}

impl Returns for WooCommerce {
    fn receive(&self, order: &str, good: &Good, units: u32) -> bool {
        self.refund(number(order), product_id(good), units, Restock::Yes)
    }
}

impl Refusals for WooCommerce {
    fn refuse(&self, good: &Good) {
        let code = "woocommerce_rest_cannot_edit".to_owned();
        self.faults(|faults| _ = faults.refuse.insert(product_id(good).to_string(), code));
    }

    fn relent(&self) {
        self.faults(|faults| faults.refuse.clear());
    }
}
