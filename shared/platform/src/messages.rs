//! What the functions say to each other in queues.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::{Cause, ConnectionId, Sku, Timestamp};
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
/// same event with the same SKUs again makes the same messages again, which the queue drops. If it names others, because some
/// could not be looked at before, they are other messages.
///
/// # Errors
/// If a message can't be written as JSON: a bug.
pub fn pushes(
    connection: &ConnectionId,
    skus: &[(Sku, Cause)],
    trigger: &str,
) -> Result<Vec<Message>, serde_json::Error> {
    let message = |skus: &[(Sku, Cause)]| {
        let doubt = Doubt { connection: Some(connection.clone()), skus: skus.to_vec() };
        let body = serde_json::to_string(&doubt)?;
        let id = digest_of(&format!("{trigger}/{body}"));
        Ok(Message::text(body).in_group(format!("{connection}/stock"), id))
    };
    skus.chunks(SKUS_AT_ONCE).map(message).collect()
}

/// Messages for the deferred queue: SKUs that shall be looked at again, each with its cause and the time. Those that wait
/// equally many seconds go into one message.
///
/// # Errors
/// If a message can't be written as JSON: a bug.
pub fn waits(
    connection: &ConnectionId,
    skus: impl IntoIterator<Item = (Sku, Cause, Timestamp)>,
    now: Timestamp,
) -> Result<Vec<Message>, serde_json::Error> {
    let mut by_second: BTreeMap<Duration, BTreeMap<Sku, Cause>> = BTreeMap::new();
    for (sku, cause, until) in skus {
        by_second.entry(whole_seconds(until.since(now))).or_default().insert(sku, cause);
    }
    let message = |(wait, skus): (Duration, BTreeMap<Sku, Cause>)| {
        let doubt = Doubt { connection: Some(connection.clone()), skus: skus.into_iter().collect() };
        Ok(Message::json(&doubt)?.after(wait))
    };
    by_second.into_iter().map(message).collect()
}

/// Rounded up, as SQS delays by whole seconds: nothing comes before its time.
fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skus_that_wait_equally_many_seconds_go_into_one_message() {
        let connection = ConnectionId::new("ozon-main").unwrap();
        let sku = |name: &str| (Sku::new(name).unwrap(), Cause::new("test").unwrap());
        let until = |name, at| (sku(name).0, sku(name).1, Timestamp::from_millis(at));
        let skus = [until("A", 2_900), until("B", 2_000), until("C", 1_901), until("D", 0)];
        let message = |seconds, names: &[&str]| {
            let skus = names.iter().map(|name| sku(name)).collect();
            let doubt = Doubt { connection: Some(connection.clone()), skus };
            Message::json(&doubt).unwrap().after(Duration::from_secs(seconds))
        };
        let expected = [message(0, &["D"]), message(1, &["C"]), message(2, &["A", "B"])];
        assert_eq!(waits(&connection, skus, Timestamp::from_millis(901)).unwrap(), expected);
    }
}
