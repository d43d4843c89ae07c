//! Reading orders: what is new, what was created in a period, and how each stands.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::order::OrderState;
use edin_domain::{OrderId, Timestamp};
use reqwest::Method;
use serde_json::value::RawValue;

use super::client::{Client, call};
use super::{BATCH, HISTORY, ORDERS, PERIOD, map, wire};
use crate::marketplace::ChannelError;
use crate::tolerant::Id;

/// Orders by their id.
pub(super) type Known = BTreeMap<OrderId, OrderState>;

const ORDERS_CALL: &str = "GET /api/v3/orders";
const MOST_PAGES: usize = 1_000;

/// From when to when orders were created, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    from: i64,
    to: i64,
}

impl Client {
    pub(super) async fn new_orders(&self) -> Result<Known, ChannelError> {
        let request = self.transport.request(Method::GET, "/api/v3/orders/new");
        let page: wire::Orders = self.ask(call("GET /api/v3/orders/new", &ORDERS), request).await?;
        Ok(self.read(&page.orders))
    }

    /// The orders that were created within the last minutes. A page that isn't full is taken for the last: if it isn't, the
    /// rest is found among the changes.
    pub(super) async fn orders_just_created(&self, now: Timestamp) -> Result<Known, ChannelError> {
        self.orders_until(newest(now), |page| page.orders.len() < BATCH).await
    }

    pub(super) async fn orders_created(&self, period: Period) -> Result<Known, ChannelError> {
        self.orders_until(period, |_| false).await
    }

    /// The orders of a period, page by page until there is none, or one is the last for sure.
    async fn orders_until(
        &self,
        period: Period,
        is_last: impl Fn(&wire::Orders) -> bool + Send,
    ) -> Result<Known, ChannelError> {
        let (mut known, mut next) = (Known::new(), 0);
        for _ in 0..MOST_PAGES {
            let page = self.page(period, next).await?;
            join(&mut known, self.read(&page.orders));
            match following(next, &page) {
                _ if is_last(&page) => return Ok(known),
                Following::Page(following) => next = following,
                Following::End => return Ok(known),
                Following::Stuck => break,
            }
        }
        let reason = format!("the mark of the next page does not move on from {next}");
        Err(ChannelError::Unreadable { call: ORDERS_CALL, reason })
    }

    async fn page(&self, Period { from, to }: Period, next: i64) -> Result<wire::Orders, ChannelError> {
        let path = format!("/api/v3/orders?limit={BATCH}&next={next}&dateFrom={from}&dateTo={to}");
        self.ask(call(ORDERS_CALL, &ORDERS), self.transport.request(Method::GET, &path)).await
    }

    /// One order that can't be read must not hide the others: it is left out, and somebody is called.
    fn read(&self, page: &[Box<RawValue>]) -> Known {
        let mut known = Known::new();
        for order in page {
            match map::order(order.get()) {
                Ok(told) => join(&mut known, [told]),
                Err(error) => {
                    tracing::error!(connection = %self.connection, %error, "an order can not be read and is left out");
                }
            }
        }
        known
    }

    /// Asks how each of `known` stands, and notes it as of `now`.
    pub(super) async fn note_statuses(&self, known: &mut Known, now: Timestamp) -> Result<(), ChannelError> {
        let ids: Vec<u64> = known.keys().filter_map(|id| id.as_str().parse().ok()).collect();
        let mut doubts = Doubts::new();
        for orders in ids.chunks(BATCH) {
            let request =
                self.transport.request(Method::POST, "/api/v3/orders/status").json(&wire::StatusQuery { orders });
            let statuses: wire::Statuses = self.ask(call("POST /api/v3/orders/status", &ORDERS), request).await?;
            note(known, &statuses.orders, now, &mut doubts);
        }
        for (reason, orders) in doubts {
            tracing::warn!(connection = %self.connection, ?orders, reason, "a person must look at these orders");
        }
        Ok(())
    }
}

/// Orders that a person must look at, by why.
type Doubts = BTreeMap<&'static str, Vec<String>>;

fn note(known: &mut Known, statuses: &[wire::Status], now: Timestamp, doubts: &mut Doubts) {
    for status in statuses {
        let standing = map::standing(status);
        if let Some(state) = known.get_mut(status.id.0.as_str()) {
            *state = standing.reached.iter().fold(std::mem::take(state), |state, reached| state.with(*reached, now));
        }
        if let Some(doubt) = standing.doubt {
            let Id(id) = &status.id;
            let of = format!("{id} ({}, {})", status.supplier_status, status.wb_status);
            doubts.entry(doubt).or_default().push(of);
        }
    }
}

/// Joins what another answer tells of the same orders.
pub(super) fn join(known: &mut Known, told: impl IntoIterator<Item = (OrderId, OrderState)>) {
    for (id, state) in told {
        known.entry(id).or_default().merge(&state);
    }
}

