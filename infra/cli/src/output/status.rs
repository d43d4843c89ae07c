//! How the connections are, as a table with what is wrong below it.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use edin_domain::Timestamp;
use edin_look::status::{Diagnosis, Health, span};
use edin_store::status::Status;

const TITLES: [&str; 10] = [
    "connection",
    "mode",
    "orders read",
    "last sale",
    "acknowledged",
    "lag",
    "due",
    "next try",
    "key dies in",
    "looked at",
];

/// The table, what is wrong with each connection, and how many dead letters there are of which queue.
pub(crate) fn lines(diagnoses: &[Diagnosis], letters: &BTreeMap<&'static str, u64>, now: Timestamp) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(TITLES);
    table.add_rows(diagnoses.iter().map(|diagnosis| row(&diagnosis.health, now)));
    let problems = diagnoses.iter().flat_map(|Diagnosis { health, problems }| {
        problems.iter().map(move |problem| format!("{}: {problem}", health.connection))
    });
    let letters = letters
        .iter()
        .map(|(queue, count)| format!("{count} dead letters of {queue}; see the runbook, and edin redrive"));
    std::iter::once(table.to_string()).chain(problems).chain(letters).collect()
}

fn row(health: &Health, now: Timestamp) -> [String; 10] {
    let ago =
        |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| format!("{} ago", span(now.since(at))));
    let ahead = |at: Option<Timestamp>| at.map_or_else(String::new, |at| span(at.since(now)));
    let found = health.found.as_ref();
    [
        health.connection.to_string(),
        health.mode.map_or_else(String::new, |mode| mode.to_string()),
        ago(health.read_at),
        ago(health.last_sale_at),
        ago(found.and_then(|found| found.acknowledged_at)),
        found.and_then(|found| found.lag_ms).map_or_else(String::new, |lag| format!("{lag} ms")),
        found.map_or_else(String::new, |found| due(found, now)),
        ahead(found.and_then(|found| found.next_try).max(health.shut_until)),
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
