use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::stock::{Level, Tally, Terms};

fn key(id: &str) -> OrderKey {
    OrderKey::new(ConnectionId::new("ozon-main").unwrap(), OrderId::new(id).unwrap())
}

fn article(text: &str) -> Article {
    Article::new(text).unwrap()
}

fn line_id(number: usize) -> LineId {
    LineId::new(format!("line-{number}")).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// An order whose lines are mapped to a SKU each, two units of it in one unit sold.
fn order(state: OrderState) -> Order {
    let mut order = Order::unknown(key("1"), Cause::new("event").unwrap());
    for number in 0..3 {
        let sku = Sku::new(format!("SKU-{number}")).unwrap();
        let take = Take { sku: sku.clone(), location: LocationId::new("almaty").unwrap(), quantity: 2 };
        order.mapped.insert(line_id(number), Mapped { sku, takes: vec![take], left_before: 0 });
    }
    order.state = state;
    order
}

fn one_line(ordered: u32) -> OrderState {
    let line = LineState::ordered([article("a")], ordered);
    OrderState { lines: BTreeMap::from([(line_id(0), line)]), ..OrderState::default() }
}

fn delta(state: OrderState) -> Delta {
    effect(&order(state)).stock.into_values().next().unwrap_or_default()
}

#[test]
fn an_order_reserves_what_it_takes() {
    assert_eq!(delta(one_line(3)), Delta { on_hand: 0, reserved: 6 });
}

#[test]
fn a_cancel_that_arrives_before_its_order_reserves_nothing() {
    let mut state = OrderState::default().with(Milestone::Cancelled, at(2));
    state.merge(&one_line(3));
    assert_eq!(delta(state), Delta::default());
}

#[test]
fn shipping_turns_the_reservation_into_a_decrement_and_a_return_brings_it_back() {
    let shipped = one_line(3).with(Milestone::Shipped, at(2));
    assert_eq!(delta(shipped.clone()), Delta { on_hand: -6, reserved: 0 });
    let refused = shipped.with(Milestone::Cancelled, at(3));
    assert_eq!(delta(refused.clone()), Delta { on_hand: -6, reserved: 0 }, "the goods are not back yet");
    assert_eq!(delta(refused.with(Milestone::Returned, at(4))), Delta::default());
}

#[test]
fn what_had_left_before_the_stock_was_counted_does_not_leave_it_again_but_may_come_back() {
    let history = |state| {
        let mut order = order(state);
        order.mapped.get_mut(&line_id(0)).unwrap().left_before = 3;
        effect(&order).stock.into_values().next().unwrap_or_default()
    };
    let shipped = one_line(3).with(Milestone::Shipped, at(2));
    assert_eq!(history(shipped.clone()), Delta::default());
    assert_eq!(history(shipped.with(Milestone::Returned, at(3))), Delta { on_hand: 6, reserved: 0 });
}

#[test]
fn a_partial_cancel_is_seen_in_what_is_still_wanted() {
    let mut state = one_line(3);
    let mut fewer = one_line(1);
    fewer.lines.get_mut(&line_id(0)).unwrap().kept = Some(1);
    state.merge(&fewer);
    assert_eq!(delta(state.clone()), Delta { on_hand: 0, reserved: 2 });
    assert_eq!(delta(state.with(Milestone::Shipped, at(9))), Delta { on_hand: -2, reserved: 0 });
}

#[test]
fn a_line_that_a_later_list_leaves_out_is_cancelled() {
    let mut state = one_line(3);
    state.merge(&OrderState { listed_at: Some(at(5)), ..OrderState::default() });
    assert_eq!(delta(state), Delta::default());
}

#[test]
fn listing_the_same_lines_again_is_no_news_and_leaving_one_out_is() {
    let listed = |when: i64, lines: &[usize]| {
        let line =
            |number: &usize| (line_id(*number), LineState { listed_at: Some(at(when)), ..LineState::ordered([], 1) });
        OrderState { listed_at: Some(at(when)), lines: lines.iter().map(line).collect(), ..OrderState::default() }
    };
    let known = listed(1, &[0, 1]);
    assert!(!known.is_news(&known.merged(&listed(2, &[0, 1]))));
    assert!(known.is_news(&known.merged(&listed(2, &[0]))));
    assert!(known.is_news(&known.merged(&listed(2, &[0, 1, 2]))));
}

#[test]
fn a_split_moves_the_reservation() {
    let mut parent = one_line(3);
    parent.lines.get_mut(&line_id(0)).unwrap().moved.insert(OrderId::new("2").unwrap(), 2);
    assert_eq!(delta(parent), Delta { on_hand: 0, reserved: 2 });
}

#[test]
fn a_posting_split_off_is_no_new_sale_of_the_channel() {
    let warehouse = WarehouseId::new("7").ok();
    let sold = |parent| {
        let state = OrderState { warehouse: warehouse.clone(), parent, ..one_line(3) };
        effect(&order(state)).own.into_values().next().map(|own| own.sold)
    };
    assert_eq!(sold(None), Some(3));
    assert_eq!(sold(OrderId::new("parent").ok()), None);
}

#[test]
fn a_sale_that_is_heard_of_late_leaves_doubt() {
    let warehouse = WarehouseId::new("7").ok();
    let late = effect(&order(OrderState { warehouse, ..one_line(3) })).heard_late();
    assert_eq!(late.own.into_values().collect::<Vec<_>>(), [Tally { sold: 3, freed: 0, late: 3 }]);
}

#[test]
fn an_unmapped_line_takes_nothing_and_is_listed() {
    let mut unmapped = order(one_line(3));
    unmapped.mapped.clear();
    assert_eq!(effect(&unmapped), Effect::default());
    assert_eq!(unmapped.unmapped().count(), 1);
}

fn any_line() -> impl Strategy<Value = LineState> {
    let counters = (0_u32..4, 0_u32..4, 0_u32..4, 0_u32..4);
    let rest =
        (proptest::option::of(0_u32..4), proptest::option::of(0_i64..4), proptest::option::of((0_usize..2, 0_u32..3)));
    (counters, rest, 0_usize..3).prop_map(|((ordered, cancelled, shipped, returned), (kept, listed, moved), name)| {
        LineState {
            articles: [article(&format!("a{name}"))].into(),
            ordered,
            cancelled,
            shipped,
            returned,
            kept,
            moved: moved
                .into_iter()
                .map(|(child, units)| (OrderId::new(format!("c{child}")).unwrap(), units))
                .collect(),
            listed_at: listed.map(at),
        }
    })
}

fn any_report() -> impl Strategy<Value = OrderState> {
    let milestone = prop_oneof![
        Just(Milestone::Placed),
        Just(Milestone::Shipped),
        Just(Milestone::Cancelled),
        Just(Milestone::Returned),
        Just(Milestone::Delivered)
    ];
    let lines = proptest::collection::btree_map((0_usize..3).prop_map(line_id), any_line(), 0..3);
    let milestones = proptest::collection::btree_map(milestone, (0_i64..9).prop_map(at), 0..3);
    (lines, milestones, proptest::option::of((0_i64..4).prop_map(at)))
        .prop_map(|(lines, milestones, listed_at)| OrderState { lines, milestones, listed_at, ..OrderState::default() })
}

fn join<'a>(reports: impl IntoIterator<Item = &'a OrderState>) -> OrderState {
    reports.into_iter().fold(OrderState::default(), |mut known, told| {
        known.merge(told);
        known
    })
}

