//! WooCommerce: a shop of the seller's own, wherever it is.
//!
//! The shop calls to hint that something is new of an order, and the order is asked for. It lowers its own number with each order that
//! is placed, and is told another by calls in which each row stands for itself. Edin counts an order as the shop does: promised,
//! gone, or put back in stock. Documented at github.com/woocommerce/woocommerce-rest-api-docs.

#[cfg(feature = "client")]
mod answer;
#[cfg(feature = "client")]
mod client;
mod facts;
mod hook;
pub mod map;
pub mod push;
#[cfg(feature = "client")]
mod row;
#[cfg(feature = "client")]
mod shelf;
mod status;
#[cfg(feature = "client")]
mod webhooks;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;
pub use facts::{FACTS, NAME};

#[cfg(feature = "client")]
use crate::kit::client::{self as kit, CanNotOpen, Opening};
use crate::kit::folder::Folder;
use crate::kit::hook::Hook;
use crate::kit::read::Reader;

/// What this folder brings.
pub(crate) struct Channel;

impl Folder for Channel {
    fn hook() -> Option<&'static dyn Hook> {
        Some(&hook::Webhooks)
    }

    fn reader() -> Option<&'static dyn Reader> {
        Some(&push::Webhooks)
    }

    #[cfg(feature = "client")]
    fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
        Ok(Box::new(Client::open(opening)?))
    }
}
