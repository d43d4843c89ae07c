//! What the functions say to each other in queues.

use edin_domain::{Cause, ConnectionId, Sku};
use serde::{Deserialize, Serialize};

use crate::{Message, digest_of};

/// In the push queue and the deferred queue: these SKUs may show a wrong number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// At which connection; none asks all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// Which, and the event from which it came.
    pub skus: Vec<(Sku, Cause)>,
}

/// A message with so many SKUs fits into a queue.
const SKUS_AT_ONCE: usize = 500;

/// Messages for the push queue: one writer at a time per connection. `trigger` names the event that made them, so that the
/// same event again makes the same messages again, which the queue drops.
///
/// # Errors
/// If a message can't be written as JSON: a bug.
pub fn pushes(
    connection: &ConnectionId,
    skus: &[(Sku, Cause)],
    trigger: &str,
) -> Result<Vec<Message>, serde_json::Error> {
    let message = |(part, skus): (usize, &[(Sku, Cause)])| {
        let id = digest_of(&format!("{trigger}/{connection}/{part}"));
        let doubt = Doubt { connection: Some(connection.clone()), skus: skus.to_vec() };
        Ok(Message::json(&doubt)?.in_group(format!("{connection}/stock"), id))
    };
    skus.chunks(SKUS_AT_ONCE).enumerate().map(message).collect()
}
