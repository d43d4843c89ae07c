//! How a connection is: what waits, since when, what its channel refuses.

use std::time::Duration;

use edin_channels::facts::Facts;
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
/// So many listings are remembered that wait.
const REMEMBERED: usize = 100;
/// What waits at a channel that pulls.
const PRICE_LIST: &str = "price list";
/// A price list that wasn't pulled for so many times its interval is overdue.
const MISSED_PULLS: u32 = 3;
const DAY: i64 = 24 * 3_600 * 1_000;

impl Reconcile {
    /// What the table says of it.
    pub(crate) async fn standing(
        &self,
        connection: &Connection,
        facts: &Facts,
        listed: &[Listed],
    ) -> Result<Status, StoreError> {
        let before = self.store.statuses([connection.id.clone()]).await?.remove(&connection.id);
        let status = Status {
            at: self.clock.now(),
            listings: count(listed.len()),
            drift_units: before.as_ref().map_or(0, |before| before.drift_units),
            key_expires_at: before.as_ref().and_then(|before| before.key_expires_at),
            key_problems: before.as_ref().map_or_else(Vec::new, |before| before.key_problems.clone()),
            problem: before.as_ref().and_then(|before| before.problem.clone()),
            ..Status::default()
        };
        if facts.stock.is_told() {
            return Ok(of_pushed(listed, before, status));
        }
        let last = self.store.last_pull(&connection.id).await?.map(|pull| pull.at);
        if connection.is_silent() {
            return Ok(Status { acknowledged_at: last, ..status });
        }
        Ok(of_pulled(last, facts.reach * MISSED_PULLS, before, status))
    }

    /// Figures for the alarms. What couldn't be compared has no drift, not none.
    pub(crate) fn tell(&self, connection: &Connection, status: &Status) {
        let seconds = |since: Timestamp| i64::try_from(status.at.since(since).as_secs()).unwrap_or(i64::MAX);
        let figures = [
            (Metric::UnacknowledgedSeconds, Some(status.due_since.map_or(0, seconds))),
            (Metric::DriftUnits, i64::try_from(status.drift_units).ok().filter(|_| status.problem.is_none())),
            (
                Metric::CredentialDaysLeft,
                status.key_expires_at.map(|at| at.millis().saturating_sub(status.at.millis()) / DAY),
            ),
        ];
        for (metric, figure) in figures {
            self.metrics.tell(metric, Some(&connection.id), figure.as_slice(), status.at);
        }
    }
}

fn of_pushed(listed: &[Listed], before: Option<Status>, status: Status) -> Status {
    let before = before.unwrap_or_else(|| Status { at: status.at, ..Status::default() });
    let is_due = |one: &&Listed| matches!(one.due.decision, Decision::Push | Decision::Wait(_));
    let waiting = || listed.iter().filter(is_due).filter(|one| one.shown.rejected.is_none());
    let waits = waiting().map(|one| {
        let name = format!("{} at {}", one.listing.key.sku, one.listing.key.warehouse);
        let told_at = one.shown.acknowledged.map(|told| told.at);
        let known = before.waiting.get(&name).copied();
        let since = match one.due.moved_by_demand(&one.shown) {
            // It is told by this very reconciliation, and waits only if it did so last time and wasn't told.
            true => known.filter(|since| told_at.is_some_and(|at| at < *since)).unwrap_or(status.at),
            false => known.unwrap_or_else(|| one.due.changed_at.unwrap_or(before.at).max(before.at)),
        };
        (since, name)
    });
    let mut waits: Vec<_> = waits.collect();
    waits.sort_unstable();
    let acknowledged = listed.iter().filter_map(|one| one.shown.acknowledged);
    let refused = listed.iter().filter_map(|one| {
        let rejection = one.shown.rejected.as_ref()?;
        let (code, message) = (rejection.code.clone(), rejection.message.clone());
        Some(Refused { sku: one.listing.key.sku.clone(), code, message })
    });
    Status {
        due: count(waits.len()),
        due_since: waits.first().map(|(since, _)| *since),
        waiting: waits.into_iter().take(REMEMBERED).map(|(since, name)| (name, since)).collect(),
        next_try: waiting().filter_map(|one| one.shown.not_before).filter(|at| *at > status.at).min(),
        acknowledged_at: acknowledged.map(|told| told.at).max(),
        lag_ms: median(listed.iter().filter_map(|one| lag(one, status.at)).collect()),
        refused: refused.take(NAMED).collect(),
        ..status
    }
}

/// A list that was never pulled waits from the first look on.
fn of_pulled(last: Option<Timestamp>, patience: Duration, before: Option<Status>, status: Status) -> Status {
    let before = before.unwrap_or_default();
    let last = last.or(before.acknowledged_at);
    let asked = last.or_else(|| before.waiting.get(PRICE_LIST).copied()).unwrap_or(status.at);
    let waiting = last.is_none().then(|| (PRICE_LIST.to_owned(), asked));
    Status {
        acknowledged_at: last,
        due_since: Some(asked.plus(patience)).filter(|overdue| *overdue < status.at),
        waiting: waiting.into_iter().collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn at(hour: u32) -> Timestamp {
        Timestamp::from_millis(0).plus(HOUR * hour)
    }

    #[test]
    fn a_price_list_is_overdue_when_its_pulls_cease_or_never_begin() {
        let look = |last, before, hour| of_pulled(last, HOUR * 3, before, Status { at: at(hour), ..Status::default() });
        let first = look(None, None, 10);
        assert_eq!((first.due_since, first.acknowledged_at), (None, None));
        assert_eq!(look(None, Some(first.clone()), 13).due_since, None);
        assert_eq!(look(None, Some(first), 14).due_since, Some(at(13)));
        let pulled = look(Some(at(14)), None, 15);
        assert_eq!(pulled.due_since, None);
        assert_eq!(look(None, Some(pulled), 800).due_since, Some(at(17)), "old pulls are forgotten, not their last");
    }
}
