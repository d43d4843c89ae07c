//! Kaspi: called for orders, told stock and prices by a price list that it pulls. It pushes nothing.
//!
//! Sources are pages of the seller guide below `guide.kaspi.kz/partner/ru/shop`, as of 2025-10 to 2025-12; what the guide
//! leaves out and sellers' public code agrees on is marked as observed.

use std::time::Duration;

use edin_domain::limiter::Limit;

#[cfg(feature = "client")]
use crate::marketplace::Capabilities;
#[cfg(feature = "client")]
use crate::transport::RetryHeader;

#[cfg(feature = "client")]
mod client;
pub mod map;
pub mod price_list;
#[cfg(feature = "client")]
mod search;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;

/// Where the API is (`api/general/q3194`).
pub const ADDRESS: &str = "https://kaspi.kz/shop/api";

/// What a browser calls itself. Observed: without such a name a request hangs until it times out.
pub const USER_AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

/// The only limit: on all calls.
pub const ORDERS: Limit = Limit {
    group: "orders",
    interval: Duration::from_millis(250),
    burst: 4,
    penalty: 0,
    lease: 1,
    source: "our own restraint, 2026-11-22: Kaspi publishes no numbers; sellers' clients keep to 4 to 6 calls a second",
};

/// Where Kaspi says how long it shuts us out. Observed; the guide is silent.
#[cfg(feature = "client")]
pub const RETRY: RetryHeader = RetryHeader("retry-after");

/// What it can do.
#[cfg(feature = "client")]
pub const CAPABILITIES: Capabilities =
    Capabilities { rows_a_write: 0, listing_interval: PULL_INTERVAL, reach: REACH, stock_can_be_read: false };

/// How often Kaspi pulls a price list that changed (`goods/price_list/q3251`).
pub const PULL_INTERVAL: Duration = Duration::from_mins(60);

/// What we allow for a pulled price list to be worked in; no number is published.
pub const PROCESSING: Duration = Duration::from_mins(5);

/// How long a change may take until buyers are bound by it.
pub const REACH: Duration = PULL_INTERVAL.saturating_add(PROCESSING);

/// Orders on one page, at most (`api/orders/q3201`).
pub const PAGE_SIZE: usize = 100;

/// The widest span of creation dates in one search (`api/orders/q3201`; the refusal says `max [14]`).
pub const WINDOW: Duration = Duration::from_hours(14 * 24);

/// How old the newest orders may be. An older one that the bank approves late is found among the changes.
pub const NEWEST: Duration = Duration::from_hours(3);

/// How old an order may be that still changes: a pre-order takes up to 30 days, its return 14 more.
pub const LOOK_BACK: Duration = Duration::from_hours(45 * 24);
