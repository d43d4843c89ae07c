use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::stock::{Delta, Place};
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
fn what_is_back_and_unfit_is_no_stock_again() {
    let mut state = one_line(3).with(Milestone::Shipped, at(2));
    state.lines.get_mut(&line_id(0)).unwrap().unfit = 1;
    assert_eq!(delta(state.clone()), Delta { on_hand: -6, reserved: 0 });
    assert_eq!(
        delta(state.with(Milestone::Returned, at(3))),
        Delta { on_hand: -2, reserved: 0 },
        "two of three are fit"
    );
}

fn held_until(until: i64) -> OrderState {
    OrderState { hold: Some(Hold::until(at(until))), ..one_line(3) }
}

#[test]
fn a_hold_takes_as_an_order_does_and_its_end_frees_nothing_until_somebody_finds_it() {
    let hold = held_until(5);
    assert_eq!(delta(hold.clone()), Delta { on_hand: 0, reserved: 6 });
    let found = |now| OrderState { hold: hold.hold.map(|hold| hold.lapsed(at(now))), ..hold.clone() };
    assert_eq!((delta(found(4)), delta(found(5))), (Delta { on_hand: 0, reserved: 6 }, Delta::default()));
}

#[test]
fn a_hold_that_is_asked_for_longer_is_not_ended_by_who_did_not_know() {
    let ended = OrderState { hold: Some(Hold::until(at(5)).lapsed(at(6))), ..OrderState::default() };
    for longer in [held_until(9), held_until(5).with(Milestone::Placed, at(4))] {
        assert_eq!(delta(longer.merged(&ended)), Delta { on_hand: 0, reserved: 6 });
        assert_eq!(delta(ended.merged(&longer)), Delta { on_hand: 0, reserved: 6 });
    }
}

#[test]
fn a_hold_is_one_until_it_is_ordered_or_called_off() {
    let hold = held_until(5);
    assert_eq!((hold.held(), hold.is_ordered()), (Some(Hold::until(at(5))), false));
    let ordered = hold.clone().with(Milestone::Placed, at(1));
    assert_eq!((ordered.held(), ordered.is_ordered()), (None, true));
    let released = hold.with(Milestone::Cancelled, at(1));
    assert_eq!((released.held(), released.is_ordered()), (None, false));
    assert!(one_line(1).is_ordered());
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
    state.merge(&OrderState { listed_at: Some(at(5).into()), ..OrderState::default() });
    assert_eq!(delta(state), Delta::default());
}

/// A list of all lines, by number, with the units that are still wanted.
fn list(listed: Listed, lines: &[(usize, u32)]) -> OrderState {
    let line = |(number, units): &(usize, u32)| {
        let line = LineState::ordered([article("a")], *units);
        (line_id(*number), LineState { kept: Some(*units), listed_at: Some(listed), ..line })
    };
    OrderState { listed_at: Some(listed), lines: lines.iter().map(line).collect(), ..OrderState::default() }
}

fn read(when: i64, lines: &[(usize, u32)]) -> OrderState {
    list(at(when).into(), lines)
}

/// Of a channel that counts its edits; whenever it was read.
fn edited(edition: u64, when: i64, lines: &[(usize, u32)]) -> OrderState {
    list(Listed { edition: Some(edition), at: at(when) }, lines)
}

/// Units that are still reserved, by line.
fn reserved(state: &OrderState) -> Vec<u32> {
    state.lines.values().map(|line| state.counted(line).reserved()).collect()
}

#[test]
fn listing_the_same_lines_again_is_no_news_and_leaving_one_out_is() {
    let known = read(1, &[(0, 1), (1, 1)]);
    assert!(!known.is_news(&known.merged(&read(2, &[(0, 1), (1, 1)]))));
    assert!(known.is_news(&known.merged(&read(2, &[(0, 1)]))));
    assert!(known.is_news(&known.merged(&read(2, &[(0, 1), (1, 1), (2, 1)]))));
}

