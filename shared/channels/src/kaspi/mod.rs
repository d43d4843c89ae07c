//! Kaspi: called for orders, told stock and prices by a price list that it pulls. It calls nobody about either.

#[cfg(feature = "client")]
mod client;
mod facts;
mod feed;
pub mod map;
#[cfg(feature = "client")]
mod search;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;
pub use facts::{FACTS, NAME};
pub use feed::PriceList;

#[cfg(feature = "client")]
use crate::kit::client::{self as kit, CanNotOpen, Opening};
use crate::kit::feed::Feed;
use crate::kit::hook::Hook;
use crate::kit::read::Reader;

/// It calls for nothing but its price list.
#[must_use]
pub fn hook() -> Option<&'static dyn Hook> {
    None
}

/// It has no calls to be read.
#[must_use]
pub fn reader() -> Option<&'static dyn Reader> {
    None
}

/// The price list.
#[must_use]
pub fn feed() -> Option<&'static dyn Feed> {
    Some(&PriceList)
}

/// Opens a connection.
///
/// # Errors
/// [`CanNotOpen`] says what is missing.
#[cfg(feature = "client")]
pub fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
    Ok(Box::new(Client::open(opening)?))
}
