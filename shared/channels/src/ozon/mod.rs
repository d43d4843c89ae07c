//! Ozon, for sellers who ship from their own warehouse (FBS and rFBS).
//!
//! An order here is a *posting*: what travels in one parcel, and the unit of stock, cancellation and pushes. Postings
//! are pushed to us without a signature and polled besides, since pushes may be late or dropped. Stock is told by calls, one
//! outcome a row. Documented at docs.ozon.ru/api/seller.

#[cfg(feature = "client")]
mod client;
mod facts;
mod hook;
pub mod map;
mod names;
pub mod returns;
mod status;
#[cfg(feature = "client")]
mod stock;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;
pub use facts::{FACTS, NAME, STOCK_INTERVAL};

#[cfg(feature = "client")]
use crate::kit::client::{self as kit, CanNotOpen, Opening};
use crate::kit::folder::Folder;
use crate::kit::hook::Hook;
use crate::kit::read::Reader;

/// What this folder brings.
pub(crate) struct Channel;

impl Folder for Channel {
    fn hook() -> Option<&'static dyn Hook> {
        Some(&hook::Pushes)
    }

    fn reader() -> Option<&'static dyn Reader> {
        Some(&map::Pushes)
    }

    #[cfg(feature = "client")]
    fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
        Ok(Box::new(Client::open(opening)?))
    }
}
