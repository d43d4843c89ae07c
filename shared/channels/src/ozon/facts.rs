//! What Ozon says of itself: docs.ozon.ru/api/seller, as of 2026-10-01 where nothing else is said.

use std::time::Duration;

use edin_domain::limiter::Limit;
use edin_domain::{Account, ChannelName};
use serde::Deserialize;

use crate::kit::facts::{
    ANY_LENGTH, BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, SecretFact, StockFact,
    settings,
};

/// Its name.
pub const NAME: ChannelName = ChannelName::of("ozon");

/// Ozon.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "Ozon",
    address: "https://api-seller.ozon.ru",
    account,
    secrets: &[SecretFact {
        name: "api_key",
        is_needed: true,
        found: "Ozon's cabinet, Settings, Seller API; new keys live three months (docs.ozon.ru/api/seller, News, 2026-09-02)",
    }],
    ids: &[
        IdFact { name: "offer_id", kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Plain },
        IdFact { name: "product_id", kind: IdKind::Number, in_orders: InOrders::Never },
        IdFact { name: "sku", kind: IdKind::Number, in_orders: InOrders::Marked(super::names::SKU) },
    ],
    places: Places::Numbers,
    currencies: &[],
    stock: StockFact::Told { interval: STOCK_INTERVAL, limits: &[&EVERY_CALL, &STOCK_WRITES] },
    prices: PriceFact::Untold,
    // Push notifications, 2026-04-30; the same in 2025-08.
    hook: HookFact::Pushes { networks: &["195.34.21.0/24", "185.73.192.0/22", "91.223.93.0/24"] },
    // A change waits for the good's turn, then for the call.
    reach: Duration::from_secs(31),
    // "About 20 minutes", longer for more than 500 goods: docs.ozon.ru/global/en/fulfillment/stock, undated, read in 2026-11;
    // written for sellers from abroad.
    storefront: Duration::from_mins(20),
    limits: &[&EVERY_CALL, &STOCK_WRITES],
};

/// The settings of an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The cabinet's number, sent as `Client-Id`.
    pub(super) client_id: String,
}

fn account(account: &Account) -> Result<String, BadAccount> {
    let Settings { client_id } = settings(account)?;
    Ok(format!("ozon:{client_id}"))
}

/// All methods without a limit of their own: 50 a second. At most 45 pass in any second, since other tools of the
/// seller share that limit.
pub(super) const EVERY_CALL: Limit = Limit {
    group: "all",
    interval: Duration::from_millis(40),
    burst: 20,
    penalty: 1,
    lease: 2,
    source: "docs.ozon.ru/api/seller, Limits, 2026-09-25",
};

/// `POST /v2/products/stocks`: 80 in any minute. At most 79 pass: those of a rush at once, those of a long one at an even pace.
pub(super) const STOCK_WRITES: Limit = Limit {
    group: "stocks",
    interval: Duration::from_secs(1),
    burst: 19,
    penalty: 1,
    lease: 1,
    source: "docs.ozon.ru/api/seller#operation/ProductAPI_ProductsStocksV2, 2026-10-01",
};

/// How often one good at one warehouse takes a new number: every 30 s, counted from Ozon's answer to the next call, and a tenth of a
/// second by which the clocks of two instances may differ. Source: as of `STOCK_WRITES`.
pub const STOCK_INTERVAL: Duration = Duration::from_millis(30_100);

/// Goods in one write of stock. Source: as of `STOCK_WRITES`.
#[cfg(feature = "client")]
pub(super) const STOCK_ROWS: usize = 100;

/// Postings on a page of `/v4/posting/fbs/list` and `/v4/posting/fbs/unfulfilled/list`.
/// Source: docs.ozon.ru/api/seller, changelog, 2026-04-30.
#[cfg(feature = "client")]
pub(super) const POSTINGS_A_PAGE: u32 = 100;

/// Goods on a page of `/v1/product/info/warehouse/stocks`. Source: docs.ozon.ru/api/seller, 2026-07-22.
#[cfg(feature = "client")]
pub(super) const STOCKS_A_PAGE: u32 = 1_000;

/// Returns on a page of `/v1/returns/list`. Source: docs.ozon.ru/api/seller#operation/returnsList, 2026-04-30.
#[cfg(feature = "client")]
pub(super) const RETURNS_A_PAGE: u32 = 500;

/// Posting numbers in one question for returns. Source: as of [`RETURNS_A_PAGE`].
#[cfg(feature = "client")]
pub(super) const RETURNS_POSTINGS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    /// The most calls that a limit lets pass in any window.
    fn most(limit: &Limit, window: Duration) -> u128 {
        u128::from(limit.burst) + window.as_millis() / limit.interval.as_millis()
    }

    #[test]
    fn no_window_sees_more_calls_than_ozon_allows() {
        assert!(most(&EVERY_CALL, Duration::from_secs(1)) <= 45);
        assert!(most(&STOCK_WRITES, Duration::from_secs(60)) < 80);
    }

    #[test]
    fn the_documented_networks_can_be_read() {
        let networks = FACTS.hook.networks();
        assert!(!networks.is_empty() && networks.iter().all(|network| network.parse::<ipnet::IpNet>().is_ok()));
    }
}
