use std::collections::{BTreeMap, BTreeSet};

use edin_domain::order::{Mapped, Order, OrderKey, Take, effect};
use edin_domain::stock::Delta;
use edin_domain::{Cause, ConnectionId, LocationId, Money, Sku};

use super::*;
use crate::kit::tolerant::read;

const SAMPLE: &str = include_str!("../samples/orders.json");

const READ: i64 = 1_760_200_000_000;
const TAKEN: i64 = 1_760_080_000_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn sample() -> (wire::OrderResource, Vec<wire::Entry>) {
    let page: wire::Orders = read(SAMPLE.as_bytes()).unwrap();
    (page.data.sorted().0.remove(0), page.included.sorted().0)
}

fn basket(entries: Vec<wire::Entry>) -> Basket {
    Basket { entries, left_out: Vec::new() }
}

/// An order with a status, and what else its attributes say.
fn resource(status: &str, more: &str) -> wire::OrderResource {
    let attributes = format!(r#"{{"code":"1","status":"{status}","creationDate":1{more}}}"#);
    read(format!(r#"{{"id":"x","attributes":{attributes}}}"#).as_bytes()).unwrap()
}

fn entries(goods: &[(&str, &str)]) -> Vec<wire::Entry> {
    let entry = |(sku, quantity): &(&str, &str)| {
        let json = format!(r#"{{"id":"e","attributes":{{"offer":{{"code":"{sku}"}},"quantity":{quantity}}}}}"#);
        read(json.as_bytes()).unwrap()
    };
    goods.iter().map(entry).collect()
}

fn state(resource: &wire::OrderResource, goods: &[(&str, &str)], read_at: i64) -> OrderState {
    order(resource, basket(entries(goods)), at(read_at)).unwrap().0.orders.remove(0).1
}

/// What a state does to the stock, by SKU.
fn deltas(state: OrderState) -> Vec<(String, i64, i64)> {
    let key = OrderKey::new(ConnectionId::new("kaspi-main").unwrap(), OrderId::new("1").unwrap());
    let mut order = Order::unknown(key, Cause::new("poll").unwrap());
    for line in state.lines.keys() {
        let sku = Sku::new(line.as_str()).unwrap();
        let take = Take { sku: sku.clone(), location: LocationId::new("almaty").unwrap(), quantity: 1 };
        order.mapped.insert(line.clone(), Mapped { sku, takes: vec![take], left_before: 0 });
    }
    order.state = state;
    let stock = effect(&order).stock.into_iter();
    stock.map(|(place, delta): (_, Delta)| (place.sku.to_string(), delta.on_hand, delta.reserved)).collect()
}

#[test]
fn an_order_tells_its_lines_its_warehouse_its_sum_and_its_milestones() {
    let (resource, entries) = sample();
    let (told, left_out) = order(&resource, basket(entries), at(READ)).unwrap();
    assert_eq!(left_out, []);
    let (id, state) = &told.orders[0];
    let line = LineState {
        articles: BTreeSet::from([Article::new("SKU1").unwrap()]),
        ordered: 1,
        kept: Some(1),
        listed_at: Some(at(READ).into()),
        ..LineState::default()
    };
    assert_eq!(id.as_str(), "100200300");
    assert_eq!(state.warehouse, Some(WarehouseId::new("30000001_PP1").unwrap()));
    assert_eq!(state.lines, BTreeMap::from([(LineId::new("SKU1").unwrap(), line)]));
    assert_eq!(state.listed_at, Some(at(READ).into()));
    assert_eq!(state.total, Some(Money::new(1_599_000, Currency::KZT)));
    assert_eq!(
        state.milestones,
        BTreeMap::from([
            (Milestone::Placed, at(1_760_000_000_000)),
            (Milestone::Paid, at(1_760_000_001_000)),
            (Milestone::Accepted, at(READ)),
        ])
    );
}

#[test]
fn a_masked_telephone_number_is_told_as_it_is_and_names_nobody() {
    let (resource, entries) = sample();
    let contact = order(&resource, basket(entries), at(READ)).unwrap().0.contact.unwrap();
    assert_eq!(contact.phone.as_ref().unwrap().reveal(), "7000000000");
    assert_eq!(contact.name.as_ref().unwrap().reveal(), "A B");
    assert_eq!(contact.address.as_ref().unwrap().reveal(), "Алматы, улица Наурызбай батыра, 154А");
    let kinds: Vec<_> =
        contact.identities("kaspi", |text| Some(text.to_owned())).into_iter().map(|(kind, _)| kind.name()).collect();
    assert_eq!(kinds, ["buyer"]);
    assert!(!format!("{:?}", resource.attributes.customer).contains("cGlp"), "personal, and printed");
}

#[test]
fn a_status_means_this_for_three_pieces() {
    let courier = r#","isKaspiDelivery":true,"kaspiDelivery":{"courierTransmissionDate":1760080000000}"#;
    let brought = r#","isKaspiDelivery":true,
        "kaspiDelivery":{"courierTransmissionDate":1760080000000,"returnedToWarehouse":true}"#;
    let kaspi = r#","isKaspiDelivery":true,"kaspiDelivery":null"#;
    let own = r#","isKaspiDelivery":false"#;
    let (reserved, gone, nothing) = (Some((0, 3)), Some((-3, 0)), None);
    for (status, more, means) in [
        ("APPROVED_BY_BANK", kaspi, reserved),
        ("APPROVED_BY_BANK", own, reserved),
        ("ACCEPTED_BY_MERCHANT", kaspi, reserved),
        ("ACCEPTED_BY_MERCHANT", courier, gone),
        ("ACCEPTED_BY_MERCHANT", own, reserved),
        ("COMPLETED", courier, gone),
        ("COMPLETED", kaspi, gone),
        ("COMPLETED", own, gone),
        ("CANCELLING", kaspi, reserved),
        ("CANCELLING", courier, gone),
        ("CANCELLING", brought, nothing),
        ("CANCELLED", kaspi, nothing),
        ("CANCELLED", own, nothing),
        ("CANCELLED", courier, gone),
        ("CANCELLED", brought, nothing),
        ("KASPI_DELIVERY_RETURN_REQUESTED", courier, gone),
        ("KASPI_DELIVERY_RETURN_REQUESTED", kaspi, gone),
        ("KASPI_DELIVERY_RETURN_REQUESTED", brought, nothing),
        ("RETURN_ACCEPTED_BY_MERCHANT", courier, gone),
        ("RETURNED", courier, gone),
        ("RETURNED", brought, nothing),
        ("RETURNED", own, nothing),
        ("FROZEN_BY_KASPI", kaspi, reserved),
        ("FROZEN_BY_KASPI", courier, gone),
    ] {
        let found = deltas(state(&resource(status, more), &[("SKU1", "3")], READ));
        let expected: Vec<_> = means.map(|(on_hand, held)| ("SKU1".to_owned(), on_hand, held)).into_iter().collect();
        assert_eq!(found, expected, "{status}{more}");
    }
}

#[test]
fn goods_left_when_the_courier_took_them_or_at_the_latest_when_the_buyer_had_them() {
    let left = |more| state(&resource("COMPLETED", more), &[], READ).milestones.get(&Milestone::Shipped).copied();
    let courier = r#","completionDate":1760100000000,"kaspiDelivery":{"courierTransmissionDate":1760080000000}"#;
    assert_eq!(left(courier), Some(at(TAKEN)));
    assert_eq!(left(r#","completionDate":1760100000000"#), Some(at(1_760_100_000_000)));
    assert_eq!(left(""), Some(at(READ)));
}

#[test]
fn a_partial_cancel_shows_in_fewer_pieces_and_in_a_line_that_is_gone_once_told_twice() {
    let accepted = resource("ACCEPTED_BY_MERCHANT", "");
    let mut known = state(&accepted, &[("SKU1", "3"), ("SKU2", "1")], 1);
    let whole = deltas(known.clone());
    known.merge(&state(&accepted, &[("SKU1", "2")], 2));
    assert_eq!(deltas(known.clone()), whole, "Kaspi counts no edits: one list alone may lack something by mistake");
    known.merge(&state(&accepted, &[("SKU1", "2")], 3));
    assert_eq!(deltas(known.clone()), [("SKU1".to_owned(), 0, 2)]);
    known.merge(&state(&accepted, &[("SKU1", "3"), ("SKU2", "1")], 1));
    assert_eq!(deltas(known.clone()), [("SKU1".to_owned(), 0, 2)], "an answer that comes late changes nothing");
    known.merge(&state(&resource("COMPLETED", ""), &[("SKU1", "2")], 4));
    assert_eq!(deltas(known), [("SKU1".to_owned(), -2, 0)]);
}

#[test]
fn what_a_called_off_order_still_lists_brings_nothing_back() {
    let courier = r#","kaspiDelivery":{"courierTransmissionDate":2}"#;
    let mut known = state(&resource("ACCEPTED_BY_MERCHANT", courier), &[("SKU1", "2")], 2);
    for goods in [&[("SKU1", "0")], [].as_slice()] {
        (3..5).for_each(|at| known.merge(&state(&resource("CANCELLED", courier), goods, at)));
        assert_eq!(deltas(known.clone()), [("SKU1".to_owned(), -2, 0)]);
    }
}

#[test]
fn an_order_called_off_on_its_way_took_what_it_lists() {
    let courier = r#","kaspiDelivery":{"courierTransmissionDate":2}"#;
    let mut known = state(&resource("ACCEPTED_BY_MERCHANT", ""), &[("SKU1", "2")], 1);
    known.merge(&state(&resource("CANCELLED", courier), &[("SKU1", "1")], 3));
    known.merge(&state(&resource("CANCELLED", courier), &[("SKU1", "1")], 4));
    assert_eq!(deltas(known), [("SKU1".to_owned(), -1, 0)], "one never left, and nobody had told");
}

#[test]
fn an_order_without_its_entries_cancels_no_line() {
    let accepted = resource("ACCEPTED_BY_MERCHANT", "");
    let mut known = state(&accepted, &[("SKU1", "2")], 1);
    known.merge(&state(&accepted, &[], 2));
    assert_eq!(deltas(known), [("SKU1".to_owned(), 0, 2)]);
}

#[test]
fn entries_of_one_good_add_up() {
    let told = state(&resource("APPROVED_BY_BANK", ""), &[("SKU1", "2"), ("SKU1", "1.0")], READ);
    assert_eq!(deltas(told), [("SKU1".to_owned(), 0, 3)]);
}

#[test]
fn a_line_that_can_not_be_counted_costs_itself_and_is_named() {
    for (quantity, reason) in [
        ("0.5", r#"the line e: quantity "0.5": it is not a whole number of pieces"#),
        ("null", r#"the line e: quantity "": it is not a whole number of pieces"#),
    ] {
        for goods in [[("BAD", quantity), ("SKU1", "2")], [("SKU1", "2"), ("BAD", quantity)]] {
            let read = order(&resource("APPROVED_BY_BANK", ""), basket(entries(&goods)), at(READ)).unwrap();
            assert_eq!(read.1, [LeftOut::of("1", &reason)]);
            assert_eq!(deltas(read.0.orders[0].1.clone()), [("SKU1".to_owned(), 0, 2)]);
        }
    }
}

#[test]
fn a_line_that_can_not_be_read_is_not_taken_for_one_that_is_gone() {
    let accepted = resource("ACCEPTED_BY_MERCHANT", "");
    let mut known = state(&accepted, &[("SKU1", "3"), ("SKU2", "1")], 1);
    known.merge(&state(&accepted, &[("SKU1", "3"), ("SKU2", "0.5")], 2));
    known.merge(&state(&accepted, &[("SKU1", "3"), ("", "1")], 3));
    let of_goods = |known: &OrderState| -> Vec<_> {
        deltas(known.clone()).into_iter().filter(|(sku, ..)| sku.starts_with("SKU")).collect()
    };
    let both = [("SKU1".to_owned(), 0, 3), ("SKU2".to_owned(), 0, 1)];
    assert_eq!(of_goods(&known), both);
    known.merge(&state(&accepted, &[("SKU1", "3"), ("SKU2", "1")], 4));
    assert_eq!(deltas(known), both, "and the line that had no name is gone once it has one");
}

#[test]
fn a_line_that_names_no_good_waits() {
    let (told, left_out) = order(&resource("APPROVED_BY_BANK", ""), basket(entries(&[("", "1")])), at(READ)).unwrap();
    assert_eq!(left_out, [LeftOut::of("1", &"the line e names no good")]);
    let (_, state) = &told.orders[0];
    let articles: Vec<_> = state.lines.values().flat_map(|line| &line.articles).map(Article::as_str).collect();
    assert_eq!((articles, state.listed_at), (vec!["entry:e"], None));
}

#[test]
fn an_order_may_name_whatever_an_import_takes() {
    for name in ["A#1", " SKU1 ", "ЧАЙ 500 г", &"x".repeat(128)] {
        let told = state(&resource("APPROVED_BY_BANK", ""), &[(name, "1")], READ);
        let articles: Vec<_> = told.lines.values().flat_map(|line| &line.articles).map(Article::as_str).collect();
        assert_eq!(articles, [name.trim()]);
    }
}

#[test]
fn a_field_that_an_order_can_do_without_does_not_cost_it() {
    let sample = SAMPLE.replace('\n', "");
    let (good, _) = sample_of(&sample);
    for (field, spoilt) in [
        (r#""cellPhone":"7000000000""#, r#""cellPhone":7071234567"#),
        (r#""customer":{"#, r#""customer":7,"was":{"#),
        (r#""formattedAddress":"#, r#""formattedAddress":[],"was":"#),
        (r#""totalPrice":15990.0"#, r#""totalPrice":{}"#),
        (r#""creationDate":1760000000000"#, r#""creationDate":"yesterday""#),
        (r#""express":false"#, r#""express":7,"courierTransmissionDate":null"#),
        (r#""name":"…""#, r#""name":7"#),
    ] {
        let (read, left_out) = sample_of(&sample.replace(field, spoilt));
        assert_eq!((&read.orders[0].1.lines, left_out), (&good.orders[0].1.lines, vec![]), "{field}");
    }
    let (numbered, _) = sample_of(&sample.replace(r#""cellPhone":"7000000000""#, r#""cellPhone":7071234567"#));
    assert_eq!(numbered.contact.unwrap().phone.unwrap().reveal(), "7071234567");
}

fn sample_of(page: &str) -> (Told, Vec<LeftOut>) {
    let page: wire::Orders = read(page.as_bytes()).unwrap();
    let (orders, spoilt) = page.data.sorted();
    assert_eq!(spoilt, []);
    order(&orders[0], basket(page.included.sorted().0), at(READ)).unwrap()
}

#[test]
fn goods_that_the_courier_took_at_a_time_that_can_not_be_read_have_left() {
    let courier = r#","isKaspiDelivery":true,"kaspiDelivery":{"courierTransmissionDate":"2020-09-01 10:00:00"}"#;
    let told = state(&resource("CANCELLED", courier), &[("SKU1", "2")], READ);
    assert_eq!(deltas(told), [("SKU1".to_owned(), -2, 0)]);
}

#[test]
fn only_an_order_that_waits_for_it_is_accepted() {
    let accepted = acceptance(&resource("APPROVED_BY_BANK", r#","signatureRequired":false"#)).unwrap();
    let attributes = json!({ "code": "1", "status": "ACCEPTED_BY_MERCHANT" });
    assert_eq!(accepted, json!({ "data": { "type": "orders", "id": "x", "attributes": attributes } }));
    for (status, more) in [
        ("APPROVED_BY_BANK", r#","signatureRequired":true"#),
        ("APPROVED_BY_BANK", r#","signatureRequired":"perhaps""#),
        ("ACCEPTED_BY_MERCHANT", ""),
        ("CANCELLED", ""),
        ("FROZEN_BY_KASPI", ""),
    ] {
        assert_eq!(acceptance(&resource(status, more)), None, "{status}{more}");
    }
}
