//! Why there is no answer.

use edin_domain::{ConnectionId, Sku};
use edin_platform::SecretError;
use edin_store::StoreError;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// It was asked about a SKU that isn't there.
    #[error("there is no SKU {0}; import it first")]
    NoSku(Sku),
    /// It was asked about a connection that isn't there.
    #[error("there is no connection {0}; import it first")]
    NoConnection(ConnectionId),
    /// The table can't be read.
    #[error(transparent)]
    Table(#[from] StoreError),
    /// The key by which addresses are digested can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}
