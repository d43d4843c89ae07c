//! Lists of orders, in the order in which they changed last.

use std::collections::BTreeSet;
use std::time::Duration;

use edin_domain::{OrderId, Timestamp};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::facts::{A_PAGE, ORDERS};
use super::super::{map, wire};
use super::Client;
use super::ask::call;
use crate::kit::client::line::Call;
use crate::kit::client::{self, ChannelError, Period};
use crate::kit::told::{Cursor, LeftOut, Orders, Page};

const LIST: Call<'static> = call("GET /orders", &ORDERS);
const ONE: Call<'static> = call("GET /orders/{id}", &ORDERS);
/// How far back the newest orders are read, by their last change.
const NEWEST: Duration = Duration::from_mins(10);
/// By how much the shop's clock may differ from ours.
const CLOCKS_DIFFER: Duration = Duration::from_hours(1);
const A_SECOND: Duration = Duration::from_secs(1);
/// Ten thousand orders: no shop has so many within minutes.
const MOST_PAGES: usize = 100;
/// What is asked for of an order.
const FIELDS: &str = "id,status,currency,total,date_created_gmt,date_modified_gmt,date_paid_gmt,date_completed_gmt,\
                      billing,line_items";
/// There is no such order any more.
const GONE: &str = "woocommerce_rest_shop_order_invalid_id";

/// Where a reading stands: among which orders, after which change, and on which page of those.
///
/// Orders change while they are read, and one that does comes last again. So a page isn't found by how many were before it, but by
/// the last change that was; only where a page is full of changes of one second are the pages of that second counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    among: Among,
    after: Timestamp,
    page: u32,
}

/// Which orders are listed: the trash is among no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Among {
    Any,
    Trash,
}

impl Among {
    const fn status(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Trash => "trash",
        }
    }
}

impl Place {
    const fn first(among: Among, after: Timestamp) -> Self {
        Self { among, after, page: 1 }
    }

    /// What is asked for. Only what changed later than a time is listed, and times are of seconds.
    fn query(self) -> [(&'static str, String); 8] {
        let after = self.after.to_string().get(..19).unwrap_or_default().to_owned();
        [
            ("status", self.among.status().to_owned()),
            ("modified_after", after),
            ("dates_are_gmt", "true".to_owned()),
            ("orderby", "modified".to_owned()),
            ("order", "asc".to_owned()),
            ("per_page", A_PAGE.to_string()),
            ("page", self.page.to_string()),
            ("_fields", FIELDS.to_owned()),
        ]
    }

    /// The place after a page, if it is full. `last` is the last change on it that can be read.
    fn next(self, length: usize, last: Option<Timestamp>) -> Option<Self> {
        let after = last.map(|last| last.minus(A_SECOND)).filter(|after| *after > self.after);
        let next = match after {
            Some(after) => Self::first(self.among, after),
            None => Self { page: self.page.saturating_add(1), ..self },
        };
        (length >= A_PAGE).then_some(next)
    }
}

impl Client {
    /// Orders that changed within the last minutes. Those in the trash can wait.
    pub(super) async fn newest_orders(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        let mut told = Orders::default();
        let mut place = Place::first(Among::Any, now.minus(NEWEST));
        for _ in 0..MOST_PAGES {
            let (page, next) = self.page(place).await?;
            told.extend(self.told(page, now));
            match next {
                Some(next) => place = next,
                None => return Ok(told),
            }
        }
        Err(ChannelError::Unreadable { call: LIST.name, reason: format!("there are more than {MOST_PAGES} pages") })
    }

    /// A page of all orders that changed within a period, those in the trash last.
    pub(super) async fn page_of_changed(
        &self,
        period: Period,
        now: Timestamp,
        from: Option<&Cursor>,
    ) -> Result<Page, ChannelError> {
        let since = period.since.minus(CLOCKS_DIFFER).max(Timestamp::from_millis(0));
        let place = Cursor::place::<Option<Place>>(from).unwrap_or(Place::first(Among::Any, since));
        let (page, next) = self.page(place).await?;
        let next = match (next, place.among) {
            (None, Among::Any) => Some(Place::first(Among::Trash, since)),
            (next, _) => next,
        };
        client::page(LIST.name, self.told(page, now), next)
    }

