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
    /// When they are to be looked at. A queue delays by whole seconds, so a message comes up to one early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
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
        let doubt = Doubt { connection: Some(connection.clone()), skus: skus.to_vec(), not_before: None };
        let body = serde_json::to_string(&doubt)?;
        let id = digest_of(&format!("{trigger}/{body}"));
        Ok(Message::text(body).in_group(format!("{connection}/stock"), id))
    };
    skus.chunks(SKUS_AT_ONCE).map(message).collect()
}

/// Waits are told apart by so many milliseconds. What is due within the same ones is looked at together, when the last of it is
/// due.
const SLOT: i64 = 250;

/// Messages for the deferred queue: SKUs that shall be looked at again, each with its cause and the time. Those that are due at
/// about the same time go into one message.
///
/// # Errors
/// If a message can't be written as JSON: a bug.
pub fn waits(
    connection: &ConnectionId,
    skus: impl IntoIterator<Item = (Sku, Cause, Timestamp)>,
    now: Timestamp,
) -> Result<Vec<Message>, serde_json::Error> {
    let mut by_slot: BTreeMap<Timestamp, BTreeMap<Sku, Cause>> = BTreeMap::new();
    for (sku, cause, until) in skus {
        by_slot.entry(slot(until.max(now))).or_default().insert(sku, cause);
    }
    let messages = by_slot.into_iter().flat_map(|(at, skus)| {
        let skus: Vec<_> = skus.into_iter().collect();
        skus.chunks(SKUS_AT_ONCE).map(|skus| (at, skus.to_vec())).collect::<Vec<_>>()
    });
    let message = |(at, skus): (Timestamp, Vec<(Sku, Cause)>)| {
        let doubt = Doubt { connection: Some(connection.clone()), skus, not_before: Some(at) };
        Ok(Message::json(&doubt)?.after(Duration::from_secs(at.since(now).as_secs())))
    };
    messages.map(message).collect()
}

/// The end of the slot that a time is in.
fn slot(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().saturating_add(SLOT - 1).div_euclid(SLOT).saturating_mul(SLOT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> ConnectionId {
        ConnectionId::new("ozon-main").unwrap()
    }

    fn sku(name: &str) -> (Sku, Cause) {
        (Sku::new(name).unwrap(), Cause::new("test").unwrap())
    }

    #[test]
    fn skus_that_are_due_at_about_the_same_time_go_into_one_message_that_comes_no_later() {
        let until = |name, at| (sku(name).0, sku(name).1, Timestamp::from_millis(at));
        let skus = [until("A", 2_900), until("B", 2_760), until("C", 2_001), until("D", 0)];
        let message = |seconds, at, names: &[&str]| {
            let skus = names.iter().map(|name| sku(name)).collect();
            let doubt = Doubt { connection: Some(connection()), skus, not_before: Some(Timestamp::from_millis(at)) };
            Message::json(&doubt).unwrap().after(Duration::from_secs(seconds))
        };
        let expected = [message(0, 1_000, &["D"]), message(1, 2_250, &["C"]), message(2, 3_000, &["A", "B"])];
        assert_eq!(waits(&connection(), skus, Timestamp::from_millis(901)).unwrap(), expected);
    }

    #[test]
    fn however_many_skus_wait_for_the_same_moment_each_message_fits_into_a_queue() {
        let until = Timestamp::from_millis(30_000);
        let long = |index: u32| sku(&format!("{index:0>64}"));
        let skus = (0..5_000).map(|index| (long(index).0, long(index).1, until));
        let messages = waits(&connection(), skus, Timestamp::from_millis(0)).unwrap();
        assert_eq!(messages.len(), 10);
    }
}
