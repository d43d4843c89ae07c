//! What lists are asked for. Pure.

use edin_domain::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::facts::{ORDERS, ORDERS_WITHIN, RETURNS, Shop};
use super::page::Question;
use super::{AHEAD, DAY, OLDEST, call};
use crate::kit::client::Period;

/// Orders of the shop by their numbers; tests too, so that one that is hinted at isn't missing.
pub(super) fn orders_by_number(shop: Shop, numbers: &[u64]) -> Question {
    orders(shop, json!({"campaignIds": [shop.campaign], "orderIds": numbers}))
}

/// Orders of the shop that changed within a time.
pub(super) fn orders_changed(shop: Shop, (from, to): (Timestamp, Timestamp)) -> Question {
    let dates = json!({"updateDateFrom": from.to_string(), "updateDateTo": to.to_string()});
    orders(shop, json!({"campaignIds": [shop.campaign], "dates": dates, "fake": false}))
}

fn orders(shop: Shop, body: Value) -> Question {
    Question {
        call: call("POST /v1/businesses/{businessId}/orders", &ORDERS),
        method: Method::POST,
        path: format!("/v1/businesses/{}/orders", shop.business),
        query: Vec::new(),
        body: Some(body),
    }
}

/// The times that questions for the orders of a period cover, each no longer than the Market allows.
pub(super) fn times(period: Period) -> Vec<(Timestamp, Timestamp)> {
    let until = period.until.plus(AHEAD);
    let since = period.since.max(until.minus(OLDEST)).min(period.until);
    let ends = std::iter::successors(Some(since), |from| Some(from.plus(ORDERS_WITHIN)).filter(|to| *to < until));
    ends.map(|from| (from, from.plus(ORDERS_WITHIN).min(until))).collect()
}

/// All returns of these orders.
pub(super) fn returns_of(shop: Shop, orders: &[String]) -> Question {
    returns(shop, vec![("orderIds", orders.join(","))])
}

/// Returns that changed within a period. The Market's days are those of Moscow, and of whole days one more does no harm.
pub(super) fn returns_changed(shop: Shop, period: Period) -> Question {
    let day = |at: Timestamp| at.to_string().get(..10).unwrap_or_default().to_owned();
    let since = period.since.max(period.until.minus(OLDEST)).minus(DAY);
    returns(shop, vec![("fromDate", day(since)), ("toDate", day(period.until.plus(DAY)))])
}

fn returns(shop: Shop, query: Vec<(&'static str, String)>) -> Question {
    Question {
        call: call("GET /v2/campaigns/{campaignId}/returns", &RETURNS),
        method: Method::GET,
        path: format!("/v2/campaigns/{}/returns", shop.campaign),
        query,
        body: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SHOP: Shop = Shop { business: 30_000_001, campaign: 40_000_001 };

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn period(since: &str) -> Period {
        Period { since: at(since), until: at("2026-11-22T10:00:00Z") }
    }

    #[test]
    fn a_short_period_is_one_question() {
        let times = times(period("2026-11-22T09:50:00Z"));
        assert_eq!(times, [(at("2026-11-22T09:50:00Z"), at("2026-11-22T10:01:00Z"))]);
        let asked = orders_changed(SHOP, times[0]);
        let dates = json!({"updateDateFrom": "2026-11-22T09:50:00Z", "updateDateTo": "2026-11-22T10:01:00Z"});
        assert_eq!(asked.path, "/v1/businesses/30000001/orders");
        assert_eq!(asked.body, Some(json!({"campaignIds": [40_000_001], "dates": dates, "fake": false})));
    }

    #[test]
    fn a_long_period_is_split_without_a_gap_and_none_is_longer_than_thirty_days() {
        for (since, questions) in
            [("2026-11-20T10:00:00Z", 1), ("2026-10-01T00:00:00Z", 2), ("1970-01-01T00:00:00Z", 4)]
        {
            let times = times(period(since));
            assert_eq!(times.len(), questions, "{since}");
            assert!(times.iter().all(|(from, to)| to.since(*from) <= Duration::from_hours(30 * 24)));
            assert!(times.windows(2).all(|pair| pair[0].1 == pair[1].0));
            assert_eq!(times.last().unwrap().1, at("2026-11-22T10:01:00Z"));
        }
    }

    #[test]
    fn returns_are_asked_for_by_days_that_hold_all_of_the_period_or_by_order() {
        let asked = returns_changed(SHOP, period("2026-11-21T22:00:00Z"));
        assert_eq!(asked.path, "/v2/campaigns/40000001/returns");
        assert_eq!(asked.query, [("fromDate", "2026-11-20".to_owned()), ("toDate", "2026-11-23".to_owned())]);
        let asked = returns_of(SHOP, &["501".to_owned(), "502".to_owned()]);
        assert_eq!(asked.query, [("orderIds", "501,502".to_owned())]);
    }
}
