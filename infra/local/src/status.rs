//! `edin status`: how each connection is.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use aws_sdk_sqs::types::QueueAttributeName;
use comfy_table::{Table, presets};
use edin_domain::{ChannelName, Connection, ConnectionId, Timestamp};
use edin_platform::{Clock, SystemClock};
use edin_store::StoreError;
use edin_store::catalogue::Connections;
use edin_store::reading::{ReadingState, Trouble};
use edin_store::status::{Refused, Status};
use poll::Feed;
use serde::Serialize;
use serde_json::json;

use crate::deployment::Deployment;
use crate::output::say;
use crate::settings::Status as Wanted;

/// How one connection is.
#[derive(Debug, Serialize)]
struct Standing {
    connection: ConnectionId,
    /// None if the connection itself can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<ChannelName>,
    /// When its orders were read to the end last.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sale_at: Option<Timestamp>,
    /// What is wrong with the connection itself, if this version can't read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    /// Why its orders can't be read, if so, and which of them can't.
    reading: ReadingState,
    /// Until when its channel lets nothing pass, if it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    shut_until: Option<Timestamp>,
    /// What the last reconciliation found; none if there was none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Status>,
}

const TITLES: [&str; 9] =
    ["connection", "orders read", "last sale", "acknowledged", "lag", "due", "next try", "key dies in", "looked at"];

/// A connection, and what is wrong with it in words.
#[derive(Debug, Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    standing: &'a Standing,
    problems: Vec<String>,
}

/// Prints how the connections are.
///
/// # Errors
/// If the deployment can't be asked; with `--check` also if anything is wrong.
pub(crate) async fn show(deployment: &Deployment, wanted: &Wanted) -> anyhow::Result<()> {
    let (standings, now) = (standings(deployment).await?, SystemClock.now());
    let told: Vec<Told> =
        standings.iter().map(|standing| Told { standing, problems: problems(standing, now) }).collect();
    let letters = dead_letters(deployment).await?;
    match wanted.json {
        true => in_json(&told, &letters)?,
        false => in_words(&told, &letters, now)?,
    }
    let wrong = told.iter().map(|told| told.problems.len()).sum::<usize>() + letters.len();
    ensure!(!wanted.check || wrong == 0, "something is wrong: {wrong} things, named above");
    Ok(())
}

/// One object a connection; one more of the dead letters, if there are any.
fn in_json(told: &[Told], letters: &BTreeMap<&'static str, u64>) -> anyhow::Result<()> {
    told.iter().try_for_each(|told| say(&serde_json::to_string(told)?))?;
    match letters.is_empty() {
        true => Ok(()),
        false => say(&json!({ "dead_letters": letters }).to_string()),
    }
}

fn in_words(told: &[Told], letters: &BTreeMap<&'static str, u64>, now: Timestamp) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(TITLES);
    table.add_rows(told.iter().map(|told| row(told.standing, now)));
    say(&table.to_string())?;
    for Told { standing, problems } in told {
        problems.iter().try_for_each(|problem| say(&format!("{}: {problem}", standing.connection)))?;
    }
    let letters = letters.iter();
    letters
        .map(|(queue, count)| format!("{count} dead letters of {queue}; see the runbook, and edin redrive"))
        .try_for_each(|line| say(&line))
}

/// The dead-letter queues, by the name that `edin redrive` has for each.
const DEAD: [(&str, &str); 6] = [
    ("inbox", "inbox-dead"),
    ("push", "push-dead.fifo"),
    ("deferred", "deferred-dead"),
    ("poll", "poll-dead"),
    ("reconcile", "reconcile-dead"),
    ("stream", "stream-dead"),
];

/// Messages that were given up, by the name that `edin redrive` has for their queue.
async fn dead_letters(deployment: &Deployment) -> anyhow::Result<BTreeMap<&'static str, u64>> {
    let mut found = BTreeMap::new();
    for (name, queue) in DEAD {
        let request = deployment.sqs.get_queue_attributes().queue_url(deployment.queue_url(queue)?);
        let answer = request.attribute_names(QueueAttributeName::ApproximateNumberOfMessages).send().await?;
        let attributes = answer.attributes.unwrap_or_default();
        let letters = attributes.get(&QueueAttributeName::ApproximateNumberOfMessages);
        found
            .extend(letters.and_then(|count| count.parse().ok()).filter(|count| *count > 0).map(|count| (name, count)));
    }
    Ok(found)
}

async fn standings(deployment: &Deployment) -> Result<Vec<Standing>, StoreError> {
    let Connections { known, unreadable } = deployment.store.all_connections().await?;
    let mut found = deployment.store.statuses(known.keys().cloned()).await?;
    let mut standings: Vec<_> = unreadable.into_iter().map(unread_connection).collect();
    for Connection { id, account, .. } in known.into_values() {
        let cursor = deployment.store.cursor(&id, Feed::Changes.cursor()).await?;
        let feeds = Feed::ALL.map(|feed| (id.clone(), feed.name()));
        let states = deployment.store.reading_states(feeds).await?.into_values();
        standings.push(Standing {
            reading: states.reduce(ReadingState::joined).unwrap_or_default(),
            channel: Some(account.channel().clone()),
            unreadable: None,
            read_at: cursor.as_ref().map(|cursor| cursor.at),
            last_sale_at: cursor.and_then(|cursor| cursor.last_sale_at),
            shut_until: deployment.store.shut_until(&id, SystemClock.now()).await?,
            found: found.remove(&id),
            connection: id,
        });
    }
    Ok(standings)
}

fn unread_connection((connection, reason): (ConnectionId, String)) -> Standing {
    let reading = ReadingState::default();
    Standing {
        connection,
        channel: None,
        unreadable: Some(reason),
        reading,
        read_at: None,
        last_sale_at: None,
        shut_until: None,
        found: None,
    }
}

fn row(standing: &Standing, now: Timestamp) -> [String; 9] {
    let ago =
        |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| format!("{} ago", span(now.since(at))));
    let ahead = |at: Option<Timestamp>| at.map_or_else(String::new, |at| span(at.since(now)));
    let found = standing.found.as_ref();
    [
        standing.connection.to_string(),
        ago(standing.read_at),
        ago(standing.last_sale_at),
        ago(found.and_then(|found| found.acknowledged_at)),
        found.and_then(|found| found.lag_ms).map_or_else(String::new, |lag| format!("{lag} ms")),
        found.map_or_else(String::new, |found| due(found, now)),
        ahead(found.and_then(|found| found.next_try).max(standing.shut_until)),
        found.and_then(|found| found.key_expires_at).map_or_else(String::new, |at| dies(at, now)),
        found.map_or_else(|| "never".to_owned(), |found| ago(Some(found.at))),
    ]
}

fn due(found: &Status, now: Timestamp) -> String {
    let since = found.due_since.map_or_else(String::new, |since| format!(", for {}", span(now.since(since))));
    format!("{} of {}{since}", found.due, found.listings)
}

fn dies(at: Timestamp, now: Timestamp) -> String {
    if at <= now { format!("expired {} ago", span(now.since(at))) } else { span(at.since(now)) }
}

/// What is wrong, one a line: a channel's words are long.
fn problems(Standing { unreadable, reading, found, .. }: &Standing, now: Timestamp) -> Vec<String> {
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

/// The largest whole unit of a time.
fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
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
