//! How a connection is: what waits, since when, what its channel refuses.

use std::time::Duration;

use edin_channels::reach;
use edin_domain::shown::Decision;
use edin_domain::{Connection, Timestamp};
use edin_platform::Metric;
use edin_store::StoreError;
use edin_store::status::{Refused, Status};

use crate::Reconcile;
use crate::compare::Listed;

/// Lags older than this say nothing about how it is now.
const LATELY: Duration = Duration::from_secs(3_600);
/// So many refusals are named.
const NAMED: usize = 10;
/// A price list that wasn't pulled for so many times its interval is overdue.
const MISSED_PULLS: u32 = 3;
const DAY: i64 = 24 * 3_600 * 1_000;

impl Reconcile {
    /// What the table says of it.
    pub(crate) async fn standing(&self, connection: &Connection, listed: &[Listed]) -> Result<Status, StoreError> {
        let now = self.clock.now();
        let status = Status { at: now, listings: count(listed.len()), ..Status::default() };
        if connection.channel().is_pushed_to() {
            let before = self.store.statuses([connection.id.clone()]).await?.remove(&connection.id);
            return Ok(of_pushed(listed, before, status));
        }
        let pulls = self.store.pulls(&connection.id).await?;
        let last = pulls.into_iter().rfind(|pull| pull.status < 400).map(|pull| pull.at);
        let overdue = last.map(|at| at.plus(reach(connection.channel()) * MISSED_PULLS)).filter(|at| *at < now);
        Ok(Status { acknowledged_at: last, due_since: overdue, ..status })
    }

    /// Figures for the alarms.
    pub(crate) fn tell(&self, connection: &Connection, status: &Status) {
        let seconds = |since: Timestamp| i64::try_from(status.at.since(since).as_secs()).unwrap_or(i64::MAX);
        let figures = [
            (Metric::UnacknowledgedSeconds, Some(status.due_since.map_or(0, seconds))),
            (Metric::DriftUnits, i64::try_from(status.drift_units).ok()),
            (Metric::CredentialDaysLeft, status.key_expires_at.map(|at| (at.millis() - status.at.millis()) / DAY)),
        ];
        for (metric, figure) in figures {
            self.metrics.tell(metric, Some(&connection.id), figure.as_slice(), status.at);
        }
    }
}

fn of_pushed(listed: &[Listed], before: Option<Status>, status: Status) -> Status {
    let waiting = || listed.iter().filter(|one| one.due.decision != Decision::UpToDate && one.shown.rejected.is_none());
    let changed_at = waiting().filter_map(|one| one.due.changed_at).min();
    let acknowledged = listed.iter().filter_map(|one| one.shown.acknowledged);
    let refused = listed.iter().filter_map(|one| {
        let rejection = one.shown.rejected.as_ref()?;
        let (code, message) = (rejection.code.clone(), rejection.message.clone());
        Some(Refused { sku: one.listing.key.sku.clone(), code, message })
    });
    Status {
        due: count(waiting().count()),
        due_since: changed_at.map(|at| at.max(before.map_or(at, |before| before.due_since.unwrap_or(before.at)))),
        next_try: waiting().filter_map(|one| one.shown.not_before).filter(|at| *at > status.at).min(),
        acknowledged_at: acknowledged.map(|told| told.at).max(),
        lag_ms: median(listed.iter().filter_map(|one| lag(one, status.at)).collect()),
        refused: refused.take(NAMED).collect(),
        ..status
    }
}

/// From the change of a listing's stock until its channel took the number, in ms.
fn lag(one: &Listed, now: Timestamp) -> Option<u64> {
    let told = one.shown.acknowledged.filter(|told| told.version == one.due.version)?;
    let changed_at = one.due.changed_at.filter(|at| *at >= now.minus(LATELY))?;
    u64::try_from(told.at.since(changed_at).as_millis()).ok()
}

fn median(mut lags: Vec<u64>) -> Option<u64> {
    lags.sort_unstable();
    lags.get(lags.len() / 2).copied()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
