//! Wildberries, where the seller keeps the goods (FBS).
//!
//! It calls nobody about orders or stock: orders are asked for, stock is written over. An assembly order is always one
//! unit. A stock write is an absolute number without a version, and one bad row refuses the whole call. Field names
//! aren't checked: a misspelt one is answered with 204 and changes nothing.

#[cfg(feature = "client")]
mod answer;
#[cfg(feature = "client")]
mod calls;
#[cfg(feature = "client")]
mod cards;
#[cfg(feature = "client")]
mod client;
mod facts;
pub mod map;
#[cfg(feature = "client")]
mod orders;
#[cfg(feature = "client")]
mod row;
pub mod status;
#[cfg(feature = "client")]
mod stock;
#[cfg(feature = "client")]
mod token;
pub mod wire;

#[cfg(feature = "client")]
pub use calls::Client;
#[cfg(feature = "client")]
pub use cards::{Card, CardCursor};
pub use facts::{FACTS, NAME, ORDERS, STOCKS};

#[cfg(feature = "client")]
use crate::kit::client::{self as kit, CanNotOpen, Opening};
use crate::kit::folder::Folder;

/// What this folder brings.
pub(crate) struct Channel;

impl Folder for Channel {
    #[cfg(feature = "client")]
    fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
        Ok(Box::new(Client::open(opening)?))
    }
}
