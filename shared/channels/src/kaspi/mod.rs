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
use crate::kit::folder::Folder;

/// What this folder brings.
pub(crate) struct Channel;

impl Folder for Channel {
    fn feed() -> Option<&'static dyn Feed> {
        Some(&PriceList)
    }

    #[cfg(feature = "client")]
    fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
        Ok(Box::new(Client::open(opening)?))
    }
}
