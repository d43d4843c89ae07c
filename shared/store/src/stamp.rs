//! Who changes the table, and when.

use edin_domain::{Cause, Timestamp};

/// Under which name and at what time a commit is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The first event's id.
    pub cause: Cause,
    /// Now.
    pub at: Timestamp,
}
