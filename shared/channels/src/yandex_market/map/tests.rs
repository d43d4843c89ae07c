use edin_domain::order::{Mapped, Order, OrderKey, Take, effect};
use edin_domain::stock::Delta;
use edin_domain::{Cause, ConnectionId, LocationId, OrderId, Sku};
use serde_json::{Map, Value};

use super::*;
use crate::kit::tolerant::read;

const LISTED: &str = include_str!("../samples/orders.json");

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T10:00:00Z")
}

/// The sample's order of the given position, with what `rest` says instead.
fn sample(position: usize, rest: &str) -> wire::Order {
    let mut page: Value = serde_json::from_str(LISTED).unwrap();
    let mut order = page["orders"][position].take();
    let rest: Map<String, Value> = serde_json::from_str(&format!("{{{rest}}}")).unwrap();
    order.as_object_mut().unwrap().extend(rest);
    read(order.to_string().as_bytes()).unwrap()
}

/// An order of one good that has only these items, as of a minute of an hour.
fn listed(status: &str, minute: u32, items: &str) -> wire::Order {
    let rest = format!(
        r#""status":"{status}","substatus":"","updateDate":"2026-11-22T12:{minute:02}:00+03:00","items":[{items}]"#
    );
    sample(0, &rest)
}

fn item(count: u32, statuses: &str) -> String {
    format!(r#"{{"id":1,"offerId":"TEA-1","offerName":"Green tea","count":{count}{statuses}}}"#)
}

fn units(statuses: &[(&str, u32)]) -> String {
    let each: Vec<_> =
        statuses.iter().map(|(status, count)| format!(r#"{{"status":"{status}","count":{count}}}"#)).collect();
    format!(r#","itemStatuses":[{}]"#, each.join(","))
}

fn told(order: &wire::Order) -> OrderState {
    told_at(order, now())
}

fn told_at(order: &wire::Order, read_at: Timestamp) -> OrderState {
    let (told, parts) = super::order(order, None, read_at).unwrap();
    assert_eq!(parts, []);
    told.orders[0].1.clone()
}

fn merged(orders: &[wire::Order]) -> OrderState {
    orders.iter().fold(OrderState::default(), |known, order| known.merged(&told(order)))
}

fn delta(state: OrderState) -> Delta {
    let connection = ConnectionId::new("market").unwrap();
    let mut order = Order::unknown(OrderKey::new(connection, OrderId::new("1").unwrap()), Cause::new("c").unwrap());
    for line in state.lines.keys() {
        let sku = Sku::new("TEA").unwrap();
        let take = Take { sku: sku.clone(), location: LocationId::new("almaty").unwrap(), quantity: 1 };
        order.mapped.insert(line.clone(), Mapped { sku, takes: vec![take], left_before: 0 });
    }
    order.state = state;
    effect(&order).stock.into_values().next().unwrap_or_default()
}

fn reserves(units: i64) -> Delta {
    Delta { on_hand: 0, reserved: units }
}

fn took(units: i64) -> Delta {
    Delta { on_hand: -units, reserved: 0 }
}

#[test]
fn an_order_reserves_from_its_first_status_on_and_its_goods_leave_with_the_courier() {
    for (status, expected) in [
        ("PLACING", reserves(3)),
        ("RESERVED", reserves(3)),
        ("UNPAID", reserves(3)),
        ("PENDING", reserves(3)),
        ("PROCESSING", reserves(3)),
        ("DELIVERY", took(3)),
        ("PICKUP", took(3)),
        ("DELIVERED", took(3)),
        ("PARTIALLY_RETURNED", took(3)),
        ("RETURNED", took(3)),
        ("CANCELLED", reserves(0)),
        ("UNKNOWN", reserves(3)),
        ("OF_TOMORROW", reserves(3)),
    ] {
        assert_eq!(delta(told(&listed(status, 0, &item(3, "")))), expected, "{status}");
    }
    assert_eq!(delta(told(&sample(1, r#""status":"PROCESSING","substatus":"SHIPPED""#))), took(2));
}

#[test]
fn an_order_is_sold_from_the_connections_own_warehouse() {
    let warehouse = WarehouseId::new("50001").unwrap();
    let (told, _) = super::order(&sample(0, ""), Some(&warehouse), now()).unwrap();
    let state = &told.orders[0].1;
    assert_eq!(state.warehouse.as_ref(), Some(&warehouse), "not the one of the seller's numbering");
    assert_eq!(state.placed_at(), Some(at("2026-11-22T09:30:00Z")));
    assert_eq!(state.total.unwrap().to_string(), "1589.50 RUB");
    assert_eq!(told.contact, None);
}

#[test]
fn a_cancel_before_shipment_frees_and_one_after_it_does_not() {
    let order = |status, minute| listed(status, minute, &item(3, ""));
    assert_eq!(delta(merged(&[order("PROCESSING", 1), order("CANCELLED", 2)])), reserves(0));
    assert_eq!(delta(merged(&[order("CANCELLED", 2), order("PROCESSING", 1)])), reserves(0), "in any order");
    assert_eq!(delta(merged(&[order("DELIVERY", 1), order("CANCELLED", 2)])), took(3));
    assert_eq!(delta(told(&sample(2, r#""substatus":"PICKUP_EXPIRED""#))), took(1), "nobody came for it");
    let refused = listed("CANCELLED", 1, &item(3, &units(&[("REJECTED", 3)])));
    assert_eq!(delta(told(&refused)), took(3), "though nothing was heard of the delivery");
}

#[test]
fn a_part_that_is_called_off_is_freed_whether_its_units_are_still_counted_or_not() {
    let whole = listed("PROCESSING", 1, &item(3, ""));
    for fewer in [
        item(2, ""),
        item(2, &units(&[("CREATED", 2)])),
        item(2, &units(&[("CREATED", 2), ("CANCELLED", 1)])),
        item(3, &units(&[("CREATED", 2), ("CANCELLED", 1)])),
    ] {
        assert_eq!(delta(merged(&[whole.clone(), listed("PROCESSING", 2, &fewer)])), reserves(2), "{fewer}");
        assert_eq!(delta(merged(&[listed("PROCESSING", 2, &fewer), whole.clone()])), reserves(2), "the later counts");
    }
}

#[test]
fn a_good_that_an_order_lists_no_more_is_freed() {
    let other = r#"{"id":2,"offerId":"TEA-2","count":1}"#;
    let both = listed("PROCESSING", 1, &format!("{},{other}", item(3, "")));
    assert_eq!(delta(merged(&[both.clone(), listed("PROCESSING", 2, other)])), reserves(1));
    let units = format!("{},{other}", item(0, ""));
    assert_eq!(delta(merged(&[both, listed("PROCESSING", 2, &units)])), reserves(1));
}

#[test]
fn what_a_delivered_order_lists_no_more_does_not_come_back_by_that() {
    let whole = listed("DELIVERY", 1, &item(3, ""));
    for status in ["DELIVERED", "PARTIALLY_RETURNED", "RETURNED"] {
        assert_eq!(delta(merged(&[whole.clone(), listed(status, 2, &item(1, ""))])), took(3), "{status}");
        let rejected = item(1, &units(&[("DELIVERED_TO_BUYER", 1), ("REJECTED", 1), ("RETURNED", 1)]));
        assert_eq!(delta(merged(&[whole.clone(), listed(status, 2, &rejected)])), took(3), "{status}");
    }
}

#[test]
fn an_undocumented_status_changes_nothing_beyond_reserving() {
    let whole = listed("PROCESSING", 1, &item(3, ""));
    for status in ["UNKNOWN", "OF_TOMORROW"] {
        let later = listed(status, 2, &item(1, &units(&[("SHIPPED", 1)])));
        assert_eq!(delta(merged(&[whole.clone(), later])), reserves(3), "{status}");
    }
}

#[test]
fn without_the_time_of_a_change_a_part_is_called_off_when_two_readings_say_so() {
    let order = |count| sample(0, &format!(r#""updateDate":null,"items":[{}]"#, item(count, "")));
    let minutes = |minutes: u64| now().plus(std::time::Duration::from_mins(minutes));
    let once = told_at(&order(3), minutes(0)).merged(&told_at(&order(2), minutes(1)));
    assert_eq!(delta(once.clone()), reserves(3));
    assert_eq!(delta(once.merged(&told_at(&order(2), minutes(2)))), reserves(2));
}

#[test]
fn a_good_that_is_listed_twice_is_one_line() {
    let state = told(&listed("PROCESSING", 1, &format!("{0},{0}", item(2, ""))));
    assert_eq!((state.lines.len(), delta(state)), (1, reserves(4)));
}

#[test]
fn a_good_that_can_not_be_read_costs_itself_and_is_named() {
    let whole = listed("PROCESSING", 1, &item(3, ""));
    let long = "x".repeat(129);
    for spoilt in [
        r#"{"offerId":"TEA-2","count":"many"}"#.to_owned(),
        r#"{"offerId":"TEA-2","count":-1}"#.to_owned(),
        r#"{"offerId":null,"count":1}"#.to_owned(),
        format!(r#"{{"offerId":"{long}","count":1}}"#),
    ] {
        let order = listed("PROCESSING", 2, &format!("{spoilt},{}", item(1, "")));
        let (told, parts) = super::order(&order, None, now()).unwrap();
        assert!(matches!(&parts[..], [one] if one.order == "501"), "{parts:?}");
        let known = super::tests::told(&whole).merged(&told.orders[0].1);
        assert_eq!(delta(known), reserves(3), "nobody knows what is still wanted: {spoilt}");
        assert_eq!(told.orders[0].1.total, None);
    }
}

#[test]
fn an_order_that_lists_no_goods_frees_none_and_is_told_of() {
    let whole = listed("PROCESSING", 1, &item(3, ""));
    let (empty, parts) = super::order(&listed("PROCESSING", 2, ""), None, now()).unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(delta(told(&whole).merged(&empty.orders[0].1)), reserves(3));
    let (_, parts) = super::order(&listed("CANCELLED", 2, ""), None, now()).unwrap();
    assert_eq!(parts, [], "of one that was called off none are wanted");
}

#[test]
fn a_field_that_an_order_can_do_without_does_not_cost_it() {
    for rest in [
        r#""creationDate":7,"updateDate":{},"prices":[],"programType":null,"substatus":7"#,
        r#""prices":{"payment":{"value":"many","currencyId":7}},"fake":null,"delivery":7"#,
        r#""prices":{"payment":{"value":1,"currencyId":"roubles"}}"#,
        r#""items":[{"offerId":"TEA-1","count":"3","itemStatuses":[{"status":7,"count":[]}]}]"#,
    ] {
        let order = sample(0, &format!(r#""items":[{}],{rest}"#, item(3, "")));
        assert_eq!(delta(told(&order)), reserves(3), "{rest}");
    }
}

#[test]
fn tests_and_what_lies_at_the_markets_are_none_of_ours() {
    assert!(is_ours(&sample(0, "")) && is_ours(&sample(1, "")));
    for rest in [r#""fake":true"#, r#""programType":"FBY""#, r#""programType":"LAAS""#] {
        assert!(!is_ours(&sample(0, rest)), "{rest}");
    }
}

#[test]
fn returns_are_asked_for_of_what_has_left_or_was_called_off() {
    for (status, may) in
        [("PROCESSING", false), ("UNKNOWN", false), ("PICKUP", true), ("DELIVERED", true), ("CANCELLED", true)]
    {
        assert_eq!(may_come_back(&listed(status, 1, &item(1, ""))), may, "{status}");
    }
}

#[test]
fn what_is_back_joins_the_line_that_was_sold() {
    let page: wire::Answer<wire::Returns> = read(include_str!("../samples/returns.json").as_bytes()).unwrap();
    let back = super::super::returns::returns(&page.result.returns.sorted().0);
    let (id, returned) = &back.told[0].orders[0];
    assert_eq!((back.told.len(), id.as_str()), (1, "502"));
    assert_eq!(delta(told(&sample(1, ""))), took(2));
    assert_eq!(delta(told(&sample(1, "")).merged(returned)), took(1));
}
