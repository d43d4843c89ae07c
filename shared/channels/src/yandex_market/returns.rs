//! Goods that came back: `GET /v2/campaigns/{campaignId}/returns` to the domain. Pure.

use std::collections::BTreeMap;

use edin_domain::OrderId;
use edin_domain::order::OrderState;

use super::names::{line, order_id};
use super::wire::{Return, ReturnItem};
use crate::kit::told::{LeftOut, Orders, Told};
use crate::kit::tolerant::{Spoilt, Unreadable};

/// Whether the seller has the goods in hand: `PICKED` is "handed out to the shop". What is ready to be handed out, kept by the
/// Market, lost or done away with isn't. Source: github.com/yandex-market/yandex-market-partner-api, ReturnShipmentStatusType,
/// 2026-07-17.
#[must_use]
pub fn is_received(of: &Return) -> bool {
    of.shipment_status == "PICKED"
}

/// What is back, by order. `all` must be all returns of the orders that it tells of: each stands for some of the units, and what is
/// told of a line is the sum. One that can't be read is missing from the sum, and told of.
#[must_use]
pub fn returns(all: &[Return]) -> Orders {
    let mut by_order = BTreeMap::<OrderId, OrderState>::new();
    let mut left_out = Vec::new();
    for of in all.iter().filter(|of| is_received(of)) {
        let (items, spoilt) = of.items.clone().sorted();
        left_out.extend(spoilt.into_iter().map(|Spoilt { error, .. }| LeftOut::of(named(&of.id.0), &error)));
        for item in &items {
            if let Err(error) = add(&mut by_order, of, item) {
                left_out.push(LeftOut::of(named(&of.id.0), &error));
            }
        }
    }
    Orders { told: by_order.into_iter().map(|(id, state)| Told::of(id, state)).collect(), left_out }
}

fn add(by_order: &mut BTreeMap<OrderId, OrderState>, of: &Return, item: &ReturnItem) -> Result<(), Unreadable> {
    let (order, (good, article)) = (order_id(&of.order_id)?, line("shopSku", &item.shop_sku)?);
    let line = by_order.entry(order).or_default().lines.entry(good).or_default();
    line.articles.insert(article);
    line.returned = line.returned.saturating_add(item.count);
    line.returned_at = [line.returned_at, of.update_date.0].into_iter().flatten().min();
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
    use super::super::wire;
    use super::*;
    use crate::kit::tolerant::read;

    fn a_return(id: u32, shipment: &str, items: &str) -> String {
        format!(
            r#"{{"id":{id},"orderId":501,"updateDate":"2026-11-20T13:00:0{id}+03:00","refundStatus":"REFUNDED",
                "returnType":"RETURN"{shipment},"items":[{items}]}}"#
        )
    }

    const PICKED: &str = r#","shipmentStatus":"PICKED""#;
    const ONE: &str = r#"{"shopSku":"TEA-1","count":1}"#;

    fn read_all(all: &[String]) -> Orders {
        let page: wire::Returns = read(format!(r#"{{"returns":[{}]}}"#, all.join(",")).as_bytes()).unwrap();
        returns(&page.returns.sorted().0)
    }

    fn told(all: &[String]) -> Vec<(String, u32)> {
        let Orders { told, left_out } = read_all(all);
        assert_eq!(left_out, []);
        let lines = told.iter().flat_map(|told| &told.orders).flat_map(|(_, state)| &state.lines);
        lines.map(|(id, line)| (id.to_string(), line.returned)).collect()
    }

    #[test]
    fn goods_count_again_when_the_shop_has_them_and_only_then() {
        assert_eq!(told(&[a_return(1, PICKED, ONE)]), [("TEA-1".to_owned(), 1)]);
        for elsewhere in [
            "CREATED",
            "RECEIVED",
            "IN_TRANSIT",
            "READY_FOR_PICKUP",
            "LOST",
            "EXPIRED",
            "CANCELLED",
            "FULFILMENT_RECEIVED",
            "PREPARED_FOR_UTILIZATION",
            "NOT_IN_DEMAND",
            "UTILIZED",
            "READY_FOR_EXPROPRIATION",
            "RECEIVED_FOR_EXPROPRIATION",
            "UNKNOWN",
            "OF_TOMORROW",
        ] {
            let shipment = format!(r#","shipmentStatus":"{elsewhere}""#);
            assert_eq!(told(&[a_return(1, &shipment, ONE)]), [], "{elsewhere}");
        }
    }

    #[test]
    fn goods_that_stay_with_the_buyer_do_not_come_back() {
        assert_eq!(told(&[a_return(1, r#","fastReturn":true"#, ONE)]), []);
    }

    #[test]
    fn all_returns_of_an_order_add_up_since_the_earliest() {
        let both = [a_return(2, PICKED, ONE), a_return(1, PICKED, r#"{"shopSku":"TEA-1","count":"2"}"#)];
        assert_eq!(told(&both), [("TEA-1".to_owned(), 3)]);
        let since = read_all(&both).told[0].orders[0].1.lines["TEA-1"].returned_at.unwrap();
        assert_eq!(since.to_string(), "2026-11-20T10:00:01Z");
    }

    #[test]
    fn a_good_that_can_not_be_read_costs_itself_and_is_told_of() {
        for spoilt in [r#"{"shopSku":"","count":1}"#, r#"{"shopSku":"TEA-2","count":-1}"#, "7"] {
            let Orders { told, left_out } = read_all(&[a_return(1, PICKED, &format!("{spoilt},{ONE}"))]);
            assert_eq!((told.len(), told[0].orders[0].1.lines.len()), (1, 1), "{spoilt}");
            assert!(matches!(&left_out[..], [one] if one.order == "return 1"), "{left_out:?}");
        }
    }
}
