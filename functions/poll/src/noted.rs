//! Why a reading failed, and what it couldn't make sense of: noted where a person finds it, and told once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edin_channels::client::ChannelError;
use edin_channels::told::{LeftOut, Orders, Page};
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_platform::Metric;
use edin_store::StoreError;
use edin_store::reading::{NAMED, ReadingState, Trouble};
use edin_trade::channels::ConnectionError;

use crate::{Poll, Topic};

/// An order that couldn't be read, and isn't listed any more, is named for so long.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// So many bytes of reasons are joined of one order, whose lines may all be spoilt.
const ENOUGH: usize = 1_000;

/// How each reading of the newest orders went last: as long as it stays so, nothing is looked up and nothing noted.
#[derive(Debug, Default)]
pub struct Noted(Mutex<HashMap<ConnectionId, Outcome>>);

/// How a reading went.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    failing: Option<String>,
    left_out: BTreeMap<String, String>,
}

impl Outcome {
    fn of(read: Result<&Orders, &ConnectionError>) -> Self {
        let failing = read.err().map(ToString::to_string);
        let mut left_out = BTreeMap::<String, String>::new();
        for LeftOut { order, reason } in read.iter().flat_map(|orders| &orders.left_out) {
            let known = left_out.entry(order.clone()).or_default();
            match known.as_str() {
                "" => known.clone_from(reason),
                reasons if reasons.len() > ENOUGH || reasons.contains(reason.as_str()) => {}
                _ => known.extend(["; ", reason]),
            }
        }
        Self { failing, left_out }
    }
}

impl Noted {
    fn is(&self, connection: &ConnectionId, outcome: &Outcome) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(connection) == Some(outcome)
    }

    fn remember(&self, connection: &ConnectionId, outcome: Outcome) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), outcome);
    }
}

