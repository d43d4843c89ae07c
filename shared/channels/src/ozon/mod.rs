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
use crate::kit::feed::Feed;
use crate::kit::hook::Hook;
use crate::kit::read::Reader;

/// How it calls us.
#[must_use]
pub fn hook() -> Option<&'static dyn Hook> {
    Some(&hook::Pushes)
}

/// How its calls are read.
#[must_use]
pub fn reader() -> Option<&'static dyn Reader> {
    Some(&map::Pushes)
}

/// It pulls no list.
#[must_use]
pub fn feed() -> Option<&'static dyn Feed> {
    None
}

/// Opens a connection.
///
/// # Errors
/// [`CanNotOpen`] says what is missing.
#[cfg(feature = "client")]
pub fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
    Ok(Box::new(Client::open(opening)?))
}
