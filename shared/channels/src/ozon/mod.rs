//! Ozon, for sellers who ship from their own warehouse (FBS and rFBS).
//!
//! An order here is a *posting*: what travels in one parcel, and the unit of stock, cancellation and pushes. Postings
//! are pushed to us without a signature ([`Pushes`]) and polled besides, since pushes may be late or dropped. Stock is
//! told by calls, one outcome a row. Documented at docs.ozon.ru/api/seller; numbers below as of 2026-10-01.

use std::time::Duration;

use edin_domain::limiter::Limit;

#[cfg(feature = "client")]
mod client;
pub mod map;
mod push;
mod returns;
mod status;
#[cfg(feature = "client")]
mod stock;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;
pub use push::Pushes;

/// Where the API is.
#[cfg(feature = "client")]
pub const ADDRESS: &str = "https://api-seller.ozon.ru";

/// The networks that pushes come from. Source: docs.ozon.ru/api/seller, Push notifications, 2026-04-30; the same in
/// 2025-08.
pub const NETWORKS: [&str; 3] = ["195.34.21.0/24", "185.73.192.0/22", "91.223.93.0/24"];

/// All methods without a limit of their own: 50 a second. At most 45 pass in any second, since other tools of the
/// seller share that limit.
pub const EVERY_CALL: Limit = Limit {
    group: "all",
    interval: Duration::from_millis(40),
    burst: 20,
    penalty: 1,
    lease: 2,
    source: "docs.ozon.ru/api/seller, Limits, 2026-09-25",
};

/// `POST /v2/products/stocks`: 80 in any minute. At most 79 pass: those of a rush at once, those of a long one at an even pace.
pub const STOCK_WRITES: Limit = Limit {
    group: "stocks",
    interval: Duration::from_secs(1),
    burst: 19,
    penalty: 1,
    lease: 1,
    source: "docs.ozon.ru/api/seller#operation/ProductAPI_ProductsStocksV2, 2026-10-01",
};

/// How often one good at one warehouse takes a new number: every 30 s, counted from Ozon's answer to the next call, and a tenth of a
/// second by which the clocks of two instances may differ. Source: as of [`STOCK_WRITES`].
pub const STOCK_INTERVAL: Duration = Duration::from_millis(30_100);

/// How long a change may take by these rules: it waits for the good's turn, then for the call.
pub const REACH: Duration = Duration::from_secs(31);

/// How long buyers may see an old number after Ozon took a new one: "about 20 minutes", longer for more than 500 goods.
/// Source: docs.ozon.ru/global/en/fulfillment/stock, undated, read in 2026-11; written for sellers from abroad.
pub const STOREFRONT: Duration = Duration::from_mins(20);

/// Goods in one write of stock. Source: as of [`STOCK_WRITES`].
pub const STOCK_ROWS: usize = 100;

/// Postings on a page of `/v4/posting/fbs/list` and `/v4/posting/fbs/unfulfilled/list`.
/// Source: docs.ozon.ru/api/seller, changelog, 2026-04-30.
pub const POSTINGS_A_PAGE: u32 = 100;

/// Goods on a page of `/v1/product/info/warehouse/stocks`. Source: docs.ozon.ru/api/seller, 2026-07-22.
pub const STOCKS_A_PAGE: u32 = 1_000;

/// Returns on a page of `/v1/returns/list`. Source: docs.ozon.ru/api/seller#operation/returnsList, 2026-04-30.
pub const RETURNS_A_PAGE: u32 = 500;

/// Posting numbers in one question for returns. Source: as of [`RETURNS_A_PAGE`].
pub const RETURNS_POSTINGS: usize = 50;

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
        assert!(NETWORKS.iter().all(|network| network.parse::<ipnet::IpNet>().is_ok()));
    }
}
