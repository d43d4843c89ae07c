//! The channels: what each one's wire looks like, how it maps to the domain, how to call it.
//!
//! A channel is a folder of files that look alike: `mod.rs` says what the channel is (its limits, its capabilities),
//! `wire.rs` is its JSON or XML as it is, `map.rs` turns wire into domain and back and is pure, `client.rs` makes the calls.
//!
//! The reading side ([`hook`], [`inbound`]) is always there; the calling side (`marketplace`) comes with the feature `client`.

pub mod hook;
pub mod inbound;
pub mod kaspi;
pub mod names;
pub mod ozon;
pub mod tolerant;
pub mod wildberries;

#[cfg(feature = "client")]
pub mod marketplace;
#[cfg(feature = "client")]
pub mod transport;

use std::time::Duration;

use edin_domain::demand::Pace;
use edin_domain::limiter::Limit;
use edin_domain::{Channel, Connection};

/// How long a sale may take to be heard of: orders are read every 15 s, and it takes some seconds to record them.
pub const HEARD: Duration = Duration::from_secs(20);

/// How long a change of stock may take, by a channel's own rules, until its buyers are bound by it.
#[must_use]
pub const fn reach(channel: Channel) -> Duration {
    match channel {
        Channel::Ozon => ozon::REACH,
        Channel::Wildberries => wildberries::REACH,
        Channel::Kaspi => kaspi::REACH,
    }
}

/// The limits on the calls that tell a channel numbers.
#[must_use]
pub const fn limits_of_a_push(channel: Channel) -> &'static [&'static Limit] {
    match channel {
        Channel::Ozon => &[&ozon::EVERY_CALL, &ozon::STOCK_WRITES],
        Channel::Wildberries => &[&wildberries::ORDERS, &wildberries::STOCKS],
        Channel::Kaspi => &[],
    }
}

/// How long a connection may go on selling what is gone, so far as its channel and its owner say.
#[must_use]
pub fn pace(connection: &Connection) -> Pace {
    let (interval, storefront) = match connection.channel() {
        Channel::Ozon => (ozon::STOCK_INTERVAL, ozon::STOREFRONT),
        Channel::Wildberries => (Duration::ZERO, wildberries::REACH),
        Channel::Kaspi => (Duration::ZERO, kaspi::REACH),
    };
    let set = connection.storefront_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    Pace { heard: HEARD, interval, storefront: set.unwrap_or(storefront) }
}