/// How the readings of a connection stood when a turn looked for the first time, and what it has noted since: of many pages each
/// needn't look again.
#[derive(Debug, Default)]
pub(crate) struct Before(Option<BTreeMap<(ConnectionId, &'static str), ReadingState>>);

impl Poll {
    /// Notes how a reading went, or a page of it. What can't be noted is noted the next time.
    pub(crate) async fn note_or_warn(
        &self,
        connection: &Connection,
        topic: Topic,
        read: Result<&Page, &ConnectionError>,
        before: &mut Before,
    ) {
        if let Err(error) = self.note(connection, topic, read, before).await {
            tracing::warn!(connection = %connection.id, %error, "how the reading went could not be noted");
        }
    }

    async fn note(
        &self,
        connection: &Connection,
        topic: Topic,
        read: Result<&Page, &ConnectionError>,
        Before(known): &mut Before,
    ) -> Result<(), StoreError> {
        let is_at_its_end = read.is_ok_and(|page| page.next.is_none());
        let read = read.map(|page| &page.orders);
        let outcome = Outcome::of(read);
        if topic == Topic::Newest && self.noted.is(&connection.id, &outcome) {
            return Ok(());
        }
        let key = |topic: Topic| (connection.id.clone(), topic.name());
        let mut states = match known.take() {
            Some(states) => states,
            None => self.store.reading_states(Topic::ALL.map(key)).await?,
        };
        let before = states.remove(&key(topic)).unwrap_or_default();
        let others = states.values().cloned().reduce(ReadingState::joined).unwrap_or_default();
        let now = self.clock.now();
        let after = after(topic, &before, read, &outcome, now);
        tell(&connection.id, &after, &before.clone().joined(others.clone()));
        if after != before {
            self.store.put_reading_state(&connection.id, topic.name(), &after).await?;
        }
        states.insert(key(topic), after.clone());
        *known = Some(states);
        match topic {
            Topic::Newest => self.noted.remember(&connection.id, outcome),
            // Told once, when the last topic of a reading was read.
            Topic::Changes => {}
            Topic::Returns if !is_at_its_end => {}
            Topic::Returns => self.tell_unreadable(&connection.id, &after.joined(others), now),
        }
        Ok(())
    }

    fn tell_unreadable(&self, connection: &ConnectionId, state: &ReadingState, now: Timestamp) {
        let named = u64::try_from(state.left_out.len()).unwrap_or(u64::MAX);
        let count = i64::try_from(named.saturating_add(state.more)).unwrap_or(i64::MAX);
        self.metrics.tell(Metric::UnreadableOrders, Some(connection), &[count], now);
    }
}

/// How a reading stands after it went so. One that failed knows no more of orders than before.
fn after(
    topic: Topic,
    before: &ReadingState,
    read: Result<&Orders, &ConnectionError>,
    outcome: &Outcome,
    now: Timestamp,
) -> ReadingState {
    match read {
        Err(error) => ReadingState { failing: Some(failing(before, error, now)), ..before.clone() },
        Ok(orders) => {
            let lasting = match topic {
                Topic::Newest => BTreeMap::new(),
                Topic::Changes | Topic::Returns => lasting(before, orders, now),
            };
            left_out(before, outcome, lasting, now)
        }
    }
}

/// What a limit holds up says less than what used the limit up.
fn failing(before: &ReadingState, error: &ConnectionError, now: Timestamp) -> Trouble {
    match (&before.failing, error) {
        (Some(known), ConnectionError::Channel(ChannelError::Held { .. })) => known.clone(),
        (known, error) => Trouble { since: known.as_ref().map_or(now, |known| known.since), reason: error.to_string() },
    }
}

/// Orders that couldn't be read before, and haven't been since: a channel lists an order that has ended only once.
fn lasting(before: &ReadingState, orders: &Orders, now: Timestamp) -> BTreeMap<String, Trouble> {
    let told: BTreeSet<&str> = orders.told.iter().flat_map(|told| &told.orders).map(|(id, _)| id.as_str()).collect();
    let is_lasting = |order: &str, trouble: &Trouble| !told.contains(order) && now.since(trouble.since) < KEPT;
    let known = before.left_out.iter().filter(|(order, trouble)| is_lasting(order, trouble));
    known.map(|(order, trouble)| (order.clone(), trouble.clone())).collect()
}

fn left_out(
    before: &ReadingState,
    outcome: &Outcome,
    mut all: BTreeMap<String, Trouble>,
    now: Timestamp,
) -> ReadingState {
    for (order, reason) in &outcome.left_out {
        let since = before.left_out.get(order).map_or(now, |known| known.since);
        all.insert(order.clone(), Trouble { since, reason: reason.clone() });
    }
    let more = u64::try_from(all.len().saturating_sub(NAMED)).unwrap_or(u64::MAX);
    ReadingState { failing: None, left_out: all.into_iter().take(NAMED).collect(), more }
}

/// Calls somebody for what wasn't known.
fn tell(connection: &ConnectionId, after: &ReadingState, known: &ReadingState) {
    for (order, Trouble { reason, .. }) in &after.left_out {
        if known.left_out.get(order).is_none_or(|known| known.reason != *reason) {
            tracing::error!(%connection, order, reason, "an order, or a part of it, can not be read: it reserves nothing; see the runbook");
        }
    }
}

#[cfg(test)]
mod tests {
    use edin_channels::told::Told;
    use edin_domain::OrderId;
    use edin_domain::order::OrderState;

    use super::*;

    const AT: fn(i64) -> Timestamp = |day| Timestamp::from_millis(day * 24 * 3_600_000);

    fn read(told: &[&str], left_out: &[(&str, &str)]) -> Orders {
        let told = told.iter().map(|id| Told::of(OrderId::new(*id).unwrap(), OrderState::default()));
        let left_out = left_out.iter().map(|(order, reason)| LeftOut::of(*order, reason));
        Orders { told: told.collect(), left_out: left_out.collect() }
    }

    fn next(topic: Topic, before: &ReadingState, orders: &Orders, day: i64) -> ReadingState {
        after(topic, before, Ok(orders), &Outcome::of(Ok(orders)), AT(day))
    }

    fn names(state: &ReadingState) -> Vec<&str> {
        state.left_out.keys().map(String::as_str).collect()
    }

    #[test]
    fn an_order_is_named_until_it_can_be_read_or_for_a_month_after_it_was_listed_last() {
        let first = next(Topic::Changes, &ReadingState::default(), &read(&["1"], &[("2", "a"), ("3", "b")]), 0);
        assert_eq!(names(&first), ["2", "3"]);
        let second = next(Topic::Changes, &first, &read(&["2"], &[("4", "c")]), 1);
        assert_eq!(names(&second), ["3", "4"]);
        assert_eq!(second.left_out["3"], Trouble { since: AT(0), reason: "b".to_owned() });
        assert_eq!(names(&next(Topic::Changes, &second, &read(&[], &[]), 30)), ["4"]);
    }

    #[test]
    fn the_newest_orders_name_what_is_new_and_leave_the_rest_to_the_changes() {
        let first = next(Topic::Newest, &ReadingState::default(), &read(&[], &[("2", "a")]), 0);
        assert_eq!(names(&first), ["2"]);
        assert_eq!(names(&next(Topic::Newest, &first, &read(&[], &[]), 0)), Vec::<&str>::new());
    }

    #[test]
    fn an_order_of_which_a_part_is_told_is_named_with_every_reason_once() {
        let part = read(&["1"], &[("1", "the line a"), ("1", "the line b"), ("1", "the line a")]);
        let state = next(Topic::Changes, &ReadingState::default(), &part, 0);
        assert_eq!(state.left_out["1"].reason, "the line a; the line b");
    }

    #[test]
    fn more_than_can_be_named_are_counted() {
        let many: Vec<String> = (0..NAMED + 7).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "x")).collect();
        let state = next(Topic::Changes, &ReadingState::default(), &read(&[], &many), 0);
        assert_eq!((state.left_out.len(), state.more), (NAMED, 7));
    }

    #[test]
    fn a_failure_keeps_its_beginning_and_no_limit_hides_it() {
        let denied = ConnectionError::Channel(ChannelError::Denied { call: "GET", status: 401, reason: String::new() });
        let held = ConnectionError::Channel(ChannelError::Held { call: "GET", until: AT(9) });
        let known = next(Topic::Changes, &ReadingState::default(), &read(&[], &[("2", "a")]), 0);
        let fail = |before: &ReadingState, error: &ConnectionError, day| {
            after(Topic::Newest, before, Err(error), &Outcome::of(Err(error)), AT(day))
        };
        let first = fail(&known, &denied, 1);
        let second = fail(&first, &held, 2);
        assert_eq!(second.failing.as_ref().map(|trouble| trouble.since), Some(AT(1)));
        assert!(second.failing.unwrap().reason.contains("401"));
        assert_eq!(names(&first), ["2"], "what is known of orders stays");
        assert_eq!(next(Topic::Newest, &first, &read(&[], &[]), 3).failing, None);
    }
}
