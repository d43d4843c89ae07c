//! Yandex Market, for sellers who keep the goods themselves (FBS, DBS and Express).
//!
//! A cabinet (*business*) has shops (*campaigns*); a connection is one shop. The Market's notifications only hint: several may tell
//! of one event, in any order, so each has its order asked for. Stock is told by calls that take all rows or none, and say nothing
//! of any. Documented at yandex.ru/dev/market/partner-api.

#[cfg(feature = "client")]
mod answer;
#[cfg(feature = "client")]
mod client;
mod facts;
mod hook;
pub mod map;
mod names;
pub mod push;
pub mod returns;
#[cfg(feature = "client")]
mod row;
#[cfg(feature = "client")]
mod shelf;
mod status;
#[cfg(feature = "client")]
mod stock;
#[cfg(feature = "client")]
mod token;
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
        Some(&hook::Notifications)
    }

    fn reader() -> Option<&'static dyn Reader> {
        Some(&push::Notifications)
    }

    #[cfg(feature = "client")]
    fn open(opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
        Ok(Box::new(Client::open(opening)?))
    }
}
