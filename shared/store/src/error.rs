//! What can go wrong with a table, sorted by what to do about it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;

/// A read or a write that didn't come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Refused before it acted: throttled, or the table is busy. Try again.
    #[error("{call}: DynamoDB is busy: {reason}")]
    Busy {
        /// The call of DynamoDB's API, such as `Query`.
        call: &'static str,
        /// DynamoDB's words.
        reason: String,
    },
    /// No answer, or an internal error: a write may have been done. Read back before trying again.
    #[error("{call}: it is unknown whether it was done: {reason}")]
    Unknown {
        /// Which call.
        call: &'static str,
        /// What came instead of an answer: a time-out, a broken line, a 500.
        reason: String,
    },
    /// A condition didn't hold: somebody else wrote first.
    #[error("{call}: the item is not as expected")]
    Stale {
        /// Which call.
        call: &'static str,
    },
    /// The call itself is wrong: a bug, a missing table, a missing right.
    #[error("{call}: refused: {reason}; check the tables' names and this function's rights")]
    Refused {
        /// Which call.
        call: &'static str,
        /// DynamoDB's words.
        reason: String,
    },
    /// An item that can't be read as what its key says it is.
    #[error("the item {key} can not be read: {reason}")]
    Unreadable {
        /// Its partition and sort key, to look it up by.
        key: String,
        /// Which attribute isn't what it should be, and how.
        reason: String,
    },
}

impl StoreError {
    /// Sorts an error of the SDK.
    pub(crate) fn of<E, R>(call: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
        let reason = match error.as_service_error() {
            Some(service) => format!("{code} {}", service.message().unwrap_or_default()),
            None => innermost(&error),
        };
        match (&error, code) {
            (_, "ConditionalCheckFailedException") => Self::Stale { call },
            (
                _,
                "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "RequestLimitExceeded"
                | "TransactionConflictException"
                | "TransactionInProgressException",
            ) => Self::Busy { call, reason },
            (SdkError::ServiceError(_), "InternalServerError" | "ServiceUnavailable") => Self::Unknown { call, reason },
            (SdkError::ServiceError(_), _) | (SdkError::ConstructionFailure(_), _) => Self::Refused { call, reason },
            _ => Self::Unknown { call, reason },
        }
    }

    /// Whether the same call may succeed later without anybody's doing.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unknown { .. })
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
