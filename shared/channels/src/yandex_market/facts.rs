//! What Yandex Market says of itself: its OpenAPI, github.com/yandex-market/yandex-market-partner-api, as of 2026-07-17 where nothing
//! else is said.

use std::time::Duration;

use edin_domain::limiter::Limit;
use edin_domain::{Account, ChannelName};
use serde::Deserialize;

use crate::kit::facts::{
    ANY_LENGTH, BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, SecretFact, StockFact,
    bad_setting, settings,
};
use crate::kit::tolerant::Id;

/// Its name.
pub const NAME: ChannelName = ChannelName::of("yandex_market");

/// Yandex Market.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "Yandex Market",
    address: "https://api.partner.market.yandex.ru",
    account,
    secrets: &[SecretFact {
        name: "api_key",
        is_needed: true,
        found: "the Market's cabinet, Settings, API and modules: an Api-Key token; it doesn't expire \
                (yandex.ru/dev/market/partner-api/doc/ru/concepts/api-key, 2026-11)",
    }],
    // The Market takes 255 characters.
    ids: &[IdFact { name: OFFER_ID, kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Plain }],
    places: Places::Numbers,
    currencies: &[],
    stock: StockFact::Told { interval: Duration::ZERO, limits: &[&ORDERS, &STOCKS] },
    prices: PriceFact::Untold,
    // yandex.ru/dev/market/partner-api/doc/ru/push-notifications, 2025-09.
    hook: HookFact::Pushes { networks: &["5.45.207.0/25", "141.8.142.0/25", "5.255.253.0/25"] },
    // Nothing makes one good wait; the call may, for its turn.
    reach: Duration::from_secs(3),
    // "Up to several minutes" (updateStocks); how many isn't said.
    storefront: Duration::from_mins(5),
    limits: &[&ORDERS, &STOCKS, &SHELF, &RETURNS, &TOKEN],
};

/// The name of a listing's id: the seller's own SKU, which the Market calls offer id, shop SKU and SKU.
pub(super) const OFFER_ID: &str = "offer_id";

/// The settings of an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The cabinet.
    business_id: Id,
    /// The shop.
    campaign_id: Id,
}

/// The numbers of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shop {
    /// The cabinet's.
    pub(super) business: u64,
    /// The shop's.
    pub(super) campaign: u64,
}

/// A cabinet has the same customers in all its shops.
fn account(account: &Account) -> Result<String, BadAccount> {
    let Shop { business, .. } = shop(account)?;
    Ok(format!("{NAME}:{business}"))
}

/// Which shop an account is.
///
/// # Errors
/// [`BadAccount`] if its settings are no numbers.
pub(super) fn shop(account: &Account) -> Result<Shop, BadAccount> {
    let Settings { business_id, campaign_id } = settings(account)?;
    let number = |setting: &str, id: &Id| {
        let number = id.0.parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| bad_setting(account, setting, &"it takes the number that the Market's cabinet shows"))
    };
    Ok(Shop { business: number("business_id", &business_id)?, campaign: number("campaign_id", &campaign_id)? })
}

/// `POST /v1/businesses/{businessId}/orders`: 10,000 an hour. At most 9,020 pass in any hour, since other tools of the seller share
/// that limit.
pub(super) const ORDERS: Limit = Limit {
    group: "orders",
    interval: Duration::from_millis(400),
    burst: 20,
    penalty: 1,
    lease: 2,
    source: "github.com/yandex-market/yandex-market-partner-api, getBusinessOrders, 2026-07-17",
};

/// `PUT /v2/campaigns/{campaignId}/offers/stocks`: 100,000 rows a minute, which are 50 calls of 2,000. At most 49 pass in
/// any minute; as many at once as it takes to find one row that the Market doesn't take.
pub(super) const STOCKS: Limit = Limit {
    group: "stocks",
    interval: Duration::from_millis(2_400),
    burst: 24,
    penalty: 1,
    lease: 1,
    source: "github.com/yandex-market/yandex-market-partner-api, updateStocks, 2026-07-17",
};