/// How far back the newest orders reach.
const NEWEST: Duration = Duration::from_secs(900);

/// The period of the newest orders.
fn newest(now: Timestamp) -> Period {
    Period { from: seconds(now.minus(NEWEST)), to: seconds(now.plus(Duration::from_secs(1))) }
}

/// The periods to ask for: the last thirty days, and before them what was missed since `since`, as far back as one may.
pub(super) fn periods(since: Timestamp, now: Timestamp) -> Vec<Period> {
    let earliest = since.min(now.minus(PERIOD)).max(now.minus(HISTORY));
    let starts = std::iter::successors(Some(now.plus(Duration::from_secs(1))), |end| Some(end.minus(PERIOD)));
    starts
        .take_while(|end| *end > earliest.plus(Duration::from_secs(1)))
        .map(|end| Period { from: seconds(end.minus(PERIOD).max(earliest)), to: seconds(end) })
        .collect()
}

const fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1_000)
}

/// What comes after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Following {
    /// The page with this mark.
    Page(i64),
    /// Nothing.
    End,
    /// More, but it can't be reached.
    Stuck,
}

/// A page that isn't full need not be the last: only an empty one is, or one without a mark.
fn following(asked: i64, page: &wire::Orders) -> Following {
    match page.next {
        _ if page.orders.is_empty() => Following::End,
        0 => Following::End,
        next if next != asked => Following::Page(next),
        _ if page.orders.len() < BATCH => Following::End,
        _ => Following::Stuck,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use edin_domain::order::Milestone;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);
    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn page(orders: usize, next: i64) -> wire::Orders {
        let order = || RawValue::from_string("{}".to_owned()).unwrap();
        wire::Orders { next, orders: std::iter::repeat_with(order).take(orders).collect() }
    }

    #[test]
    fn pages_end_where_nothing_more_comes_and_a_mark_that_does_not_move_is_noticed() {
        for (asked, orders, next, expected) in [
            (0, 1_000, 13, Following::Page(13)),
            (13, 3, 14, Following::Page(14)),
            (14, 0, 14, Following::End),
            (14, 3, 0, Following::End),
            (14, 3, 14, Following::End),
            (14, 1_000, 14, Following::Stuck),
        ] {
            assert_eq!(following(asked, &page(orders, next)), expected, "{asked} {orders} {next}");
        }
    }

    #[test]
    fn a_bad_order_on_a_page_hides_no_other() {
        let page =
            br#"{"next":13833711,"orders":[{"id":1,"chrtId":7001},{"id":2},{"id":3,"chrtId":7003,"address":null}]}"#;
        let page: wire::Orders = crate::tolerant::read(page).unwrap();
        let read: Vec<_> = page.orders.iter().map(|order| map::order(order.get()).is_ok()).collect();
        assert_eq!((page.next, read), (13_833_711, vec![true, false, true]));
    }

    #[test]
    fn a_month_is_asked_for_however_short_the_time_since() {
        let periods = periods(NOW.minus(DAY), NOW);
        assert_eq!(periods, [Period { from: 1_795_341_601 - 30 * 86_400, to: 1_795_341_601 }]);
    }

    #[test]
    fn a_long_absence_is_made_up_for_month_by_month_as_far_as_there_is_any() {
        let periods = periods(NOW.minus(DAY * 400), NOW);
        assert_eq!(periods.len(), 3);
        assert!(periods.iter().all(|period| period.to - period.from <= 30 * 86_400));
        assert_eq!(periods[2].from, 1_795_341_600 - 89 * 86_400);
        assert!(periods.windows(2).all(|pair| pair[0].from == pair[1].to));
    }

    #[test]
    fn a_status_is_joined_to_its_order_and_a_doubt_to_its_reason() {
        let mut known = Known::new();
        join(&mut known, ["1", "2"].map(|id| (OrderId::new(id).unwrap(), OrderState::default())));
        let statuses: wire::Statuses = crate::tolerant::read(
            br#"{"orders":[{"id":1,"supplierStatus":"complete","wbStatus":"sorted","isCancellable":false},
                {"id":2,"supplierStatus":"complete","wbStatus":"teleported"},
                {"id":3,"supplierStatus":"new","wbStatus":"waiting"}]}"#,
        )
        .unwrap();
        let mut doubts = Doubts::new();
        note(&mut known, &statuses.orders, NOW, &mut doubts);
        assert_eq!(known["1"].milestones, BTreeMap::from([(Milestone::Shipped, NOW)]));
        assert!(known["2"].milestones.is_empty() && !known.contains_key("3"));
        assert_eq!(doubts.into_values().collect::<Vec<_>>(), [["2 (complete, teleported)"]]);
    }
}
