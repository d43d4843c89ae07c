use edin_domain::order::{Mapped, Order, OrderKey, Take, effect};
use edin_domain::stock::Delta;
use edin_domain::{Cause, ConnectionId, LocationId, Sku};
use serde_json::{Map, Value};

use super::*;
use crate::kit::tolerant::read;

const PART_PUT_BACK: &str = include_str!("../samples/order-part-put-back.json");
const CANCELLED: &str = include_str!("../samples/order-cancelled.json");
const TRASHED: &str = include_str!("../samples/order-trashed.json");

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn shop() -> WarehouseId {
    WarehouseId::new("shop").unwrap()
}

/// The first order of a page, with what `rest` says instead.
fn sample(page: &str, rest: &str) -> wire::Order {
    let mut page: Value = serde_json::from_str(page).unwrap();
    let mut order = page[0].take();
    let rest: Map<String, Value> = serde_json::from_str(&format!("{{{rest}}}")).unwrap();
    order.as_object_mut().unwrap().extend(rest);
    read(order.to_string().as_bytes()).unwrap()
}

/// An order of a status that changed at a second of a minute, and of these lines.
fn listed(status: &str, second: u32, lines: &str) -> wire::Order {
    let rest =
        format!(r#""status":"{status}","date_modified_gmt":"2026-11-28T10:00:{second:02}","line_items":[{lines}]"#);
    sample(PART_PUT_BACK, &rest)
}

fn completed(second: u32, lines: &str) -> wire::Order {
    let mut order = listed("completed", second, lines);
    order.date_completed_gmt = wire::Utc(Some(at("2026-11-28T10:00:10Z")));
    order
}

/// A line of a product's units, of which some were put back.
fn line(id: u32, quantity: u32, put_back: u32) -> String {
    let note = format!(r#"{{"id":1,"key":"_restock_refunded_items","value":"{put_back}"}}"#);
    let notes = if put_back > 0 { note } else { String::new() };
    format!(r#"{{"id":{id},"product_id":28,"variation_id":0,"quantity":{quantity},"sku":"CUP","meta_data":[{notes}]}}"#)
}

fn told_at(order: &wire::Order, read_at: Timestamp) -> OrderState {
    let (told, parts) = super::order(order, Some(&shop()), read_at).unwrap();
    assert_eq!(parts, []);
    told.orders[0].1.clone()
}

fn told(order: &wire::Order) -> OrderState {
    told_at(order, at("2026-11-28T12:00:00Z"))
}

/// What all of it comes to, told in this order.
fn delta(orders: &[wire::Order]) -> (i64, i64) {
    of_state(orders.iter().fold(OrderState::default(), |known, order| known.merged(&told(order))))
}

/// On hand and reserved, where all lines are of one good.
fn of_state(state: OrderState) -> (i64, i64) {
    let (sku, location) = (Sku::new("CUP").unwrap(), LocationId::new("almaty").unwrap());
    let takes = vec![Take { sku: sku.clone(), location, quantity: 1 }];
    let mapped =
        state.lines.keys().map(|id| (id.clone(), Mapped { sku: sku.clone(), takes: takes.clone(), left_before: 0 }));
    let key = OrderKey::new(ConnectionId::new("shop").unwrap(), OrderId::new("31").unwrap());
    let mapped = mapped.collect();
    let order = Order { mapped, state, ..Order::unknown(key, Cause::new("a").unwrap()) };
    let mut delta = Delta::default();
    effect(&order).stock.into_values().for_each(|one| delta += one);
    (delta.on_hand, delta.reserved)
}

#[test]
fn a_recorded_order_is_told_with_its_goods_its_buyer_and_its_sum() {
    let (told, parts) = order(&sample(PART_PUT_BACK, ""), Some(&shop()), at("2026-11-28T00:00:00Z")).unwrap();
    assert_eq!(parts, []);
    let (id, state) = &told.orders[0];
    assert_eq!((id.as_str(), &state.warehouse), ("31", &Some(shop())));
    let lines: Vec<_> = state
        .lines
        .values()
        .map(|line| (line.articles.iter().map(Article::as_str).collect::<Vec<_>>(), line.ordered, line.kept))
        .collect();
    assert_eq!(lines, [(vec!["EDN-23944", "id:28"], 2, Some(1)), (vec!["V-23945", "id:30"], 1, Some(1))]);
    assert_eq!(state.total.map(|total| total.to_string()).as_deref(), Some("3481.00 RUB"));
    assert_eq!(state.milestones[&Milestone::Placed], at("2026-11-27T23:59:05Z"));
    let contact = told.contact.unwrap();
    assert_eq!(contact.name.unwrap().reveal(), "Иван П");
    assert_eq!(contact.phone.unwrap().reveal(), "+7 999 000-00-01");
}

#[test]
fn what_is_promised_is_reserved_what_is_completed_has_left_and_what_is_called_off_is_free() {
    let all = line(11, 2, 0);
    for (status, expected) in [
        ("pending", (0, 2)),
        ("on-hold", (0, 2)),
        ("processing", (0, 2)),
        ("of-a-plugin", (0, 2)),
        ("completed", (-2, 0)),
        ("refunded", (-2, 0)),
        ("cancelled", (0, 0)),
        ("failed", (0, 0)),
        ("trash", (0, 0)),
    ] {
        assert_eq!(delta(&[listed(status, 1, &all)]), expected, "{status}");
    }
    assert!(!is_order(&listed("checkout-draft", 1, &all)));
}

#[test]
fn an_order_that_was_called_off_and_is_wanted_after_all_is_reserved_again() {
    let all = line(11, 2, 0);
    for off in ["cancelled", "failed", "trash"] {
        let orders = [listed("processing", 1, &all), listed(off, 2, &all), listed("processing", 3, &all)];
        assert_eq!(delta(&orders), (0, 2), "{off}");
        let [first, second, third] = orders;
        assert_eq!(delta(&[third, first, second]), (0, 2), "{off}, told in another order");
    }
}

#[test]
fn an_edit_of_a_price_alone_changes_nothing() {
    let all = line(11, 2, 0);
    let dearer = sample(PART_PUT_BACK, &format!(r#""status":"processing","total":"9999.00","line_items":[{all}]"#));
    assert_eq!(delta(&[listed("processing", 1, &all), dearer]), (0, 2));
}

#[test]
fn lines_are_taken_out_and_come_back_and_units_are_called_off_and_come_back() {
    let (two, both) = (line(11, 2, 0), format!("{},{}", line(11, 2, 0), line(12, 3, 0)));
    assert_eq!(delta(&[listed("on-hold", 1, &both)]), (0, 5));
    assert_eq!(delta(&[listed("on-hold", 1, &both), listed("on-hold", 2, &two)]), (0, 2));
    assert_eq!(delta(&[listed("on-hold", 1, &both), listed("on-hold", 2, &two), listed("on-hold", 3, &both)]), (0, 5));
    let one = line(11, 1, 0);
    assert_eq!(delta(&[listed("on-hold", 1, &two), listed("on-hold", 2, &one)]), (0, 1));
    assert_eq!(delta(&[listed("on-hold", 1, &two), listed("on-hold", 2, &one), listed("on-hold", 3, &two)]), (0, 2));
}

#[test]
fn what_a_refund_puts_back_is_free_before_the_goods_leave_and_back_afterwards() {
    let (all, one_back, two_back) = (line(11, 2, 0), line(11, 2, 1), line(11, 2, 2));
    assert_eq!(delta(&[listed("processing", 1, &all), listed("processing", 2, &one_back)]), (0, 1));
    let shipped = [listed("processing", 1, &all), listed("processing", 2, &one_back), completed(10, &one_back)];
    assert_eq!(delta(&shipped), (-1, 0));
    assert_eq!(delta(&[completed(10, &all), completed(20, &one_back)]), (-1, 0));
    assert_eq!(delta(&[completed(10, &all), listed("refunded", 20, &two_back)]), (0, 0));
    assert_eq!(delta(&[listed("processing", 1, &all), listed("refunded", 2, &two_back)]), (0, 0));
    assert_eq!(delta(&[listed("processing", 1, &all), listed("refunded", 2, &all)]), (-2, 0), "nothing was put back");
}

#[test]
fn an_order_comes_to_the_same_however_much_of_its_way_was_read() {
    let (all, one_back) = (line(11, 2, 0), line(11, 2, 1));
    let way = [
        listed("pending", 1, &all),
        listed("processing", 2, &all),
        listed("processing", 3, &one_back),
        completed(10, &one_back),
    ];
    let whole = delta(&way);
    for read in 0..16_usize {
        let some = (0..4).filter(|at| read & (1 << at) != 0 || *at == 3).map(|at| way[at].clone());
        assert_eq!(delta(&some.collect::<Vec<_>>()), whole, "{read}");
    }
}

#[test]
fn the_recorded_way_of_an_order_ends_where_the_shops_own_number_did() {
    let way = [sample(PART_PUT_BACK, ""), sample(CANCELLED, ""), sample(TRASHED, "")];
    assert_eq!(delta(&way[..1]), (0, 2));
    assert_eq!(delta(&way[..2]), (0, 0));
    assert_eq!(delta(&way), (0, 0));
}

#[test]
fn an_order_that_was_completed_and_thrown_away_stays_gone_and_one_whose_goods_were_put_back_stays_so() {
    let all = line(11, 2, 0);
    let mut trashed = listed("trash", 30, &all);
    trashed.date_completed_gmt = wire::Utc(Some(at("2026-11-28T10:00:10Z")));
    assert_eq!(delta(&[completed(10, &all), trashed.clone()]), (-2, 0));
    let mut cancelled = listed("cancelled", 20, &all);
    cancelled.date_completed_gmt = trashed.date_completed_gmt;
    assert_eq!(delta(&[completed(10, &all), cancelled.clone()]), (0, 0), "the shop puts them back");
    assert_eq!(delta(&[completed(10, &all), cancelled, trashed]), (0, 0));
}

#[test]
fn an_order_that_is_deleted_for_good_is_free_unless_it_had_left() {
    let all = line(11, 2, 0);
    let gone = deleted(OrderId::new("31").unwrap(), at("2026-11-28T12:00:00Z")).orders[0].1.clone();
    assert_eq!(of_state(told(&listed("processing", 1, &all)).merged(&gone)), (0, 0));
    assert_eq!(of_state(told(&completed(10, &all)).merged(&gone)), (-2, 0));
}

#[test]
fn of_two_changes_within_a_second_the_one_that_was_read_later_counts() {
    let all = line(11, 2, 0);
    let (placed, off) = (listed("processing", 5, &all), listed("cancelled", 5, &all));
    let within = |millis: i64| Timestamp::from_millis(at("2026-11-28T10:00:05Z").millis() + millis);
    let (first, second) = (told_at(&placed, within(200)), told_at(&off, within(600)));
    assert_eq!(of_state(first.merged(&second)), (0, 0));
    assert_eq!(of_state(second.merged(&first)), (0, 0));
    // Clocks that differ tell nothing of the order: what is less is believed when it is told twice.
    let (first, second) = (told_at(&placed, within(-9_000)), told_at(&off, within(-8_000)));
    assert_eq!(of_state(first.merged(&second)), (0, 2));
    assert_eq!(of_state(first.merged(&second).merged(&told_at(&off, within(-7_000)))), (0, 0));
}

#[test]
fn an_order_that_is_not_paid_is_reserved_and_not_taken_for_one_that_lowered_the_shops_number() {
    let all = line(11, 2, 0);
    assert_eq!(told(&listed("pending", 1, &all)).warehouse, None);
    assert_eq!(told(&listed("processing", 1, &all)).warehouse, Some(shop()));
}

#[test]
fn a_good_that_can_not_be_read_costs_itself_and_the_word_of_the_list() {
    let bad = r#"{"id":12,"product_id":29,"quantity":"a few"}"#;
    let order = listed("processing", 1, &format!("{},{bad}", line(11, 2, 0)));
    let (told, parts) = super::order(&order, None, at("2026-11-28T12:00:00Z")).unwrap();
    let state = &told.orders[0].1;
    assert_eq!((state.lines.len(), state.listed_at, state.total), (1, None, None));
    assert!(parts[0].order == "31" && parts[0].reason.contains("12"), "{parts:?}");
}

#[test]
fn an_order_that_lists_nothing_frees_nothing_and_is_told_of() {
    let (all, none) = (listed("processing", 1, &line(11, 2, 0)), listed("processing", 2, ""));
    let (empty, parts) = super::order(&none, Some(&shop()), at("2026-11-28T12:00:00Z")).unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(of_state(told(&all).merged(&empty.orders[0].1)), (0, 2));
    let off = super::order(&listed("cancelled", 3, ""), Some(&shop()), at("2026-11-28T12:00:00Z")).unwrap();
    assert_eq!(off.1, []);
    assert_eq!(of_state(told(&all).merged(&off.0.orders[0].1)), (0, 0));
}

#[test]
fn ids_are_read_as_numbers_and_as_texts_and_a_line_of_no_product_takes_nothing() {
    let text = r#"{"id":"11","product_id":"29","variation_id":"30","quantity":"2"}"#;
    let custom = r#"{"id":12,"product_id":0,"variation_id":0,"quantity":1,"sku":null}"#;
    let state = told(&listed("processing", 1, &format!("{text},{custom}")));
    let articles: Vec<_> = state.lines.values().flat_map(|line| &line.articles).map(Article::as_str).collect();
    assert_eq!(articles, ["id:30"]);
}
