//! SQS in memory: standard queues, which may deliver in any order, and FIFO queues by group.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use edin_domain::Timestamp;
use edin_platform::batch::RECEIVE_COUNT;
use edin_trade::messages::sent_on;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::lock;

/// The queues that functions read.
pub const QUEUES: [&str; 5] = ["inbox", "push.fifo", "deferred", "poll", "reconcile"];
/// How often a message is delivered before it goes to its dead-letter queue.
const DELIVERIES: u32 = 5;
/// How long a FIFO queue remembers what it was sent.
const REMEMBERED: Duration = Duration::from_secs(300);

/// A message in a queue.
#[derive(Debug, Clone)]
pub struct Kept {
    /// SQS's id.
    pub id: String,
    /// Its body.
    pub body: String,
    /// The group, in a FIFO queue.
    pub group: Option<String>,
    /// From when on it can be seen.
    pub visible_at: Timestamp,
    /// How many work on it: a message may be handed out twice at once. In a FIFO queue also 1 while one that failed holds up its
    /// group.
    pub hands: u32,
    /// How often it was delivered.
    pub deliveries: u32,
    /// How many of these a fault fell on.
    pub disturbed: u32,
}

#[derive(Debug, Default)]
struct Queue {
    /// By the order in which they came.
    messages: BTreeMap<u64, Kept>,
    /// When a deduplication id was last sent, in a FIFO queue.
    sent: BTreeMap<String, Timestamp>,
}

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<String, Queue>,
    next: u64,
}

/// All queues, by name.
#[derive(Clone, Default)]
pub struct Queues(Arc<Mutex<State>>);

/// One entry of a `SendMessageBatch`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: u64,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Entry>,
}

/// Where the queue `name` is.
#[must_use]
pub fn url(name: &str) -> String {
    format!("http://sqs.invalid/000000000000/{name}")
}

/// What a queue's dead-letter queue is called.
#[must_use]
pub fn dead(name: &str) -> String {
    match name.strip_suffix(".fifo") {
        Some(stem) => format!("{stem}-dead.fifo"),
        None => format!("{name}-dead"),
    }
}

impl Queues {
    /// Does what a request of the SDK asks for. `refused` says of each entry whether SQS refuses it, and `late` by how much
    /// later than asked it comes.
    #[must_use]
    pub fn act(
        &self,
        operation: &str,
        body: &[u8],
        now: Timestamp,
        mut refused: impl FnMut() -> bool,
        mut late: impl FnMut(&str) -> Duration,
    ) -> (u16, String) {
        let batch: Batch = match serde_json::from_slice(body) {
            Ok(batch) => batch,
            Err(error) => return (400, json!({"__type": "InvalidRequest", "message": error.to_string()}).to_string()),
        };
        if operation == "GetQueueAttributes" {
            return (200, json!({"Attributes": {}}).to_string());
        }
        let name = batch.queue_url.rsplit('/').next().unwrap_or_default().to_owned();
        let (mut done, mut failed): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        for entry in batch.entries {
            if refused() {
                failed.push(json!({"Id": entry.id, "Code": "InternalError", "SenderFault": false}));
                continue;
            }
            let id = entry.id.clone();
            let late = late(&name);
            let message = self.add(&name, entry, now, late);
            done.push(json!({"Id": id, "MessageId": message, "MD5OfMessageBody": ""}));
        }
        (200, json!({"Successful": done, "Failed": failed}).to_string())
    }

    fn add(&self, name: &str, entry: Entry, now: Timestamp, late: Duration) -> String {
        let mut state = lock(&self.0);
        state.next += 1;
        let number = state.next;
        let id = format!("m{number}");
        let queue = state.queues.entry(name.to_owned()).or_default();
        if let Some(key) = entry.message_deduplication_id {
            let known = queue.sent.get(&key).is_some_and(|at| now.since(*at) < REMEMBERED && *at <= now);
            if known {
                return id;
            }
            queue.sent.insert(key, now);
        }
        let visible_at = now.plus(Duration::from_secs(entry.delay_seconds)).plus(late);
        let kept = Kept {
            id: id.clone(),
            body: entry.message_body,
            group: entry.message_group_id,
            visible_at,
            hands: 0,
            deliveries: 0,
            disturbed: 0,
        };
        queue.messages.insert(number, kept);
        id
    }

    /// Puts a body into a queue as somebody with a shell would.
    pub fn put(&self, name: &str, body: &str, group: Option<&str>, now: Timestamp) {
        let entry = Entry {
            id: String::new(),
            message_body: body.to_owned(),
            delay_seconds: 0,
            message_group_id: group.map(str::to_owned),
            message_deduplication_id: None,
        };
        self.add(name, entry, now, Duration::ZERO);
    }

    /// Numbers of the messages of a standard queue that can be seen now, those given up moved aside.
    #[must_use]
    pub fn visible(&self, name: &str, now: Timestamp) -> Vec<u64> {
        let mut state = lock(&self.0);
        give_up(&mut state, name, now);
        let Some(queue) = state.queues.get(name) else { return Vec::new() };
        queue.messages.iter().filter(|(_, kept)| kept.visible_at <= now).map(|(number, _)| *number).collect()
    }