/// Tells the reports one after another to an order and a stock, as intake does.
fn tell(reports: &[OrderState]) -> (OrderState, BTreeMap<Place, Level>) {
    let mut known = order(OrderState::default());
    let mut stock = BTreeMap::<Place, Level>::new();
    for report in reports {
        let before = effect(&known);
        known.state.merge(report);
        for (place, delta) in effect(&known).since(&before).stock {
            let level = stock.entry(place.clone()).or_insert_with(|| level(place));
            level.apply(Terms::Sold, delta).unwrap();
        }
    }
    stock.retain(|_, level| level.on_hand != 100 || level.reserved != 0);
    (known.state, stock)
}

fn level(place: Place) -> Level {
    Level {
        place,
        on_hand: 100,
        reserved: 0,
        available: 100,
        version: 1,
        cause: Cause::new("opening").unwrap(),
        changed_at: at(0),
        opened_at: at(0),
        changes: Vec::new(),
        own: BTreeMap::new(),
    }
}

fn numbers(stock: &BTreeMap<Place, Level>) -> Vec<(&Place, i64, i64, i64)> {
    stock.values().map(|level| (&level.place, level.on_hand, level.reserved, level.available)).collect()
}

proptest! {
    #[test]
    fn the_join_is_idempotent_commutative_and_associative(a in any_report(), b in any_report(), c in any_report()) {
        prop_assert_eq!(a.merged(&a), a.clone());
        prop_assert_eq!(a.merged(&b), b.merged(&a));
        prop_assert_eq!(a.merged(&b).merged(&c), a.merged(&b.merged(&c)));
    }

    #[test]
    fn any_order_of_the_reports_and_any_repetition_ends_in_the_same_state_and_stock(
        reports in proptest::collection::vec(any_report(), 1..6),
        shuffle in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let (state, stock) = tell(&reports);
        let mut again: Vec<_> = shuffle.iter().map(|index| index.get(&reports).clone()).collect();
        again.extend(reports.iter().rev().cloned());
        let (state_again, stock_again) = tell(&again);
        prop_assert_eq!(&state_again, &state);
        prop_assert_eq!(numbers(&stock_again), numbers(&stock));
    }

    #[test]
    fn some_of_the_reports_and_then_the_rest_come_to_the_whole(reports in proptest::collection::vec(any_report(), 1..6), cut in any::<prop::sample::Index>()) {
        let (early, late) = reports.split_at(cut.index(reports.len()));
        prop_assert_eq!(join(early).merged(&join(late)), join(&reports));
    }

    #[test]
    fn the_three_numbers_of_a_level_always_agree(reports in proptest::collection::vec(any_report(), 1..8)) {
        for level in tell(&reports).1.values() {
            prop_assert_eq!(level.available, level.on_hand - level.reserved);
            prop_assert!(level.reserved >= 0);
        }
    }

    #[test]
    fn a_hold_is_granted_only_if_available_and_a_sale_always(available in -5_i64..10, units in 1_i64..10) {
        let place = Place { sku: Sku::new("S").unwrap(), location: LocationId::new("almaty").unwrap() };
        let start = Level { on_hand: available, available, ..level(place) };
        let delta = Delta { on_hand: 0, reserved: units };
        let (mut held, mut sold) = (start.clone(), start.clone());
        prop_assert_eq!(held.apply(Terms::Hold, delta).is_ok(), units <= available);
        prop_assert!(held.available >= available.min(0));
        prop_assert!(sold.apply(Terms::Sold, delta).is_ok());
        prop_assert_eq!(sold.available, available - units);
    }
}