    async fn page(&self, place: Place) -> Result<(wire::Orders, Option<Place>), ChannelError> {
        let request = self.request(Method::GET, "/orders").query(&place.query());
        let page: wire::Orders = self.ask(LIST, request).await?;
        let (orders, _) = page.orders.clone().sorted();
        let last = orders.iter().filter_map(|order| order.date_modified_gmt.0).max();
        let next = place.next(page.orders.len(), last);
        Ok((page, next))
    }

    /// Orders by their numbers. A list of any orders lacks those in the trash, so each that is missing is asked for by itself.
    pub(super) async fn orders_by_number(
        &self,
        wanted: &BTreeSet<&OrderId>,
        now: Timestamp,
    ) -> Result<Orders, ChannelError> {
        let (numbers, others) = numbers(wanted);
        let (mut told, mut found) = (Orders { told: Vec::new(), left_out: others }, BTreeSet::new());
        for some in numbers.chunks(A_PAGE) {
            let page = self.list_of(some).await?;
            let (orders, spoilt) = page.orders.clone().sorted();
            found.extend(orders.into_iter().map(|order| order.id.0).chain(spoilt.into_iter().map(|order| order.name)));
            told.extend(self.told(page, now));
        }
        for number in numbers.into_iter().filter(|number| !found.contains(&number.to_string())) {
            told.extend(self.order(number, now).await?);
        }
        Ok(told)
    }

    async fn list_of(&self, numbers: &[u64]) -> Result<wire::Orders, ChannelError> {
        let include: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let query = [
            ("include", include.join(",")),
            ("status", Among::Any.status().to_owned()),
            ("per_page", A_PAGE.to_string()),
            ("_fields", FIELDS.to_owned()),
        ];
        self.ask(LIST, self.request(Method::GET, "/orders").query(&query)).await
    }

    /// One order, wherever it is; one that is gone for good is called off.
    async fn order(&self, number: u64, now: Timestamp) -> Result<Orders, ChannelError> {
        let request = self.request(Method::GET, &format!("/orders/{number}")).query(&[("_fields", FIELDS)]);
        let found = self.ask_for_one::<Box<serde_json::value::RawValue>>(ONE, request, GONE).await?;
        match (found, OrderId::new(number.to_string())) {
            (None, Ok(order)) => Ok(Orders { told: vec![map::deleted(order, now)], left_out: Vec::new() }),
            (None, Err(_)) => Ok(Orders::default()),
            (Some(order), _) => {
                let page = crate::kit::tolerant::read(format!("[{}]", order.get()).as_bytes());
                Ok(self.told(page.map_err(|error| ChannelError::unreadable(ONE.name, error))?, now))
            }
        }
    }
}

/// Orders by the number that they are asked for by. Whatever is no number is no order of a shop.
fn numbers(wanted: &BTreeSet<&OrderId>) -> (Vec<u64>, Vec<LeftOut>) {
    let (mut numbers, mut others) = (Vec::new(), Vec::new());
    for order in wanted {
        match order.as_str().parse() {
            Ok(number) => numbers.push(number),
            Err(_) => others.push(LeftOut::of(order.as_str(), &"orders of WooCommerce are called by numbers")),
        }
    }
    (numbers, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    const PLACE: Place = Place { among: Among::Any, after: Timestamp::from_millis(1_795_341_600_000), page: 1 };

    #[test]
    fn a_place_is_asked_for_as_a_shop_was_asked() {
        let query = PLACE.query();
        assert_eq!(query[1], ("modified_after", "2026-11-22T10:00:00".to_owned()));
        assert_eq!(query[2], ("dates_are_gmt", "true".to_owned()));
    }

    #[test]
    fn the_next_page_begins_with_the_second_in_which_this_one_ends() {
        let next = PLACE.next(A_PAGE, Some(at("2026-11-22T10:07:00Z")));
        assert_eq!(next, Some(Place { after: at("2026-11-22T10:06:59Z"), ..PLACE }));
        assert_eq!(PLACE.next(A_PAGE - 1, Some(at("2026-11-22T10:07:00Z"))), None);
    }

    #[test]
    fn a_second_that_is_longer_than_a_page_is_read_to_its_end() {
        for last in [Some(at("2026-11-22T10:00:01Z")), None] {
            assert_eq!(PLACE.next(A_PAGE, last), Some(Place { page: 2, ..PLACE }), "{last:?}");
        }
    }
}
