//! Wire to domain.

use crate::inbound::Reading;
use crate::tolerant::Unreadable;

/// Pushes: this channel has none.
pub fn push(_body: &str, _received_at: edin_domain::Timestamp) -> Result<Reading, Unreadable> {
    todo!()
}
