//! The channels as servers: what they answer, what they refuse, what they do by themselves.
//!
//! Each simulator speaks its channel's published HTTP interface on a loopback port and keeps what that channel keeps: what it
//! shows, what buyers ordered, how often it was called. It is as strict as the channel: a request that the channel would
//! refuse is refused, a limit that the channel counts is counted, and what the channel lets slip silently is let slip.
//!
//! Tests and the demo take the buyer's side and the seller's cabinet through the methods of each simulator: buy, cancel, ship,
//! give back, edit a number by hand, break down.

mod clock;
mod cursor;
mod faults;
mod good;
mod journal;
mod meter;
mod pace;
mod pushes;
mod server;
mod stage;
mod stand;

pub use clock::{go_by, now};
pub use faults::{Faults, Spoilt};
pub use good::Good;
pub use journal::{Event, Journal};
pub use kaspi::Kaspi;
pub use meter::{Meter, Window};
pub use ozon::Ozon;
pub use pace::{Pace, Uptake};
pub use server::{Answer, Network, NoAnswer, Server, Wire};
pub use stage::Stage;
pub use stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, SELLER, Splits, Stand, Warehouse,
};
pub use wildberries::Wildberries;
pub use woocommerce::WooCommerce;

use edin_domain::ChannelName;
use futures::FutureExt as _;
use futures::future::BoxFuture;

/// A channel that has a stand-in, and how that is opened.
pub struct Known {
    /// The channel.
    pub channel: ChannelName,
    /// Opens its stand-in.
    pub open: fn(Opening) -> BoxFuture<'static, std::io::Result<Opened>>,
}

/// Makes the registry of the stand-ins' folders.
macro_rules! stands {
    ($($channel:ident),+ $(,)?) => {
        $(pub mod $channel;)+

        /// All channels that have a stand-in.
        pub fn all() -> impl Iterator<Item = Known> {
            let open = |channel, open| Known { channel: ChannelName::of(channel), open };
            [$(open(stringify!($channel), |opening| $channel::open(opening).boxed())),+].into_iter()
        }
    };
}

stands! { ozon, wildberries, kaspi, yandex_market, woocommerce }

/// Nothing left to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sold out")]
pub struct SoldOut;

/// A sale that a channel made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The channel's id of the order.
    pub order: String,
    /// When it was made.
    pub at: edin_domain::Timestamp,
}
