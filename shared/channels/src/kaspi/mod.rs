//! Kaspi.

#[cfg(feature = "client")]
mod client;
pub mod map;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;

/// Where the API is.
#[cfg(feature = "client")]
pub const ADDRESS: &str = "https://kaspi.kz/shop/api";