    /// Of each group of a FIFO queue none of whose messages is being worked on, the messages that can be seen now, in order.
    #[must_use]
    pub fn groups(&self, name: &str, now: Timestamp) -> Vec<Vec<u64>> {
        let mut state = lock(&self.0);
        give_up(&mut state, name, now);
        let Some(queue) = state.queues.get(name) else { return Vec::new() };
        let mut groups: BTreeMap<&Option<String>, (bool, Vec<u64>)> = BTreeMap::new();
        for (number, kept) in &queue.messages {
            let (is_shut, numbers) = groups.entry(&kept.group).or_default();
            *is_shut |= kept.visible_at > now;
            if !*is_shut {
                numbers.push(*number);
            }
        }
        // A message in hand shuts its whole group, even to those before it.
        let in_hand = |group: &&Option<String>| {
            queue.messages.values().any(|kept| kept.group == **group && kept.visible_at > now && kept.hands > 0)
        };
        let open = groups.into_iter().filter(|(group, _)| !in_hand(group));
        open.map(|(_, (_, numbers))| numbers).filter(|numbers| !numbers.is_empty()).collect()
    }

    /// Hands messages out: hidden for so long.
    #[must_use]
    pub fn take(&self, name: &str, numbers: &[u64], now: Timestamp, hidden: Duration) -> Vec<SqsMessage> {
        let mut state = lock(&self.0);
        let Some(queue) = state.queues.get_mut(name) else { return Vec::new() };
        let hand_out = |number: &u64| {
            let kept = queue.messages.get_mut(number)?;
            kept.deliveries += 1;
            kept.hands += 1;
            kept.visible_at = now.plus(hidden);
            Some(record(kept))
        };
        numbers.iter().filter_map(hand_out).collect()
    }

    /// A message is done.
    pub fn delete(&self, name: &str, number: u64) {
        if let Some(queue) = lock(&self.0).queues.get_mut(name) {
            queue.messages.remove(&number);
        }
    }

    /// A message stays, and comes again when it can be seen; `disturbed` if a fault fell on its delivery.
    pub fn keep(&self, name: &str, number: u64, disturbed: bool) {
        let mut state = lock(&self.0);
        if let Some(kept) = state.queues.get_mut(name).and_then(|queue| queue.messages.get_mut(&number)) {
            kept.disturbed += u32::from(disturbed);
            // In a FIFO queue it holds up its group until it is delivered again.
            kept.hands = if name.ends_with(".fifo") { 1 } else { kept.hands.saturating_sub(1) };
        }
    }

    /// All messages of a queue.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<Kept> {
        lock(&self.0).queues.get(name).map(|queue| queue.messages.values().cloned().collect()).unwrap_or_default()
    }

    /// When the next message of a queue can be seen.
    #[must_use]
    pub fn next_at(&self, name: &str) -> Option<Timestamp> {
        lock(&self.0).queues.get(name)?.messages.values().map(|kept| kept.visible_at).min()
    }

    /// Whatever failed and is to be delivered again comes now, and what was to come late soon.
    pub fn hurry(&self, now: Timestamp) {
        for queue in lock(&self.0).queues.values_mut() {
            for kept in queue.messages.values_mut().filter(|kept| kept.hands == 0) {
                let soon = if kept.deliveries > 0 { now } else { now.plus(Duration::from_secs(900)) };
                kept.visible_at = kept.visible_at.min(soon);
            }
        }
    }

    /// Sends what was given up back to where it came from, as `edin redrive` does. Returns how many there were.
    pub fn redrive(&self, name: &str, wanted: impl Fn(&Kept) -> bool, now: Timestamp) -> usize {
        let mut state = lock(&self.0);
        let Some(queue) = state.queues.get_mut(&dead(name)) else { return 0 };
        let numbers: Vec<u64> =
            queue.messages.iter().filter(|(_, kept)| wanted(kept)).map(|(number, _)| *number).collect();
        let again: Vec<(u64, Kept)> =
            numbers.iter().filter_map(|number| Some((*number, queue.messages.remove(number)?))).collect();
        let target = state.queues.entry(name.to_owned()).or_default();
        for (number, kept) in again {
            let body = if name == "push.fifo" { sent_on(&kept.body, now) } else { kept.body };
            target
                .messages
                .insert(number, Kept { body, visible_at: now, hands: 0, deliveries: 0, disturbed: 0, ..kept });
        }
        numbers.len()
    }
}

/// Moves aside what was delivered often enough, when it would be delivered once more.
fn give_up(state: &mut State, name: &str, now: Timestamp) {
    let Some(queue) = state.queues.get_mut(name) else { return };
    // One that was handed out twice at once may still be done by either.
    let is_settled = |kept: &Kept| kept.hands == 0 || name.ends_with(".fifo");
    let over = |kept: &Kept| kept.visible_at <= now && kept.deliveries >= DELIVERIES && is_settled(kept);
    let numbers: Vec<u64> = queue.messages.iter().filter(|(_, kept)| over(kept)).map(|(number, _)| *number).collect();
    let given_up: Vec<(u64, Kept)> =
        numbers.into_iter().filter_map(|number| Some((number, queue.messages.remove(&number)?))).collect();
    state.queues.entry(dead(name)).or_default().messages.extend(given_up);
}

fn record(kept: &Kept) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(kept.id.clone());
    message.body = Some(kept.body.clone());
    message.event_source = Some("aws:sqs".to_owned());
    message.attributes.insert(RECEIVE_COUNT.to_owned(), kept.deliveries.to_string());
    if let Some(group) = &kept.group {
        message.attributes.insert("MessageGroupId".to_owned(), group.clone());
    }
    message
}
