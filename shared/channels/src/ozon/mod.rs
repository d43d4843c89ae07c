//! Ozon.

#[cfg(feature = "client")]
mod client;
pub mod map;
pub mod wire;

#[cfg(feature = "client")]
pub use client::Client;

/// Where the API is.
#[cfg(feature = "client")]
pub const ADDRESS: &str = "https://api-seller.ozon.ru";

/// Ozon's pushes.
pub struct Pushes {
    /// The networks that they may come from.
    pub networks: Vec<ipnet::IpNet>,
}

impl crate::hook::Webhook for Pushes {
    fn verify(&self, call: &crate::hook::Call<'_>) -> Result<(), crate::hook::Forged> {
        todo!()
    }
    fn judge(&self, call: &crate::hook::Call<'_>) -> crate::hook::Verdict {
        todo!()
    }
    fn unavailable(&self) -> crate::hook::Answer {
        todo!()
    }
}
