//! What goes wrong with calls, and what it takes to make one.

use std::time::Duration;

use edin_domain::Timestamp;

use crate::kit::facts::BadAccount;
use crate::kit::tolerant::Unreadable;

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Our limiter or the channel's says: later.
    #[error("{call}: nothing passes before {until}")]
    Held {
        /// Which call.
        call: &'static str,
        /// From when on it may be tried.
        until: Timestamp,
    },
    /// It wasn't done: no connection, or the channel says that it has trouble.
    #[error("{call}: the channel is out of order: {reason}")]
    OutOfOrder {
        /// Which call.
        call: &'static str,
        /// What happened.
        reason: String,
    },
    /// It was sent, and no answer came, or one that isn't the channel's: it may have been done.
    #[error("{call}: no answer: {reason}")]
    NoAnswer {
        /// Which call.
        call: &'static str,
        /// What happened.
        reason: String,
    },
    /// The credential is dead, or lacks a right. A person must act.
    #[error("{call}: the channel does not let us in ({status}): {reason}; check the credential of this connection")]
    Denied {
        /// Which call.
        call: &'static str,
        /// HTTP status.
        status: u16,
        /// The channel's words.
        reason: String,
    },
    /// The channel refuses the request as it is; it won't do better the next time.
    #[error("{call}: refused ({status} {code}): {reason}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// HTTP status.
        status: u16,
        /// The channel's code.
        code: String,
        /// The channel's words.
        reason: String,
    },
    /// The answer isn't what the channel documents.
    #[error("{call}: the answer can not be read: {reason}")]
    Unreadable {
        /// Which call.
        call: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl ChannelError {
    /// Says that what `call` was answered with can't be read. What isn't the channel's format at all, such as a page that
    /// says that it is being worked on, is none of its answers: that passes.
    #[must_use]
    pub fn unreadable(call: &'static str, error: Unreadable) -> Self {
        let reason = error.to_string();
        match error {
            Unreadable::NotJson { .. } => Self::NoAnswer { call, reason },
            Unreadable::Json { .. } | Unreadable::Value { .. } => Self::Unreadable { call, reason },
        }
    }

    /// When the same is worth trying again.
    #[must_use]
    pub fn again_at(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Held { until, .. } => *until,
            error if error.is_passing() => now.plus(OUT_OF_ORDER),
            _ => now.plus(FOR_A_PERSON),
        }
    }

    /// Whether the same call may succeed later without anybody's doing.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::OutOfOrder { .. } | Self::NoAnswer { .. })
    }
}

/// A channel that is out of order is tried again after this.
const OUT_OF_ORDER: Duration = Duration::from_secs(15);
/// A channel that won't let us in, or refuses what we ask, is tried again after this: a person must act first.
const FOR_A_PERSON: Duration = Duration::from_secs(600);

/// A connection that lacks what it takes to call its channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanNotOpen {
    /// Its account isn't as its channel reads it, or its channel is none that is known.
    #[error("connection {connection}: {error}")]
    Account {
        /// Which connection.
        connection: String,
        /// What is wrong.
        error: BadAccount,
    },
    /// A credential is missing.
    #[error(
        "connection {connection} has no secret {name}; set it with: edin connection set {connection} secrets.{name}=…"
    )]
    NoCredential {
        /// Which connection.
        connection: String,
        /// Which credential.
        name: &'static str,
    },
    /// An address can't be used.
    #[error("connection {connection}: {reason}")]
    Address {
        /// Which connection.
        connection: String,
        /// What is wrong.
        reason: String,
    },
}
