//! Goods that came back: `/v1/returns/list` to the domain. Pure.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::OrderId;
use edin_domain::order::OrderState;

use super::names::{articles, line_id, order_id};
use super::wire::Return;
use crate::kit::told::{LeftOut, Orders, Told};
use crate::kit::tolerant::{Spoilt, Unreadable};

/// Where goods are that have a `final_moment` and yet aren't with the seller: the field stands for the arrival at
/// Ozon's warehouse or pick-up point too. Source: docs.ozon.ru/api/seller#operation/returnsList, `visual_status_name`,
/// 2026-04-30.
const ELSEWHERE: [&str; 8] = [
    "ArrivedAtReturnPlace",
    "WaitingShipment",
    "MovingToSeller",
    "ReturningToSellerByCourier",
    "MovingToOzon",
    "ReturnedToOzon",
    "Utilizing",
    "Utilized",
];

/// Whether the seller has the goods in hand.
#[must_use]
pub fn is_received(of: &Return) -> bool {
    let is_ours = !of.schema.eq_ignore_ascii_case("fbo") && !of.posting_number.is_empty();
    is_ours && of.logistic.final_moment.0.is_some() && !ELSEWHERE.contains(&of.visual.status.sys_name.as_str())
}

/// What is back, by posting. `all` must be all returns of the postings that it tells of: each stands for some of the
/// units, and what is told of a line is the sum. One that can't be read is missing from the sum, and told of.
#[must_use]
pub fn returns(all: &[Return]) -> Orders {
    let replaced: BTreeSet<_> = all.iter().map(|of| &of.source_id).collect();
    let mut by_posting = BTreeMap::<OrderId, OrderState>::new();
    let mut left_out = Vec::new();
    for of in all.iter().filter(|of| is_received(of) && !replaced.contains(&of.id)) {
        if let Err(error) = add(&mut by_posting, of) {
            left_out.push(LeftOut::of(named(&of.id.0), &error));
        }
    }
    Orders { told: by_posting.into_iter().map(|(id, state)| Told::of(id, state)).collect(), left_out }
}

fn add(by_posting: &mut BTreeMap<OrderId, OrderState>, of: &Return) -> Result<(), Unreadable> {
    let (posting, good) = (order_id("posting_number", &of.posting_number)?, line_id(&of.product.sku)?);
    let line = by_posting.entry(posting).or_default().lines.entry(good).or_default();
    line.articles.extend(articles(&of.product.sku, &of.product.offer_id));
    line.returned = line.returned.saturating_add(of.product.quantity);
    line.returned_at = [line.returned_at, of.logistic.final_moment.0].into_iter().flatten().min();
    Ok(())
}

/// A return that can't be read at all.
#[must_use]
pub fn spoilt_return(Spoilt { name, error }: Spoilt) -> LeftOut {
    LeftOut::of(named(&name), &error)
}

/// Returns have numbers of their own.
fn named(id: &str) -> String {
    format!("return {id}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::super::wire::Returns;
    use super::*;
    use crate::kit::tolerant::read;

    /// The sample's return that the seller has in hand, with another id, quantity and arrival, and with what `rest` says
    /// besides.
    fn a_return(id: u64, quantity: u32, received: &str, rest: &str) -> String {
        let mut page: Value = serde_json::from_str(include_str!("samples/returns.json")).unwrap();
        let mut of = page["returns"][0].take();
        of["id"] = id.to_string().into();
        of["product"]["quantity"] = quantity.into();
        of["logistic"]["final_moment"] = serde_json::from_str(received).unwrap();
        let rest: Map<String, Value> = serde_json::from_str(&format!("{{{}}}", rest.trim_start_matches(','))).unwrap();
        of.as_object_mut().unwrap().extend(rest);
        of.to_string()
    }

    fn told(all: &[String]) -> Vec<(String, u32)> {
        let page: Returns = read(format!(r#"{{"returns":[{}],"has_next":false}}"#, all.join(",")).as_bytes()).unwrap();
        let (page, spoilt) = page.returns.sorted();
        assert_eq!(spoilt, []);
        let units = |told: &Told| {
            let (id, state) = &told.orders[0];
            (id.to_string(), state.lines.values().map(|line| line.returned).sum())
        };
        returns(&page).told.iter().map(units).collect()
    }

    const RECEIVED: &str = r#""2026-11-20T10:00:00Z""#;

    #[test]
    fn goods_count_again_when_the_seller_has_them() {
        assert_eq!(told(&[a_return(1, 2, RECEIVED, "")]), [("1-0001-1".to_owned(), 2)]);
    }

    #[test]
    fn goods_on_their_way_back_do_not_count() {
        assert_eq!(told(&[a_return(1, 2, "null", ""), a_return(2, 1, r#""""#, "")]), []);
    }

    #[test]
    fn goods_that_arrived_elsewhere_do_not_count() {
        for status in ELSEWHERE {
            let rest = format!(r#","visual":{{"status":{{"sys_name":"{status}"}}}}"#);
            assert_eq!(told(&[a_return(1, 2, RECEIVED, &rest)]), [], "{status}");
        }
    }

    #[test]
    fn two_returns_of_one_posting_add_up() {
        assert_eq!(told(&[a_return(1, 1, RECEIVED, ""), a_return(2, 1, RECEIVED, "")]), [("1-0001-1".to_owned(), 2)]);
    }

    #[test]
    fn a_return_that_took_the_place_of_another_is_counted_once() {
        let later = a_return(2, 1, RECEIVED, r#","source_id":"1""#);
        assert_eq!(told(&[a_return(1, 1, RECEIVED, ""), later]), [("1-0001-1".to_owned(), 1)]);
    }

    #[test]
    fn goods_of_ozons_own_warehouse_are_not_ours() {
        assert_eq!(told(&[a_return(1, 1, RECEIVED, "").replace("Fbs", "Fbo")]), []);
    }
}