#[test]
fn a_shorter_list_is_believed_when_it_is_told_twice_by_two_readings() {
    let short = read(2, &[(0, 1)]);
    let once = join([&read(1, &[(0, 3), (1, 2)]), &short, &short]);
    assert_eq!(reserved(&once), [3, 2]);
    assert_eq!(reserved(&once.merged(&read(3, &[(0, 1)]))), [1, 0]);
}

#[test]
fn what_was_taken_back_and_is_listed_again_is_reserved_again_at_once() {
    let gone = join([&read(1, &[(0, 3), (1, 2)]), &read(2, &[(0, 1)]), &read(3, &[(0, 1)])]);
    let again = gone.merged(&read(4, &[(0, 3), (1, 2)]));
    assert!(gone.is_news(&again));
    assert_eq!((reserved(&gone), reserved(&again)), (vec![1, 0], vec![3, 2]));
}

#[test]
fn the_channels_own_edition_is_believed_at_once_whenever_it_was_read() {
    let last = edited(7, 1, &[(0, 1)]);
    let known = join([&edited(5, 2, &[(0, 3), (1, 2)]), &last, &edited(6, 9, &[(0, 2), (1, 2)])]);
    assert_eq!(reserved(&known), [1, 0]);
    assert_eq!(reserved(&known.merged(&edited(8, 0, &[(0, 3)]))), [3, 0]);
}

#[test]
fn of_two_readings_of_one_edition_that_differ_the_more_is_believed() {
    let known = join([&edited(5, 1, &[(0, 3), (1, 2)]), &edited(5, 2, &[(0, 1)])]);
    assert_eq!(reserved(&known), [3, 2]);
}

#[test]
fn a_line_that_lists_count_and_never_leave_out_may_grow_again_too() {
    let counted = |when, units| OrderState { listed_at: None, ..read(when, &[(0, units)]) };
    let fewer = join([&counted(1, 3), &counted(2, 1), &counted(3, 1)]);
    assert_eq!((reserved(&fewer), reserved(&fewer.merged(&counted(4, 3)))), (vec![1], vec![3]));
}

#[test]
fn units_that_are_wanted_after_all_leave_doubt_about_what_the_channel_shows() {
    let of = |state: OrderState| effect(&order(OrderState { warehouse: WarehouseId::new("7").ok(), ..state }));
    let gone = join([&read(1, &[(0, 3)]), &read(2, &[(0, 1)]), &read(3, &[(0, 1)])]);
    let again = of(gone.merged(&read(4, &[(0, 3)]))).since(&of(gone));
    assert_eq!(again.own.into_values().collect::<Vec<_>>(), [Tally { sold: 0, freed: -2, late: 2 }]);
}

