//! Why orders can't be recorded.

use edin_domain::ConnectionId;
use edin_store::StoreError;

/// Why a work can't be recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is of a connection that nobody set up.
    #[error("there is no connection {0}; import it, then redrive the dead-letter queue")]
    UnknownConnection(ConnectionId),
    /// Its connection or its order is there, and this version can't read it.
    #[error("{0}; if a newer release wrote it, install that again, then redrive the dead-letter queue")]
    Hindered(String),
    /// Somebody has another account's pushes sent to this one's address.
    #[error(
        "it is not of {connection}: {reason}; if the address leaked, see SECURITY.md, and if the connection's client_id is \
         wrong, correct it and redrive the dead-letter queue"
    )]
    Foreign {
        /// Whose address it came to.
        connection: ConnectionId,
        /// Whose it is.
        reason: String,
    },
    /// It met other writers again and again.
    #[error("it met other writers {0} times; it comes again")]
    Contended(u32),
}
