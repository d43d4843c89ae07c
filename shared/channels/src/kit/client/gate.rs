//! The way through a channel's limits.

use std::time::Duration;

use async_trait::async_trait;
use edin_domain::Timestamp;
use edin_domain::limiter::Limit;

/// Keeps a channel's limits over all functions and all their instances.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Lets one call pass, waiting a little if need be.
    ///
    /// # Errors
    /// [`Held`] if the wait would be too long.
    async fn pass(&self, limit: &Limit) -> Result<(), Held>;

    /// Notes that the channel counted more against us than the calls that passed, or shut us out for a while. Returns the
    /// time from which on the next call may pass.
    async fn charge(&self, limit: &Limit, calls: u32, shut_for: Option<Duration>) -> Timestamp;
}

/// A call that may not be made before a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the channel's limit lets nothing pass before {until}")]
pub struct Held {
    /// The time.
    pub until: Timestamp,
}
