//! Wildberries as one stand-in among others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use super::{CONTENT, Card, MARKETPLACE, Settings, Wildberries, token};
use crate::stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, Splits, Stand, Warehouse,
};
use crate::{Faults, Good, Journal, Pace, Sale, SoldOut, now};

/// The seller's warehouse, which sells from Almaty.
pub const WAREHOUSE: u64 = 501_001;
/// Tenge, by its number.
const KZT: u16 = 398;
const HALF_A_YEAR: Duration = Duration::from_secs(180 * 24 * 3_600);
/// What Wildberries says of goods that it doesn't deliver in this way.
const REFUSED: &str = "DeliveryTypeRestriction";

/// The documented limit on writes of stock. A good has no interval of its own here.
const PACE: Pace = Pace { good: Duration::ZERO, calls: 300, window: Duration::from_secs(60) };

/// Opens it, with the token that it had, or one that lives for half a year.
pub(crate) async fn open(opening: Opening) -> std::io::Result<Opened> {
    let Opening { port, network, state, gives_back_cancelled, .. } = opening;
    let had = state.as_ref().and_then(|state| state.get("token")?.as_str());
    let token = had.map_or_else(|| token(MARKETPLACE | CONTENT, now().plus(HALF_A_YEAR)), str::to_owned);
    let warehouses = vec![WAREHOUSE];
    let settings = Settings { port, network, token, warehouses, gives_back_cancelled, state };
    Ok(Arc::new(Wildberries::start(settings).await?))
}

/// Wildberries' id of a good, by which stock is told.
#[must_use]
pub const fn chrt_id(good: &Good) -> u64 {
    70_000_000 + good.number
}

fn number(warehouse: &str) -> u64 {
    warehouse.parse().unwrap_or_default()
}

#[async_trait]
impl Stand for Wildberries {
    fn channel(&self) -> ChannelName {
        ChannelName::of("wildberries")
    }

    fn url(&self) -> String {
        Self::url(self)
    }

    fn router(&self) -> Router {
        Self::router(self)
    }

    fn enrolment(&self) -> Enrolment {
        Enrolment {
            connection: "wb-main",
            account: Account::of(Stand::channel(self)),
            secrets: BTreeMap::from([("token", self.0.shop.account().token.clone())]),
            warehouses: vec![Warehouse { name: WAREHOUSE.to_string(), locations: &["almaty"] }],
        }
    }

    /// It neither pushes nor pulls.
    fn dial(&self, _: Addresses) {}

    fn list(&self, good: &Good) {
        self.add_card(Card {
            chrt_id: chrt_id(good),
            nm_id: good.number,
            vendor_code: good.sku.clone(),
            barcode: good.barcode(),
            price_minor: i64::try_from(good.price * 100).unwrap_or(0),
            currency_code: KZT,
        });
    }

    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("chrt_id", chrt_id(good).to_string()),
            ("vendor_code", good.sku.clone()),
            ("barcode", good.barcode()),
        ])
    }

    fn calls(&self, good: &Good) -> String {
        chrt_id(good).to_string()
    }

    fn shown(&self, good: &Good, warehouse: &str) -> Option<u32> {
        Self::shown(self, chrt_id(good), number(warehouse))
    }

    fn orders(&self) -> Vec<String> {
        Self::orders(self).into_iter().map(|(id, _)| id).collect()
    }

    async fn buy(&self, good: &Good, warehouse: &str) -> Result<Sale, SoldOut> {
        Self::buy(self, chrt_id(good), number(warehouse))
    }

    async fn step(&self) -> Result<(), String> {
        self.catch_up();
        Ok(())
    }

    async fn cancel(&self, order: &str) -> bool {
        self.cancel_by_seller(order)
    }

    async fn pack(&self, order: &str) -> bool {
        self.complete(order)
    }

    async fn ship(&self, order: &str) -> bool {
        self.sort(order)
    }

    async fn deliver(&self, order: &str) -> bool {
        self.sell(order)
    }

    fn baskets(&self) -> Result<&dyn Baskets, Cannot> {
        Err(Cannot("an order is of one unit"))
    }

    fn returns(&self) -> Result<&dyn Returns, Cannot> {
        Err(Cannot("its API for orders tells of none"))
    }

    fn splits(&self) -> Result<&dyn Splits, Cannot> {
        Err(Cannot("an order is of one unit"))
    }

    fn refusals(&self) -> Result<&dyn Refusals, Cannot> {
        Ok(self)
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
        Some(PACE)
    }

    fn snapshot(&self) -> Value {
        Self::snapshot(self)
    }
}

impl Refusals for Wildberries {
    fn refuse(&self, good: &Good) {
        Self::faults(self, |faults| _ = faults.refuse.insert(chrt_id(good).to_string(), REFUSED.to_owned()));
    }

    fn relent(&self) {
        Self::faults(self, |faults| faults.refuse.clear());
    }
}
