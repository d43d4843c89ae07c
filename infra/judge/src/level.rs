//! Stock is conserved: each level is what was counted, less what the orders took.

use edin_domain::order::Order;
use edin_domain::stock::Level;

use crate::Broken;

/// How the levels of a SKU differ from what was counted at each location and from what `orders` took of it there.
#[must_use]
pub fn broken<'a>(
    sku: &str,
    levels: &[Level],
    counted: &[(&str, i64)],
    orders: impl Iterator<Item = &'a Order> + Clone,
) -> Broken {
    let uncounted = levels.iter().filter(|level| !counted.iter().any(|(at, _)| *at == level.place.location.as_str()));
    let uncounted = uncounted.map(|level| format!("{sku} at {} was never counted", level.place.location));
    let wrong = counted.iter().filter_map(|(location, units)| {
        let level = levels.iter().find(|level| level.place.location.as_str() == *location);
        wrong(sku, location, level, *units, taken(orders.clone(), sku, location))
    });
    wrong.chain(uncounted).collect()
}

fn wrong(sku: &str, location: &str, level: Option<&Level>, counted: i64, (open, gone): (i64, i64)) -> Option<String> {
    let Some(level) = level else {
        return Some(format!("{sku} has no level at {location}, and {counted} were counted"));
    };
    let is = (level.on_hand, level.reserved, level.available);
    let expected = (counted - gone, open, counted - gone - open);
    (is != expected).then(|| {
        format!(
            "{sku} at {location}: on hand, reserved, available are {is:?}; what was counted and sold makes {expected:?}"
        )
    })
}

/// Units of a SKU that orders have open at a location, and those that they took from it for good.
pub fn taken<'a>(orders: impl Iterator<Item = &'a Order>, sku: &str, location: &str) -> (i64, i64) {
    let lines = orders.flat_map(|order| order.state.lines.iter().map(move |(id, line)| (order, id, line)));
    lines.fold((0, 0), |(open, gone), (order, id, line)| {
        let Some(mapped) = order.mapped.get(id) else { return (open, gone) };
        let here = mapped.takes.iter().filter(|take| take.sku.as_str() == sku && take.location.as_str() == location);
        let each: i64 = here.map(|take| i64::from(take.quantity)).sum();
        let counted = order.state.counted(line);
        // What had left before the count doesn't leave once more.
        let left = i64::from(counted.shipped.saturating_sub(mapped.left_before)) - i64::from(counted.returned);
        (open + each * i64::from(counted.reserved()), gone + each * left)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{level, order};

    fn found(level: Level) -> Broken {
        broken("TEA", &[level], &[("almaty", 10)], [order("1", 3), order("2", 1)].iter())
    }

    #[test]
    fn a_level_that_is_what_was_counted_less_what_was_sold_holds() {
        assert_eq!(found(level(3, 10, 4)), Broken::new());
    }

    #[test]
    fn a_unit_too_many_or_too_few_is_noticed() {
        for (on_hand, reserved) in [(10, 3), (10, 5), (9, 4), (11, 4)] {
            let found = found(level(3, on_hand, reserved));
            assert!(found.len() == 1 && found[0].ends_with("makes (10, 4, 6)"), "{found:?}");
        }
    }

    #[test]
    fn what_is_available_must_be_the_difference() {
        let found = found(Level { available: 7, ..level(3, 10, 4) });
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_level_that_is_missing_or_that_nobody_counted_is_noticed() {
        let none = broken("TEA", &[], &[("almaty", 10)], std::iter::empty());
        assert_eq!(none, ["TEA has no level at almaty, and 10 were counted"]);
        let more = broken("TEA", &[level(1, 0, 0)], &[], std::iter::empty());
        assert_eq!(more, ["TEA at almaty was never counted"]);
    }
}
