//! `edin status`: how each connection is.

use std::time::Duration;

use comfy_table::{Table, presets};
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_platform::{Clock, SystemClock};
use edin_store::StoreError;
use edin_store::status::{Refused, Status};
use serde::Serialize;

use crate::command::say;
use crate::deployment::Deployment;

/// How one connection is.
#[derive(Debug, Serialize)]
struct Standing {
    connection: ConnectionId,
    channel: &'static str,
    /// When its orders were read to the end last.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sale_at: Option<Timestamp>,
    /// What the last reconciliation found; none if there was none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Status>,
}

const TITLES: [&str; 9] =
    ["connection", "orders read", "last sale", "acknowledged", "lag", "due", "next try", "key dies in", "problems"];

/// Prints how the connections are.
pub(crate) async fn show(deployment: &Deployment, json: bool) -> anyhow::Result<()> {
    let standings = standings(deployment).await?;
    if json {
        return standings.iter().try_for_each(|standing| say(&serde_json::to_string(standing)?));
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(TITLES);
    table.add_rows(standings.iter().map(|standing| row(standing, SystemClock.now())));
    say(&table.to_string())
}

async fn standings(deployment: &Deployment) -> Result<Vec<Standing>, StoreError> {
    let connections = deployment.store.connections().await?;
    let mut found = deployment.store.statuses(connections.keys().cloned()).await?;
    let mut standings = Vec::new();
    for Connection { id, account, .. } in connections.into_values() {
        let cursor = deployment.store.cursor(&id, poll::FEED).await?;
        standings.push(Standing {
            channel: account.channel().name(),
            read_at: cursor.map(|cursor| cursor.at),
            last_sale_at: cursor.and_then(|cursor| cursor.last_sale_at),
            found: found.remove(&id),
            connection: id,
        });
    }
    Ok(standings)
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
        ahead(found.and_then(|found| found.next_try)),
        ahead(found.and_then(|found| found.key_expires_at)),
        found.map_or_else(|| "not reconciled yet".to_owned(), problems),
    ]
}

fn due(found: &Status, now: Timestamp) -> String {
    let since = found.due_since.map_or_else(String::new, |since| format!(", for {}", span(now.since(since))));
    format!("{} of {}{since}", found.due, found.listings)
}

fn problems(found: &Status) -> String {
    let refused =
        found.refused.iter().map(|Refused { sku, code, message }| format!("{sku} is refused: {code} {message}"));
    let drift = (found.drift_units > 0).then(|| format!("{} units of drift", found.drift_units));
    found.problem.iter().cloned().chain(drift).chain(refused).collect::<Vec<_>>().join("; ")
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
