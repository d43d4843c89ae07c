//! New Channel.
// fill in: what is peculiar to it, in a few lines: who calls whom, what an order is, what is told of stock.

#[cfg(feature = "client")]
mod client;
mod facts;
mod hook;
pub mod map;
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

// fill in: leave out `hook` and `reader` if it calls nobody; add `feed`, and a feed.rs, if it pulls a list of stock.
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
