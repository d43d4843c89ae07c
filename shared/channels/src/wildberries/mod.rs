//! Wildberries, where the seller keeps the goods (FBS).
//!
//! It calls nobody about orders or stock: orders are asked for, stock is written over. An assembly order is always one
//! unit. A stock write is an absolute number without a version, and one bad row refuses the whole call. Field names
//! aren't checked: a misspelt one is answered with 204 and changes nothing.

#[cfg(feature = "client")]
mod answer;
#[cfg(feature = "client")]
mod cards;
#[cfg(feature = "client")]
mod client;
pub mod map;
#[cfg(feature = "client")]
mod orders;
mod status;
#[cfg(feature = "client")]
mod stock;
#[cfg(feature = "client")]
mod token;
pub mod wire;

use std::time::Duration;

use edin_domain::limiter::Limit;

#[cfg(feature = "client")]
pub use cards::{Card, CardCursor};
#[cfg(feature = "client")]
pub use client::Client;

/// Where orders and stock are: dev.wildberries.ru/openapi/orders-fbs, 2026-08-18.
#[cfg(feature = "client")]
pub const ADDRESS: &str = "https://marketplace-api.wildberries.ru";

/// Where cards are: dev.wildberries.ru/openapi/work-with-products, 2026-08-18.
#[cfg(feature = "client")]
pub const CONTENT_ADDRESS: &str = "https://content-api.wildberries.ru";

/// The name of a listing's id that stock is written by: the number of one size of a card, which content calls `chrtID`.
pub const CHRT_ID: &str = "chrt_id";

/// How long a write may take until buyers are bound by it: it is taken at once (dev.wildberries.ru/openapi/work-with-products).
pub const REACH: Duration = Duration::from_secs(1);

/// Orders, supplies and passes of one seller: 300 calls a minute, 20 at once. Any 4XX counts as ten calls. Two of the 20 are
/// left alone, here and below: a call reaches Wildberries later than it is counted here, a leased one much later.
pub const ORDERS: Limit = Limit {
    group: "orders",
    interval: Duration::from_millis(200),
    burst: 18,
    penalty: 10,
    lease: 2,
    source: "dev.wildberries.ru/openapi/orders-fbs, 2026-08-18",
};

/// Writing and reading stock, but not deleting it: 300 calls a minute. Any 4XX counts as ten calls.
pub const STOCKS: Limit = Limit {
    group: "stocks",
    interval: Duration::from_millis(200),
    burst: 18,
    penalty: 10,
    lease: 1,
    source: "dev.wildberries.ru/openapi/work-with-products, 2026-08-18",
};

/// Reading cards: 100 calls a minute.
pub const CONTENT: Limit = Limit {
    group: "content",
    interval: Duration::from_millis(600),
    burst: 5,
    penalty: 1,
    lease: 1,
    source: "dev.wildberries.ru/openapi/work-with-products, 2026-08-18",
};

/// Where a 429 says in how many seconds the next call passes. dev.wildberries.ru/openapi/api-information, 2026-05-08.
#[cfg(feature = "client")]
const RETRY: crate::transport::RetryHeader = crate::transport::RetryHeader("X-Ratelimit-Retry");

/// Rows in a stock write, ids in a stock read, orders on a page, ids in a status query: the same for all four.
#[cfg(feature = "client")]
const BATCH: usize = 1_000;

/// Units that one row of a stock write may say at most.
#[cfg(feature = "client")]
const MOST_UNITS: u32 = 100_000;

/// Cards on a page.
#[cfg(feature = "client")]
const CARDS_A_PAGE: usize = 100;

/// The longest period that one query for orders may ask for.
#[cfg(feature = "client")]
const PERIOD: Duration = Duration::from_secs(30 * 24 * 3600);

/// How far back orders can be asked for; older ones are in an archive.
#[cfg(feature = "client")]
const HISTORY: Duration = Duration::from_secs(89 * 24 * 3600);
