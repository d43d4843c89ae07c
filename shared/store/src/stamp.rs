//! Who changes the table, and when.

use edin_domain::{Cause, Timestamp};

/// Under which name and at what time a commit is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The id of the first event of the batch, which every change of it bears.
    pub cause: Cause,
    /// The time of the commit, by the clock of who commits.
    pub at: Timestamp,
}
