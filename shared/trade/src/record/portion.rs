//! An order that is too large for one transaction, a portion at a time.
//!
//! Each portion leaves the order and the stock in agreement, so that nothing is lost or counted twice whatever dies before the
//! next: lines whose turn hasn't come stay out of the record, or, where it has them already, as the stock counts them. The message
//! that tells of them isn't done until the last portion is, and comes again otherwise.

use edin_domain::LineId;
use edin_domain::order::Order;

/// The order's own item, and its buyer's contact.
const BESIDES_LINES: usize = 2;

/// What becomes of `before` if only so many of the lines that change by `after` are recorded as touch `most` items; one at least.
pub(super) fn of(before: &Order, after: &Order, most: usize) -> Order {
    let mut portion = after.clone();
    let mut room = most.saturating_sub(BESIDES_LINES);
    let mut is_first = true;
    for id in after.state.lines.keys().filter(|id| changes(before, after, id)) {
        let cost = items(after, id);
        match is_first || cost <= room {
            true => room = room.saturating_sub(cost),
            // The rest waits too, however small: it has its turn.
            false => {
                room = 0;
                hold_back(&mut portion, before, id);
            }
        }
        is_first = false;
    }
    portion
}

/// Whether recording the line as it shall be writes more than the order itself.
fn changes(before: &Order, after: &Order, id: &LineId) -> bool {
    let recorded = |order: &Order| order.state.lines.get(id).map(|line| order.recorded(id, line));
    let articles = |order: &Order| order.state.lines.get(id).map(|line| line.articles.clone());
    recorded(before) != recorded(after)
        || before.mapped.get(id) != after.mapped.get(id)
        || articles(before) != articles(after)
        || before.behind.contains_key(id)
}

/// How many items a line touches besides its order: the levels that it takes from, and a note at each of its articles.
fn items(order: &Order, id: &LineId) -> usize {
    let levels = order.mapped.get(id).map_or(0, |mapped| mapped.takes.len());
    levels + order.state.lines.get(id).map_or(0, |line| line.articles.len())
}

/// Leaves a line as it is recorded, and the stock with it.
fn hold_back(portion: &mut Order, before: &Order, id: &LineId) {
    let Some(line) = before.state.lines.get(id) else {
        portion.state.lines.remove(id);
        portion.mapped.remove(id);
        return;
    };
    portion.state.lines.insert(id.clone(), line.clone());
    match before.mapped.contains_key(id) {
        true => _ = portion.behind.insert(id.clone(), before.recorded(id, line)),
        false => _ = portion.mapped.remove(id),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::order::{Effect, LineState, Mapped, Milestone, OrderKey, Take, effect};
    use edin_domain::{Article, Cause, ConnectionId, LocationId, OrderId, Sku, Timestamp};

    use super::*;

    fn nothing() -> Order {
        let key = OrderKey::new(ConnectionId::new("shop").unwrap(), OrderId::new("1").unwrap());
        Order::unknown(key, Cause::new("event").unwrap())
    }

    /// Of so many goods, three units each, a bundle of as many parts each.
    fn order(goods: usize, parts: usize) -> Order {
        let mut order = nothing();
        for good in 0..goods {
            let (id, name) = (LineId::new(format!("{good:03}")).unwrap(), format!("G{good}"));
            let take = |part| Take {
                sku: Sku::new(format!("G{good}-{part}")).unwrap(),
                location: LocationId::new("almaty").unwrap(),
                quantity: 2,
            };
            let mapped =
                Mapped { sku: Sku::new(&name).unwrap(), takes: (0..parts).map(take).collect(), left_before: 0 };
            order.state.lines.insert(id.clone(), LineState::ordered([Article::new(&name).unwrap()], 3));
            order.mapped.insert(id, mapped);
        }
        order
    }

    /// Records an order portion by portion; returns how many levels each moved, and what all of them moved.
    fn record(mut before: Order, after: &Order) -> (Vec<usize>, Effect) {
        let (mut levels, mut sum) = (Vec::new(), Effect::default());
        while before != *after {
            let next = of(&before, after, 100);
            let moved = effect(&next).since(&effect(&before));
            levels.push(moved.stock.len());
            for (place, delta) in moved.stock {
                *sum.stock.entry(place).or_default() += delta;
            }
            before = next;
        }
        (levels, sum)
    }

    #[test]
    fn a_hundred_goods_are_recorded_in_several_portions_that_come_to_the_whole() {
        for (goods, parts) in [(100, 1), (34, 3), (250, 1), (1, 120)] {
            let whole = order(goods, parts);
            let (levels, sum) = record(nothing(), &whole);
            assert!(levels.iter().all(|levels| *levels <= 98 || goods == 1), "{levels:?}");
            assert_eq!(levels.iter().sum::<usize>(), goods * parts);
            assert_eq!(sum, effect(&whole));
        }
    }

    #[test]
    fn a_milestone_that_speaks_for_all_lines_moves_them_portion_by_portion() {
        let reserved = order(100, 1);
        let mut shipped = reserved.clone();
        shipped.state = shipped.state.with(Milestone::Shipped, Timestamp::from_millis(1));
        let (levels, sum) = record(reserved.clone(), &shipped);
        assert_eq!((levels.len(), levels.iter().sum::<usize>()), (3, 100));
        assert_eq!(sum, effect(&shipped).since(&effect(&reserved)));
    }

    #[test]
    fn lines_that_nothing_is_mapped_to_wait_portion_by_portion() {
        let mut after = order(150, 1);
        let mapped = after.mapped.pop_first().unwrap();
        after.mapped = BTreeMap::from([mapped]);
        let first = of(&nothing(), &after, 100);
        assert_eq!((first.state.lines.len(), first.mapped.len()), (97, 1));
        assert_eq!(of(&first, &after, 100), after);
    }
}
