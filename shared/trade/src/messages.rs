//! What the functions say to each other in queues.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::{Cause, ConnectionId, OrderId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use edin_platform::{Message, digest_of};

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
    /// What was noted of them up to this time proved wrong: it is dropped first. Only who writes to the channel may do that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disproved: Option<Timestamp>,
}

/// In the poll queue: what is to be read of a connection's orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToRead {
    /// Of which connection.
    pub connection: ConnectionId,
    /// What.
    pub read: Read,
    /// Later than this it isn't worth it: the next message of the same schedule is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// The newest orders.
    Newest,
    /// Every order that changed, and what came back.
    Changes,
    /// What is left of a reading of these that is under way.
    Rest,
    /// These orders, of which the channel hinted that something is new.
    Hinted(Hinted),
}

/// Orders of which a channel said no more than that something is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hinted {
    /// Which.
    pub orders: Vec<OrderId>,
    /// When it said so, if a list of the newest orders that is asked for later tells the same; none if no list does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_after: Option<Timestamp>,
}

/// In the reconcile queue: which connection is to be held against what its channel shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToReconcile {
    /// Which.
    pub connection: ConnectionId,
}

/// So many SKUs go into one message: it is worked on within a function's time.
const SKUS_AT_ONCE: usize = 500;
/// And so many bytes of their names, which leaves room for what JSON adds: a queue takes 256 KiB.
const BYTES_AT_ONCE: usize = 100_000;

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
    pushes_of(connection, skus, trigger, None)
}

/// The same, for SKUs of which everything that was noted up to `disproved` is wrong.
///
/// # Errors
/// If a message can't be written as JSON: a bug.
pub fn disproofs(
    connection: &ConnectionId,
    skus: &[(Sku, Cause)],
    trigger: &str,
    disproved: Timestamp,
) -> Result<Vec<Message>, serde_json::Error> {
    pushes_of(connection, skus, trigger, Some(disproved))
}

fn pushes_of(
    connection: &ConnectionId,
    skus: &[(Sku, Cause)],
    trigger: &str,
    disproved: Option<Timestamp>,
) -> Result<Vec<Message>, serde_json::Error> {
    let message = |skus: Vec<(Sku, Cause)>| {
        let doubt = Doubt { connection: Some(connection.clone()), skus, not_before: None, disproved };
        let body = serde_json::to_string(&doubt)?;
        let id = digest_of(&format!("{trigger}/{body}"));
        Ok(Message::text(body).in_group(format!("{connection}/stock"), id))
    };
    parcels(skus.iter().cloned()).into_iter().map(message).collect()
}

/// What a message of the push queue is sent on as at `now`, after it was given up. A delivery of it may have told the channel a
/// number and ended before that was noted; the queue counts its deliveries anew, so the message itself says that nothing
/// noted until now is to be believed. One that can't be read stays as it is.
#[must_use]
pub fn sent_on(body: &str, now: Timestamp) -> String {
    let doubted = serde_json::from_str(body).map(|doubt| Doubt { disproved: Some(now), ..doubt });
    doubted.and_then(|doubt| serde_json::to_string(&doubt)).unwrap_or_else(|_| body.to_owned())
}

/// Cuts SKUs into what fits into one message each.
fn parcels(skus: impl IntoIterator<Item = (Sku, Cause)>) -> Vec<Vec<(Sku, Cause)>> {
    let (mut parcels, mut bytes): (Vec<Vec<(Sku, Cause)>>, usize) = (Vec::new(), 0);
    for (sku, cause) in skus {
        let more = sku.as_str().len() + cause.as_str().len();
        match parcels.last_mut().filter(|last| last.len() < SKUS_AT_ONCE && bytes + more <= BYTES_AT_ONCE) {
            Some(last) => last.push((sku, cause)),
            None => {
                parcels.push(vec![(sku, cause)]);
                bytes = 0;
            }
        }
        bytes += more;
    }
    parcels
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
    let parcels = by_slot.into_iter().flat_map(|(at, skus)| parcels(skus).into_iter().map(move |skus| (at, skus)));
    let message = |(at, skus): (Timestamp, Vec<(Sku, Cause)>)| {
        let doubt = Doubt { connection: Some(connection.clone()), skus, not_before: Some(at), disproved: None };
        Ok(Message::json(&doubt)?.after(Duration::from_secs(at.since(now).as_secs())))
    };
    parcels.map(message).collect()
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
            let not_before = Some(Timestamp::from_millis(at));
            let doubt = Doubt { connection: Some(connection()), skus, not_before, disproved: None };
            Message::json(&doubt).unwrap().after(Duration::from_secs(seconds))
        };
        let expected = [message(0, 1_000, &["D"]), message(1, 2_250, &["C"]), message(2, 3_000, &["A", "B"])];
        assert_eq!(waits(&connection(), skus, Timestamp::from_millis(901)).unwrap(), expected);
    }

    #[test]
    fn a_push_that_is_sent_on_asks_for_the_same_and_believes_nothing() {
        let push = pushes(&connection(), &[sku("A")], "test").unwrap().remove(0);
        let sent_on: Doubt = serde_json::from_str(&sent_on(push.body(), Timestamp::from_millis(7))).unwrap();
        let connection = Some(connection());
        let disproved = Some(Timestamp::from_millis(7));
        assert_eq!(sent_on, Doubt { connection, skus: vec![sku("A")], not_before: None, disproved });
        assert_eq!(super::sent_on("rubbish", Timestamp::from_millis(7)), "rubbish");
    }

    #[test]
    fn what_a_channel_that_is_down_keeps_waiting_fits_into_messages_however_much_it_is() {
        let connection = ConnectionId::new("ozon-main").unwrap();
        let cause = Cause::new("ы".repeat(64)).unwrap();
        let sku = |number: u32| Sku::new(format!("{number:05}{}", "ы".repeat(59))).unwrap();
        let skus: Vec<_> = (0..5_000).map(|number| (sku(number), cause.clone())).collect();
        let until = Timestamp::from_millis(15_000);
        let waiting = skus.iter().map(|(sku, cause)| (sku.clone(), cause.clone(), until));
        let waiting = waits(&connection, waiting, Timestamp::from_millis(0)).unwrap();
        let due = pushes(&connection, &skus, "test").unwrap();
        for messages in [waiting, due] {
            let doubts = messages.iter().map(|message| serde_json::from_str::<Doubt>(message.body()).unwrap());
            assert_eq!(doubts.flat_map(|doubt| doubt.skus).collect::<Vec<_>>(), skus);
            assert!(messages.iter().all(|message| message.body().len() <= 256 * 1_024));
        }
    }
}