/// `POST /v2/campaigns/{campaignId}/offers/stocks`: 100,000 goods a minute, which are 200 calls of 500.
pub(super) const SHELF: Limit = Limit {
    group: "shelf",
    interval: Duration::from_millis(350),
    burst: 20,
    penalty: 1,
    lease: 1,
    source: "github.com/yandex-market/yandex-market-partner-api, getStocks, 2026-07-17",
};

/// `GET /v2/campaigns/{campaignId}/returns`: 5,000 an hour.
pub(super) const RETURNS: Limit = Limit {
    group: "returns",
    interval: Duration::from_millis(800),
    burst: 20,
    penalty: 1,
    lease: 1,
    source: "github.com/yandex-market/yandex-market-partner-api, getReturns, 2026-07-17",
};

/// `POST /v2/auth/token`: 100 an hour.
pub(super) const TOKEN: Limit = Limit {
    group: "token",
    interval: Duration::from_secs(40),
    burst: 5,
    penalty: 1,
    lease: 1,
    source: "github.com/yandex-market/yandex-market-partner-api, getAuthTokenInfo, 2026-07-17",
};

/// Goods in one write of stock. Source: as of [`STOCKS`].
#[cfg(feature = "client")]
pub(super) const STOCK_ROWS: usize = 2_000;

/// Bytes of a request: 512 KB, of which some are left for what is around the rows.
/// Source: yandex.ru/dev/market/partner-api/doc/ru/concepts/limits, 2026-11.
#[cfg(feature = "client")]
pub(super) const BODY: usize = 500_000;

/// Goods in one question for what is shown. Source: as of [`SHELF`].
#[cfg(feature = "client")]
pub(super) const SHELF_GOODS: usize = 500;

/// Orders on a page, and orders that are asked for by their numbers. Source: as of [`ORDERS`].
#[cfg(feature = "client")]
pub(super) const ORDERS_A_PAGE: usize = 50;

/// The longest time that one question for orders covers: 30 days, of which an hour is left for clocks that differ. Source: as of
/// [`ORDERS`].
#[cfg(feature = "client")]
pub(super) const ORDERS_WITHIN: Duration = Duration::from_hours(30 * 24 - 1);

/// Returns on a page. Source: as of [`RETURNS`].
#[cfg(feature = "client")]
pub(super) const RETURNS_A_PAGE: usize = 100;

/// Orders in one question for returns. Source: as of [`RETURNS`].
#[cfg(feature = "client")]
pub(super) const RETURNS_ORDERS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    /// The most calls that a limit lets pass in any window.
    fn most(limit: &Limit, window: Duration) -> u128 {
        u128::from(limit.burst) + window.as_millis() / limit.interval.as_millis()
    }

    #[test]
    fn no_window_sees_more_calls_than_the_market_allows() {
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        assert!(most(&ORDERS, hour) <= 9_020);
        assert!(most(&STOCKS, minute) < 100_000 / 2_000);
        assert!(most(&SHELF, minute) < 100_000 / 500);
        assert!(most(&RETURNS, hour) < 5_000);
        assert!(most(&TOKEN, hour) < 100);
    }

    #[test]
    fn a_shop_is_two_numbers_however_they_are_written() {
        let of = |business: &str, campaign: u64| {
            shop(&Account::of(NAME).with("business_id", business).with("campaign_id", campaign))
        };
        assert_eq!(of("30000001", 40_000_001), Ok(Shop { business: 30_000_001, campaign: 40_000_001 }));
        for (business, campaign, wrong) in
            [("mine", 1, "business_id"), ("0", 1, "business_id"), ("1", 0, "campaign_id")]
        {
            let error = of(business, campaign).unwrap_err().to_string();
            assert!(error.starts_with(&format!("account.yandex_market.{wrong}: ")), "{error}");
        }
    }

    #[test]
    fn the_documented_networks_can_be_read() {
        let networks = FACTS.hook.networks();
        assert!(!networks.is_empty() && networks.iter().all(|network| network.parse::<ipnet::IpNet>().is_ok()));
    }
}
