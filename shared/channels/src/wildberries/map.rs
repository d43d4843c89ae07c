//! Wire to domain.

use crate::inbound::Reading;
use crate::tolerant::Unreadable;

/// Pushes: this channel has none.
pub fn push(_body: &str) -> Result<Reading, Unreadable> {
    todo!()
}
