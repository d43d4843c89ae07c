//! Why orders can't be recorded.

use edin_domain::{ConnectionId, LineId, LocationId, Sku};
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
    /// It was asked for, and can't be had.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It met other writers again and again.
    #[error("it met other writers {0} times; it comes again")]
    Contended(u32),
}

/// Why what somebody asked for can't be had. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More is asked for than is available.
    #[error("there is not enough: {}", listed(.0))]
    Short(Vec<Shortage>),
    /// Lines that are none of the seller's goods, or can't be taken from where they are asked for, each with the reason.
    #[error("these lines can not be taken: {}", reasons(.0))]
    NotTaken(Vec<(LineId, String)>),
    /// The order began with another request.
    #[error("another request was made under the same key")]
    OtherRequest,
    /// The order is of another version than it was taken to be.
    #[error("it has changed since it was read, to version {0}")]
    Changed(u64),
    /// It doesn't fit into one transaction.
    #[error("it has too many lines to be granted at once")]
    TooLarge,
}

/// A good of which more is asked for than is available, in units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shortage {
    /// The good; of a bundle, the component.
    pub sku: Sku,
    /// Where it was looked for.
    pub location: LocationId,
    /// Units asked for.
    pub wanted: i64,
    /// Units available.
    pub available: i64,
}

fn listed(short: &[Shortage]) -> String {
    let each = short.iter().map(|Shortage { sku, location, wanted, available }| {
        format!("{wanted} of {sku} are asked for, and {location} has {}", (*available).max(0))
    });
    each.collect::<Vec<_>>().join("; ")
}

fn reasons(lines: &[(LineId, String)]) -> String {
    lines.iter().map(|(line, reason)| format!("{line}: {reason}")).collect::<Vec<_>>().join("; ")
}
