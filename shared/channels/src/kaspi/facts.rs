//! What Kaspi says of itself: pages of the seller guide below `guide.kaspi.kz/partner/ru/shop`, as of 2025-10 to 2025-12; what
//! the guide leaves out and sellers' public code agrees on is marked as observed.

use std::collections::BTreeSet;
use std::time::Duration;

use edin_domain::limiter::Limit;
use edin_domain::{Account, ChannelName, Currency, Money};
use serde::Deserialize;

use crate::kit::facts::{
    BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, SecretFact, StockFact, bad_setting,
    settings,
};

/// Its name.
pub const NAME: ChannelName = ChannelName::of("kaspi");

/// Kaspi.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "Kaspi",
    // `api/general/q3194` of the guide.
    address: "https://kaspi.kz/shop/api",
    account,
    secrets: &[
        SecretFact {
            name: "token",
            is_needed: true,
            found: "the cabinet of the head of the company, Settings, API (api/general/q3193); no expiry is documented",
        },
        SecretFact { name: "feed_password", is_needed: false, found: "your own, with feed_user" },
    ],
    ids: &[IdFact { name: SKU, kind: IdKind::Text(LONGEST_SKU), in_orders: InOrders::Plain }],
    places: Places::Names,
    currencies: &[Currency::KZT],
    stock: StockFact::Pulled,
    prices: PriceFact::WithStock(LOWEST_PRICE),
    hook: HookFact::Silent,
    reach: REACH,
    storefront: REACH,
    limits: &[&ORDERS],
};

/// The settings of an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The partner's id, `merchantid` in the price list.
    pub(super) merchant_id: String,
    /// The shop's name, `company` in the price list.
    pub(super) company: String,
    /// Whether orders are accepted on the seller's behalf as soon as they are recorded.
    #[serde(default)]
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "the calls alone accept orders"))]
    pub(super) accept_orders: bool,
    /// Percent by which the number of offers may fall from one price list to the next.
    #[serde(default = "ten_percent")]
    pub(super) max_shrink: u8,
    /// The user name, if the price list is behind a password.
    pub(super) feed_user: Option<String>,
    /// Codes of the cities that get a price of their own; none means one price everywhere.
    #[serde(default)]
    pub(super) cities: Vec<String>,
}

const fn ten_percent() -> u8 {
    10
}

fn account(account: &Account) -> Result<String, BadAccount> {
    let Settings { merchant_id, cities, .. } = settings(account)?;
    match are_cities(&cities) {
        true => Ok(format!("kaspi:{merchant_id}")),
        false => Err(bad_setting(account, "cities", &"it takes each city's number once, such as \"750000000\"")),
    }
}

/// Kaspi numbers its cities: `750000000` is Almaty.
fn are_cities(cities: &[String]) -> bool {
    let distinct: BTreeSet<_> = cities.iter().collect();
    let is_code =
        |city: &String| !city.is_empty() && city.len() <= 20 && city.bytes().all(|byte| byte.is_ascii_digit());
    cities.iter().all(is_code) && distinct.len() == cities.len()
}

/// The name of a listing's id: the seller's SKU in the cabinet.
const SKU: &str = "sku";

/// Characters; Kaspi imports no longer SKU (`api/goods/q3223`). The page on price lists says 20, and live ones carry longer.
pub(super) const LONGEST_SKU: usize = 64;

/// Observed in a live service; the guide names no lowest price.
pub(super) const LOWEST_PRICE: Money = Money::new(10_00, Currency::KZT);

/// How often Kaspi pulls a price list that changed (`goods/price_list/q3251`).
const PULL_INTERVAL: Duration = Duration::from_mins(60);

/// What we allow for a pulled price list to be worked in; no number is published.
const PROCESSING: Duration = Duration::from_mins(5);

/// How long a change may take until buyers are bound by it.
const REACH: Duration = PULL_INTERVAL.saturating_add(PROCESSING);

/// The only limit: on all calls.
pub(super) const ORDERS: Limit = Limit {
    group: "orders",
    interval: Duration::from_millis(250),
    burst: 4,
    penalty: 0,
    lease: 1,
    source: "our own restraint, 2026-11-22: Kaspi publishes no numbers; sellers' clients keep to 4 to 6 calls a second",
};
