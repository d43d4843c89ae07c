//! Reading orders: what is new, what was created in a period, and how each stands.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::order::OrderState;
use edin_domain::{OrderId, Timestamp};
use reqwest::Method;

use super::calls::{Client, call};
use super::facts::{BATCH, HISTORY, ORDERS, PERIOD};
use super::{map, status, wire};
use crate::kit::client::ChannelError;
use crate::kit::told::{LeftOut, Orders, Told};
use crate::kit::tolerant::{Id, Records, Spoilt};

/// Orders by their id, and those that couldn't be read.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) orders: BTreeMap<OrderId, OrderState>,
    left_out: Vec<LeftOut>,
}

pub(super) const ORDERS_CALL: &str = "GET /api/v3/orders";
const MOST_PAGES: usize = 1_000;

/// From when to when orders were created, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Created {
    from: i64,
    to: i64,
}

impl Client {
    pub(super) async fn new_orders(&self) -> Result<Known, ChannelError> {
        let request = self.line.request(Method::GET, "/api/v3/orders/new");
        let page: wire::Orders = self.ask(call("GET /api/v3/orders/new", &ORDERS), request).await?;
        Ok(read(page.orders))
    }

    /// The orders that were created within the last minutes. A page that isn't full is taken for the last: if it isn't, the
    /// rest is found among the changes.
    pub(super) async fn orders_just_created(&self, now: Timestamp) -> Result<Known, ChannelError> {
        let (mut known, mut mark) = (Known::default(), 0);
        for _ in 0..MOST_PAGES {
            let (more, next) = self.orders_created(newest(now), mark).await?;
            let is_last = more.orders.len() + more.left_out.len() < BATCH;
            known.join(more);
            match next.filter(|_| !is_last) {
                Some(next) => mark = next,
                None => return Ok(known),
            }
        }
        let reason = format!("there are more than {MOST_PAGES} pages");
        Err(ChannelError::Unreadable { call: ORDERS_CALL, reason })
    }

    /// The orders of a page, and the mark of the next one if there is any.
    pub(super) async fn orders_created(
        &self,
        created: Created,
        mark: i64,
    ) -> Result<(Known, Option<i64>), ChannelError> {
        let page = self.page(created, mark).await?;
        let next = match following(mark, &page) {
            Following::Page(next) => Some(next),
            Following::End => None,
            Following::Stuck => {
                let reason = format!("the mark of the next page does not move on from {mark}");
                return Err(ChannelError::Unreadable { call: ORDERS_CALL, reason });
            }
        };
        Ok((read(page.orders), next))
    }

    async fn page(&self, Created { from, to }: Created, next: i64) -> Result<wire::Orders, ChannelError> {
        let path = format!("/api/v3/orders?limit={BATCH}&next={next}&dateFrom={from}&dateTo={to}");
        self.ask(call(ORDERS_CALL, &ORDERS), self.line.request(Method::GET, &path)).await
    }

    /// Asks how each of `known` stands, and notes it as of `now`.
    pub(super) async fn note_statuses(&self, known: &mut Known, now: Timestamp) -> Result<(), ChannelError> {
        let ids: Vec<u64> = known.orders.keys().filter_map(|id| id.as_str().parse().ok()).collect();
        let mut doubts = Doubts::new();
        for orders in ids.chunks(BATCH) {
            let request = self.line.request(Method::POST, "/api/v3/orders/status").json(&wire::StatusQuery { orders });
            let statuses: wire::Statuses = self.ask(call("POST /api/v3/orders/status", &ORDERS), request).await?;
            let (statuses, spoilt) = statuses.orders.sorted();
            known.left_out.extend(spoilt.into_iter().map(status_of));
            note(&mut known.orders, &statuses, now, &mut doubts);
        }
        for (reason, orders) in doubts {
            tracing::warn!(connection = %self.connection, ?orders, reason, "a person must look at these orders");
        }
        Ok(())
    }
}

/// Orders that a person must look at, by why.
type Doubts = BTreeMap<&'static str, Vec<String>>;

