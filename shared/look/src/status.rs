//! How each connection is, and what is wrong with it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::get_queue_attributes::GetQueueAttributesError;
use aws_sdk_sqs::types::QueueAttributeName;
use edin_domain::connection::Mode;
use edin_domain::{ChannelName, Connection, ConnectionId, Timestamp};
use edin_store::catalogue::Connections;
use edin_store::reading::{ReadingState, Trouble};
use edin_store::status::{Refused, Status};
use edin_store::{Store, StoreError};
use serde::Serialize;

/// How one connection is.
#[derive(Debug, Serialize)]
pub struct Health {
    /// Which.
    pub connection: ConnectionId,
    /// Whose it is; none if the connection itself can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// How far it may go; none if the connection itself can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// When its orders were read to the end last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// When the last order was placed that reading found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sale_at: Option<Timestamp>,
    /// What is wrong with the connection itself, if this version can't read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// Why its orders can't be read, if so, and which of them can't.
    pub reading: ReadingState,
    /// Until when its channel lets nothing pass, if it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shut_until: Option<Timestamp>,
    /// What the last reconciliation found; none if there was none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Status>,
}

/// A connection, and what is wrong with it in words.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// How it is.
    #[serde(flatten)]
    pub health: Health,
    /// What is wrong, a line each; nothing if it is well.
    pub problems: Vec<String>,
}

impl Diagnosis {
    /// Says what is wrong with it by `now`.
    #[must_use]
    pub fn of(health: Health, now: Timestamp) -> Self {
        Self { problems: problems(&health, now), health }
    }
}

/// What reading orders leaves in the table, by the names that it has there.
#[derive(Debug, Clone, Copy)]
pub struct Topics<'a> {
    /// How far a connection's orders were read.
    pub progress: &'a str,
    /// The readings, each with a state of its own.
    pub readings: &'a [&'static str],
}

/// How each connection is; first those that can't be read.
///
/// # Errors
/// If the table can't be read.
pub async fn healths(store: &Store, topics: Topics<'_>, now: Timestamp) -> Result<Vec<Health>, StoreError> {
    let Connections { known, unreadable } = store.all_connections().await?;
    let mut found = store.statuses(known.keys().cloned()).await?;
    let mut healths: Vec<_> = unreadable.into_iter().map(unread_connection).collect();
    for Connection { id, account, mode, .. } in known.into_values() {
        let progress = store.progress(&id, topics.progress).await?;
        let readings = topics.readings.iter().map(|feed| (id.clone(), *feed));
        let states = store.reading_states(readings).await?.into_values();
        healths.push(Health {
            reading: states.reduce(ReadingState::joined).unwrap_or_default(),
            channel: Some(account.channel().clone()),
            mode: Some(mode),
            unreadable: None,
            read_at: progress.as_ref().map(|progress| progress.at),
            last_sale_at: progress.and_then(|progress| progress.last_sale_at),
            shut_until: store.shut_until(&id, now).await?,
            found: found.remove(&id),
            connection: id,
        });
    }
    Ok(healths)
}

fn unread_connection((connection, reason): (ConnectionId, String)) -> Health {
    let reading = ReadingState::default();
    Health {
        connection,
        channel: None,
        mode: None,
        unreadable: Some(reason),
        reading,
        read_at: None,
        last_sale_at: None,
        shut_until: None,
        found: None,
    }
}

/// What is wrong, one a line: a channel's words are long.
fn problems(Health { unreadable, reading, found, .. }: &Health, now: Timestamp) -> Vec<String> {
    let unreadable = unreadable.iter().map(|reason| format!("the connection can not be read: {reason}"));
    let of_reconciling = found.iter().flat_map(of_reconciling);
    unreadable.chain(unread(reading, now)).chain(of_reconciling).collect()
}

/// So many orders that can't be read are named below the table; all of them in JSON.
const NAMED: usize = 3;

fn unread(ReadingState { failing, left_out, more }: &ReadingState, now: Timestamp) -> Vec<String> {
    let failing = failing
        .as_ref()
        .map(|Trouble { since, reason }| format!("reading fails, for {}: {reason}", span(now.since(*since))));
    let named = left_out.iter().take(NAMED).map(|(order, Trouble { reason, .. })| match order.as_str() {
        "" => format!("an order without a number can not be read: {reason}"),
        order => format!("order {order} can not be read: {reason}"),
    });
    let rest = u64::try_from(left_out.len().saturating_sub(NAMED)).unwrap_or(u64::MAX).saturating_add(*more);
    let rest = (rest > 0).then(|| format!("{rest} more orders can not be read"));
    failing.into_iter().chain(named).chain(rest).collect()
}

fn of_reconciling(found: &Status) -> Vec<String> {
    let refused =
        found.refused.iter().map(|Refused { sku, code, message }| format!("{sku} is refused: {code} {message}"));
    let drift = (found.drift_units > 0).then(|| format!("{} units of drift", found.drift_units));
    found.key_problems.iter().chain(&found.problem).cloned().chain(drift).chain(refused).collect()
}

/// A time in its largest whole unit, such as `3 min`.
#[must_use]
pub fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Why dead letters can't be counted.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotCounted(#[from] Box<SdkError<GetQueueAttributesError>>);

/// How many messages were given up, by the name that is given with each dead-letter queue's address; queues without any are
/// missing.
///
/// # Errors
/// If a queue can't be asked.
pub async fn dead_letters<'a>(
    sqs: &aws_sdk_sqs::Client,
    queues: impl IntoIterator<Item = (&'static str, &'a str)>,
) -> Result<BTreeMap<&'static str, u64>, NotCounted> {
    let mut found = BTreeMap::new();
    for (name, url) in queues {
        let request = sqs.get_queue_attributes().queue_url(url);
        let request = request.attribute_names(QueueAttributeName::ApproximateNumberOfMessages);
        let attributes = request.send().await.map_err(Box::new)?.attributes.unwrap_or_default();
        let letters = attributes.get(&QueueAttributeName::ApproximateNumberOfMessages);
        let count = letters.and_then(|count| count.parse().ok()).filter(|count| *count > 0);
        found.extend(count.map(|count| (name, count)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_that_can_not_be_read_are_problems_and_so_is_why_none_can() {
        let trouble = |reason: &str| Trouble { since: Timestamp::from_millis(0), reason: reason.to_owned() };
        let left_out = ["", "1", "2", "3", "4"].map(|order| (order.to_owned(), trouble("at code: no")));
        let state = ReadingState { failing: Some(trouble("401: no such key")), left_out: left_out.into(), more: 7 };
        assert_eq!(
            unread(&state, Timestamp::from_millis(300_000)),
            [
                "reading fails, for 5 min: 401: no such key",
                "an order without a number can not be read: at code: no",
                "order 1 can not be read: at code: no",
                "order 2 can not be read: at code: no",
                "9 more orders can not be read",
            ]
        );
        assert_eq!(unread(&ReadingState::default(), Timestamp::from_millis(0)), Vec::<String>::new());
    }
}
