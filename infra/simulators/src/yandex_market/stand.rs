//! Yandex Market as one stand-in among others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use super::{Offer, SCOPES, Settings, YandexMarket};
use crate::stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, SELLER, Splits, Stand, Warehouse,
};
use crate::{Faults, Good, Journal, Pace, Sale, SoldOut};

/// The warehouse of the seller's shop, which sells from both locations.
pub const WAREHOUSE: u64 = 50_001;
/// The shop in the seller's cabinet.
const CAMPAIGN: u64 = 40_000_001;
const API_KEY: &str = "ACMA:edin:stand-in";

/// The documented limit is on goods: of calls there are no more, since each tells of one at least.
const PACE: Pace = Pace { good: Duration::ZERO, calls: 100_000, window: Duration::from_secs(60) };

/// Opens it.
pub(crate) async fn open(opening: Opening) -> std::io::Result<Opened> {
    let Opening { port, network, state, gives_back_cancelled, .. } = opening;
    let settings = Settings {
        port,
        network,
        state,
        gives_back_cancelled,
        business_id: number(SELLER),
        campaign_id: CAMPAIGN,
        warehouse: WAREHOUSE,
        api_key: API_KEY.to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        hook: None,
    };
    Ok(Arc::new(YandexMarket::start(settings).await?))
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

impl YandexMarket {
    fn knows(&self, order: &str) -> bool {
        self.shop.lock().orders.contains_key(&number(order))
    }

    fn advanced(&self, order: &str, status: &str, substatus: &str) -> bool {
        self.advance(number(order), status, substatus);
        self.knows(order)
    }
}

#[async_trait]
impl Stand for YandexMarket {
    fn channel(&self) -> ChannelName {
        ChannelName::of("yandex_market")
    }

    fn url(&self) -> String {
        Self::url(self)
    }

    fn router(&self) -> Router {
        Self::router(self)
    }

    fn enrolment(&self) -> Enrolment {
        let account = Account::of(Stand::channel(self));
        let campaign = self.shop.lock().campaign_id;
        Enrolment {
            connection: "yandex-main",
            account: account.with("business_id", self.shop.business_id).with("campaign_id", campaign),
            secrets: BTreeMap::from([("api_key", self.shop.api_key.clone())]),
            warehouses: vec![Warehouse { name: WAREHOUSE.to_string(), locations: &["almaty", "astana"] }],
        }
    }

    /// The cabinet checks an address that is entered.
    fn dial(&self, addresses: Addresses) {
        let is_told = addresses.hook.is_some();
        self.set_hook(addresses.hook);
        if is_told {
            let market = self.clone();
            tokio::spawn(async move {
                if let Err(problem) = market.check().await {
                    tracing::warn!(channel = "yandex_market", %problem, "the cabinet doesn't take the address");
                }
            });
        }
    }

    fn list(&self, good: &Good) {
        self.add_offer(Offer { offer_id: good.sku.clone(), name: good.title.clone(), price: good.price });
    }

    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("offer_id", good.sku.clone())])
    }

    fn calls(&self, good: &Good) -> String {
        good.sku.clone()
    }

    fn shown(&self, good: &Good, warehouse: &str) -> Option<u32> {
        Self::shown(self, &good.sku).filter(|_| number(warehouse) == WAREHOUSE)
    }

    fn orders(&self) -> Vec<String> {
        Self::orders(self).into_iter().map(|order| order.id.to_string()).collect()
    }

    async fn buy(&self, good: &Good, _warehouse: &str) -> Result<Sale, SoldOut> {
        Self::buy(self, &good.sku, 1)
    }

    async fn step(&self) -> Result<(), String> {
        Ok(())
    }

    async fn cancel(&self, order: &str) -> bool {
        Self::cancel(self, number(order));
        self.knows(order)
    }

    async fn pack(&self, order: &str) -> bool {
        self.advanced(order, "PROCESSING", "READY_TO_SHIP")
    }

    async fn ship(&self, order: &str) -> bool {
        self.advanced(order, "DELIVERY", "DELIVERY_SERVICE_RECEIVED")
    }

    async fn deliver(&self, order: &str) -> bool {
        self.advanced(order, "DELIVERED", "DELIVERY_SERVICE_DELIVERED")
    }

    fn baskets(&self) -> Result<&dyn Baskets, Cannot> {
        Ok(self)
    }

    fn returns(&self) -> Result<&dyn Returns, Cannot> {
        Ok(self)
    }

    fn splits(&self) -> Result<&dyn Splits, Cannot> {
        Err(Cannot("an order stays one, in however many boxes it goes"))
    }

    fn refusals(&self) -> Result<&dyn Refusals, Cannot> {
        Err(Cannot("a write of stock is refused as a whole"))
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
impl Baskets for YandexMarket {
    async fn buy(&self, basket: &[(&Good, u32)], _warehouse: &str) -> Result<Sale, SoldOut> {
        let items: Vec<(&str, u32)> = basket.iter().map(|(good, units)| (good.sku.as_str(), *units)).collect();
        self.buy_basket(&items)
    }

    async fn cancel(&self, order: &str, good: &Good, units: u32) -> bool {
        self.remove(number(order), &good.sku, units);
        self.knows(order)
    }
}

impl Returns for YandexMarket {
    fn receive(&self, order: &str, good: &Good, units: u32) -> bool {
        let back = self.give_back(number(order), &good.sku, units);
        back.is_some_and(|id| self.move_return(id, "PICKED"))
    }
}