fn note(known: &mut BTreeMap<OrderId, OrderState>, statuses: &[wire::Status], now: Timestamp, doubts: &mut Doubts) {
    for status in statuses {
        let standing = status::standing(status);
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

/// An order whose status can't be read stays as it is known.
fn status_of(Spoilt { name, error }: Spoilt) -> LeftOut {
    LeftOut::of(name, &format!("its status: {error}"))
}

fn read(page: Records<wire::Order>) -> Known {
    let (orders, spoilt) = page.sorted();
    let mut known = Known { left_out: spoilt.into_iter().map(LeftOut::from).collect(), ..Known::default() };
    for order in &orders {
        match map::order(order) {
            Ok((id, state)) => known.orders.entry(id).or_default().merge(&state),
            Err(error) => known.left_out.push(LeftOut::of(&order.id.0, &error)),
        }
    }
    known
}

impl Known {
    /// Joins what another answer tells of the same orders.
    pub(super) fn join(&mut self, other: Self) {
        for (id, state) in other.orders {
            self.orders.entry(id).or_default().merge(&state);
        }
        self.left_out.extend(other.left_out);
    }

    /// What all of it tells.
    pub(super) fn told(self) -> Orders {
        Orders {
            told: self.orders.into_iter().map(|(id, state)| Told::of(id, state)).collect(),
            left_out: self.left_out,
        }
    }
}

/// How far back the newest orders reach.
const NEWEST: Duration = Duration::from_secs(900);

/// The period of the newest orders.
fn newest(now: Timestamp) -> Created {
    Created { from: seconds(now.minus(NEWEST)), to: seconds(now.plus(Duration::from_secs(1))) }
}

/// The periods to ask for: the last thirty days, and before them what was missed since `since`, as far back as one may.
pub(super) fn periods(since: Timestamp, now: Timestamp) -> Vec<Created> {
    let earliest = since.min(now.minus(PERIOD)).max(now.minus(HISTORY));
    let starts = std::iter::successors(Some(now.plus(Duration::from_secs(1))), |end| Some(end.minus(PERIOD)));
    starts
        .take_while(|end| *end > earliest.plus(Duration::from_secs(1)))
        .map(|end| Created { from: seconds(end.minus(PERIOD).max(earliest)), to: seconds(end) })
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
        let orders = vec!["{}"; orders].join(",");
        crate::kit::tolerant::read(format!(r#"{{"next":{next},"orders":[{orders}]}}"#).as_bytes()).unwrap()
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
        let page: wire::Orders = crate::kit::tolerant::read(page).unwrap();
        assert_eq!(page.next, 13_833_711);
        let known = read(page.orders);
        assert_eq!(known.orders.keys().map(OrderId::as_str).collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(known.left_out, [LeftOut::of("2", &r#"chrtId "": it is empty"#)]);
    }

    #[test]
    fn a_month_is_asked_for_however_short_the_time_since() {
        let periods = periods(NOW.minus(DAY), NOW);
        assert_eq!(periods, [Created { from: 1_795_341_601 - 30 * 86_400, to: 1_795_341_601 }]);
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
        let mut known = BTreeMap::from(["1", "2"].map(|id| (OrderId::new(id).unwrap(), OrderState::default())));
        let statuses: wire::Statuses = crate::kit::tolerant::read(
            br#"{"orders":[{"id":1,"supplierStatus":"complete","wbStatus":"sorted","isCancellable":false},
                {"id":2,"supplierStatus":"complete","wbStatus":"teleported"},
                {"id":3,"supplierStatus":"new","wbStatus":"waiting"}]}"#,
        )
        .unwrap();
        let mut doubts = Doubts::new();
        note(&mut known, &statuses.orders.sorted().0, NOW, &mut doubts);
        assert_eq!(known["1"].milestones, BTreeMap::from([(Milestone::Shipped, NOW)]));
        assert!(known["2"].milestones.is_empty() && !known.contains_key("3"));
        assert_eq!(doubts.into_values().collect::<Vec<_>>(), [["2 (complete, teleported)"]]);
    }

    #[test]
    fn a_status_that_can_not_be_read_hides_no_other() {
        for spoilt in ["null", "7", "{}"] {
            let json = format!(
                r#"{{"orders":[{{"id":1,"supplierStatus":"complete","wbStatus":"sorted"}},
                    {{"id":2,"supplierStatus":"complete","wbStatus":{spoilt}}},{{"id":[]}},null]}}"#
            );
            let (statuses, left) =
                crate::kit::tolerant::read::<wire::Statuses>(json.as_bytes()).unwrap().orders.sorted();
            let mut known = BTreeMap::from(["1", "2"].map(|id| (OrderId::new(id).unwrap(), OrderState::default())));
            note(&mut known, &statuses, NOW, &mut Doubts::new());
            assert!(known["1"].has(Milestone::Shipped) && known["2"].milestones.is_empty(), "{spoilt}");
            assert_eq!(left.len(), 2);
        }
    }

    #[test]
    fn no_list_is_an_empty_one() {
        let page: wire::Orders = crate::kit::tolerant::read(br#"{"orders":null,"next":null}"#).unwrap();
        assert_eq!((following(0, &page), page.orders.len()), (Following::End, 0));
        let statuses: wire::Statuses = crate::kit::tolerant::read(br#"{"orders":null}"#).unwrap();
        assert!(statuses.orders.is_empty());
    }

    /// From autumn 2026 on the newest orders' statuses may step back (`isTransferable`).
    #[test]
    fn an_order_that_goes_back_from_complete_to_confirm_stays_what_it_was() {
        let status = |supplier: &str, wb: &str| wire::Status {
            id: Id("1".to_owned()),
            supplier_status: supplier.to_owned(),
            wb_status: wb.to_owned(),
        };
        let mut known = BTreeMap::from([(OrderId::new("1").unwrap(), OrderState::default())]);
        for (supplier, wb, reached) in [
            ("complete", "waiting", vec![Milestone::Accepted]),
            ("confirm", "waiting", vec![Milestone::Accepted]),
            ("complete", "sorted", vec![Milestone::Accepted, Milestone::Shipped]),
            ("confirm", "waiting", vec![Milestone::Accepted, Milestone::Shipped]),
        ] {
            note(&mut known, &[status(supplier, wb)], NOW, &mut Doubts::new());
            assert_eq!(known["1"].milestones.keys().copied().collect::<Vec<_>>(), reached, "{supplier} {wb}");
        }
    }
}
