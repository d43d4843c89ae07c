//! Each sale is in the table, once, with what really became of it; and no order is there that nobody made.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::order::Order;

use crate::Broken;

/// Units of one good in one order, as they really are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Bought.
    pub ordered: u32,
    /// Called off before they left.
    pub cancelled: u32,
    /// Gone.
    pub shipped: u32,
    /// Home again.
    pub returned: u32,
}

impl Units {
    /// So many that were bought, and nothing else yet.
    #[must_use]
    pub const fn bought(ordered: u32) -> Self {
        Self { ordered, cancelled: 0, shipped: 0, returned: 0 }
    }

    /// Those that are promised, and those that are gone and not home.
    fn open_and_gone(self) -> (i64, i64) {
        let [ordered, cancelled, shipped, returned] =
            [self.ordered, self.cancelled, self.shipped, self.returned].map(i64::from);
        ((ordered - cancelled - shipped).max(0), shipped - returned)
    }
}

/// How the table differs from what became of a sale. `name` is `connection/order`, `lines` go by SKU.
#[must_use]
pub fn broken(name: &str, lines: &BTreeMap<String, Units>, order: Option<&Order>) -> Broken {
    let Some(order) = order else { return vec![format!("{name} was sold and is not in the table")] };
    let recorded: BTreeSet<&str> = order.mapped.values().map(|mapped| mapped.sku.as_str()).collect();
    let sold = lines.keys().map(String::as_str);
    let all: BTreeSet<&str> = recorded.into_iter().chain(sold).collect();
    let differs = |sku: &str| {
        let really = lines.get(sku).copied().unwrap_or_default().open_and_gone();
        let told = open_and_gone(order, sku);
        (told != really).then(|| {
            format!(
                "{name} {sku}: {} are open and {} gone; the table says {} and {}",
                really.0, really.1, told.0, told.1
            )
        })
    };
    let behind = order.behind.keys().map(|line| format!("{name}: the stock doesn't follow its line {line} yet"));
    all.into_iter().filter_map(differs).chain(behind).collect()
}

/// Units of a good that an order has open, and those that left and aren't back.
fn open_and_gone(order: &Order, sku: &str) -> (i64, i64) {
    let lines = order.state.lines.iter();
    let of_sku = lines.filter(|(id, _)| order.mapped.get(*id).is_some_and(|mapped| mapped.sku.as_str() == sku));
    of_sku.fold((0, 0), |(open, gone), (_, line)| {
        let counted = order.state.counted(line);
        (open + i64::from(counted.reserved()), gone + i64::from(counted.shipped) - i64::from(counted.returned))
    })
}

/// Orders that are in the table and that nobody made, and the reverse. Both by the same kind of name.
#[must_use]
pub fn strangers(there: &BTreeSet<String>, made: &BTreeSet<String>) -> Broken {
    let unmade = there.difference(made).map(|name| format!("{name} is in the table and nobody made it"));
    unmade.chain(made.difference(there).map(|name| format!("{name} was sold and is not in the table"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::order;

    fn found(units: Units) -> Broken {
        broken("shop/1", &BTreeMap::from([("TEA".to_owned(), units)]), Some(&order("1", 3)))
    }

    #[test]
    fn a_sale_that_is_recorded_as_it_was_holds() {
        assert_eq!(found(Units::bought(3)), Broken::new());
        assert_eq!(found(Units { ordered: 4, cancelled: 1, ..Units::default() }), Broken::new());
    }

    #[test]
    fn a_lost_sale_is_noticed() {
        assert_eq!(broken("shop/1", &BTreeMap::new(), None), ["shop/1 was sold and is not in the table"]);
    }

    #[test]
    fn units_that_the_table_has_wrong_are_noticed() {
        assert_eq!(found(Units::bought(2)), ["shop/1 TEA: 2 are open and 0 gone; the table says 3 and 0"]);
        assert_eq!(found(Units { shipped: 3, ..Units::bought(3) }).len(), 1, "it left");
        assert_eq!(found(Units { cancelled: 3, ..Units::bought(3) }).len(), 1, "it was called off");
    }

    #[test]
    fn a_good_that_nobody_bought_is_noticed() {
        let found = broken("shop/1", &BTreeMap::new(), Some(&order("1", 3)));
        assert_eq!(found, ["shop/1 TEA: 0 are open and 0 gone; the table says 3 and 0"]);
    }

    #[test]
    fn a_line_that_the_stock_does_not_follow_is_noticed() {
        let mut order = order("1", 3);
        order.behind = order.state.lines.iter().map(|(id, line)| (id.clone(), order.state.counted(line))).collect();
        let found = broken("shop/1", &BTreeMap::from([("TEA".to_owned(), Units::bought(3))]), Some(&order));
        assert_eq!(found, ["shop/1: the stock doesn't follow its line 1 yet"]);
    }

    #[test]
    fn an_order_that_nobody_made_is_noticed_and_so_is_one_that_is_missing() {
        let (there, made) = (["1", "2"], ["2", "3"]);
        let [there, made] = [there, made].map(|names| names.map(str::to_owned).into());
        assert_eq!(
            strangers(&there, &made),
            ["1 is in the table and nobody made it", "3 was sold and is not in the table"]
        );
    }
}