/// As an earlier release stored it.
#[test]
fn an_order_that_was_stored_without_a_second_list_means_what_it_meant() {
    let meant = |json: &str| reserved(&serde_json::from_str::<OrderState>(json).unwrap());
    let line = r#""a":{"ordered":3,"kept":1,"listed_at":5}"#;
    assert_eq!(meant(&format!(r#"{{"lines":{{{line}}},"listed_at":5}}"#)), [1]);
    assert_eq!(meant(&format!(r#"{{"lines":{{{line}}},"listed_at":6}}"#)), [0]);
    assert_eq!(meant(r#"{"lines":{"a":{"ordered":3,"kept":1}}}"#), [1]);
}

#[test]
fn a_list_is_stored_by_its_time_and_by_its_edition_where_there_is_one() {
    for (listed, stored) in
        [(Listed::from(at(5)), "5"), (Listed { edition: Some(7), at: at(5) }, r#"{"edition":7,"at":5}"#)]
    {
        assert_eq!(serde_json::to_string(&listed).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Listed>(stored).unwrap(), listed);
    }
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
    let counters = (0_u32..4, 0_u32..4, 0_u32..4, (0_u32..4, 0_u32..3));
    let rest =
        (proptest::option::of(0_u32..4), proptest::option::of(0_i64..4), proptest::option::of((0_usize..2, 0_u32..3)));
    (counters, rest, 0_usize..3).prop_map(
        |((ordered, cancelled, shipped, (returned, unfit)), (kept, listed, moved), name)| LineState {
            articles: [article(&format!("a{name}"))].into(),
            ordered,
            cancelled,
            shipped,
            returned,
            unfit,
            kept,
            moved: moved
                .into_iter()
                .map(|(child, units)| (OrderId::new(format!("c{child}")).unwrap(), units))
                .collect(),
            listed_at: listed.map(|when| at(when).into()),
            before: None,
            returned_at: listed.map(at),
        },
    )
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
    let hold = (0_i64..9, proptest::option::of(0_i64..9))
        .prop_map(|(until, lapsed_at)| Hold { until: at(until), lapsed_at: lapsed_at.map(at) });
    let listed_at = (0_i64..4).prop_map(|when| at(when).into());
    (lines, milestones, proptest::option::of(listed_at), proptest::option::of(hold)).prop_map(
        |(lines, milestones, listed_at, hold)| OrderState {
            lines,
            milestones,
            listed_at,
            hold,
            ..OrderState::default()
        },
    )
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

/// What is told of an order that is edited again and again: lists, each twice as often as not, with an edition or without.
fn any_edits(has_editions: bool) -> impl Strategy<Value = Vec<OrderState>> {
    let lines = proptest::collection::btree_map(0_usize..3, 0_u32..4, 0..3);
    proptest::collection::vec((lines, 1_usize..3), 1..6).prop_map(move |edits| {
        let told = edits.into_iter().enumerate().flat_map(|(edition, (lines, times))| {
            let lines: Vec<_> = lines.into_iter().collect();
            std::iter::repeat_n((edition, lines), times)
        });
        let one = |(when, (edition, lines)): (i64, (usize, Vec<(usize, u32)>))| match has_editions {
            true => edited(u64::try_from(edition).unwrap(), -when, &lines),
            false => read(when, &lines),
        };
        (0..).zip(told).map(one).collect()
    })
}

/// Joins the reports as intake does, which leaves out what is no news.
fn take_in<'a>(reports: impl IntoIterator<Item = &'a OrderState>) -> OrderState {
    reports.into_iter().fold(OrderState::default(), |known, told| {
        let joined = known.merged(told);
        if known.is_news(&joined) { joined } else { known }
    })
}

/// By line, without those of which nothing is wanted.
fn wanted(state: &OrderState) -> BTreeMap<LineId, u32> {
    let units = state.lines.iter().map(|(id, line)| (id.clone(), state.counted(line).reserved()));
    units.filter(|(_, units)| *units > 0).collect()
}

proptest! {
    #[test]
    fn what_is_listed_last_and_twice_is_what_is_wanted(edits in any_edits(false), shuffle in any::<prop::sample::Index>()) {
        let last = edits.last().unwrap().clone();
        let mut twice = last.clone();
        let later = Listed::from(at(99));
        twice.listed_at = Some(later);
        twice.lines.values_mut().for_each(|line| line.listed_at = Some(later));
        let mut reports = [edits, vec![twice]].concat();
        let turn = shuffle.index(reports.len());
        reports.rotate_left(turn);
        prop_assert_eq!(wanted(&join(&reports)), wanted(&last));
    }

    #[test]
    fn the_last_edition_is_what_is_wanted_in_whatever_order_it_is_told(edits in any_edits(true), shuffle in any::<prop::sample::Index>()) {
        let last = edits.last().unwrap().clone();
        let mut reports = edits;
        let turn = shuffle.index(reports.len());
        reports.rotate_left(turn);
        prop_assert_eq!(wanted(&join(&reports)), wanted(&last));
    }

    #[test]
    fn leaving_out_what_is_no_news_changes_nothing(edits in any_edits(false), editions in any_edits(true), others in proptest::collection::vec(any_report(), 0..4)) {
        for lists in [edits, editions] {
            let others: Vec<_> = others.iter().map(OrderState::unlisted).collect();
            let reports = [others, lists].concat();
            prop_assert_eq!(wanted(&take_in(&reports)), wanted(&join(&reports)));
        }
    }

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
