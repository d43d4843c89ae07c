//! What an order means for the stock: a pure function of its state.

use std::collections::BTreeMap;

use super::{Counted, Mapped, Order};
use crate::listing::ListingKey;
use crate::stock::{Delta, Place, Tally};

/// What one order does to the stock, and to what its channel shows by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// By place.
    pub stock: BTreeMap<Place, Delta>,
    /// What the channel did to its own number, by place and listing; noted where the first component is taken.
    pub own: BTreeMap<(Place, ListingKey), Tally>,
}

impl Effect {
    /// What must be applied to come from `before` to this. Places and listings that stay as they are don't appear.
    ///
    /// Units that were called off and are wanted after all were sold again: a number that the channel was told meanwhile may
    /// count them as still there.
    #[must_use]
    pub fn since(mut self, before: &Self) -> Self {
        for (place, delta) in &before.stock {
            let entry = self.stock.entry(place.clone()).or_default();
            *entry = *entry - *delta;
        }
        for (key, own) in &before.own {
            let entry = self.own.entry(key.clone()).or_default();
            *entry = *entry - *own;
        }
        self.own.values_mut().for_each(|own| own.late += (-own.freed).max(0));
        self.stock.retain(|_, delta| !delta.is_zero());
        self.own.retain(|_, own| *own != Tally::default());
        self
    }

    /// The same of an order that was heard of late: the channel may have been told since of the units that it had sold.
    #[must_use]
    pub fn heard_late(mut self) -> Self {
        self.own.values_mut().for_each(|own| own.late += own.sold.max(0));
        self
    }
}

/// The effect of an order on the stock. Unmapped lines have none.
#[must_use]
pub fn effect(order: &Order) -> Effect {
    let mut total = Effect::default();
    for (id, mapped) in &order.mapped {
        if let Some(line) = order.state.lines.get(id) {
            let counted = order.recorded(id, line);
            take(&mut total, mapped, counted);
            note_own_sale(&mut total, order, mapped, counted);
        }
    }
    total.stock.retain(|_, delta| !delta.is_zero());
    total.own.retain(|_, own| *own != Tally::default());
    total
}

fn take(total: &mut Effect, mapped: &Mapped, counted: Counted) {
    for part in &mapped.takes {
        let units = i64::from(part.quantity);
        let place = Place { sku: part.sku.clone(), location: part.location.clone() };
        *total.stock.entry(place).or_default() += Delta {
            on_hand: (i64::from(counted.returned) + i64::from(mapped.left_before) - i64::from(counted.shipped)) * units,
            reserved: i64::from(counted.reserved()) * units,
        };
    }
}

/// A posting that was split off is not sold anew: the channel lowered its number when it sold the first one.
fn note_own_sale(total: &mut Effect, order: &Order, mapped: &Mapped, counted: Counted) {
    let (Some(first), Some(warehouse), None) = (mapped.takes.first(), &order.state.warehouse, &order.state.parent)
    else {
        return;
    };
    let place = Place { sku: first.sku.clone(), location: first.location.clone() };
    let listing =
        ListingKey { connection: order.key.connection.clone(), warehouse: warehouse.clone(), sku: mapped.sku.clone() };
    let own = total.own.entry((place, listing)).or_default();
    own.sold += i64::from(counted.ordered);
    own.freed += i64::from(counted.cancelled) + i64::from(counted.returned);
}
