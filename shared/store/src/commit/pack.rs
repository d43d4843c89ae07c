//! Which units fit into one transaction.

use std::collections::BTreeSet;

use edin_domain::stock::Terms;

use super::{OrderChange, Unit};
use crate::keys::{self, Key};

/// DynamoDB's limit of items in one transaction. Units that touch more are for the caller to cut.
pub const MOST: usize = 100;

/// Cuts the units into runs that fit into one transaction each. A hold goes alone, so that its refusal is nobody else's.
pub(super) fn batches(units: &[Unit]) -> Vec<&[Unit]> {
    let mut batches = Vec::new();
    let mut rest = units;
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(fitting(rest));
        batches.push(batch);
        rest = later;
    }
    batches
}

/// How many of the first units fit together; at least one.
fn fitting(units: &[Unit]) -> usize {
    let mut items = BTreeSet::new();
    let mut fit = 0;
    for unit in units {
        items.extend(unit.changes.iter().flat_map(touched));
        let alone = unit.terms == Terms::Hold;
        if fit > 0 && (items.len() > MOST || alone) {
            break;
        }
        fit += 1;
        if alone {
            break;
        }
    }
    fit.max(1)
}

/// The items that a change touches.
fn touched(change: &OrderChange) -> Vec<Key> {
    let order = &change.after.key;
    let levels = change.effect.stock.keys().chain(change.effect.own.keys().map(|(place, _)| place)).map(keys::level);
    let waiting = change.awaits.keys().chain(&change.found);
    let waiting = waiting.map(|article| keys::waiting(&order.connection, article, &order.id));
    let contact = change.contact.iter().map(|_| keys::contact(order));
    std::iter::once(keys::order(order)).chain(levels).chain(waiting).chain(contact).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::order::{Effect, Order, OrderKey};
    use edin_domain::stock::{Delta, Place};
    use edin_domain::{Cause, ConnectionId, LocationId, OrderId, Sku};

    use super::*;

    fn unit(terms: Terms, order: usize, sku: usize) -> Unit {
        let key = OrderKey::new(ConnectionId::new("c").unwrap(), OrderId::new(order.to_string()).unwrap());
        let place = Place { sku: Sku::new(format!("S{sku}")).unwrap(), location: LocationId::new("l").unwrap() };
        let effect =
            Effect { stock: BTreeMap::from([(place, Delta { on_hand: 0, reserved: 1 })]), ..Effect::default() };
        let after = Order::unknown(key, Cause::new("e").unwrap());
        let change = OrderChange {
            after,
            effect,
            chosen: BTreeSet::new(),
            awaits: BTreeMap::new(),
            found: BTreeSet::new(),
            contact: None,
        };
        Unit { terms, changes: vec![change] }
    }

    fn sizes(units: &[Unit]) -> Vec<usize> {
        batches(units).into_iter().map(<[Unit]>::len).collect()
    }

    #[test]
    fn orders_of_one_sku_share_its_level() {
        let units: Vec<_> = (0..150).map(|order| unit(Terms::Sold, order, 0)).collect();
        assert_eq!(sizes(&units), [99, 51]);
    }

    #[test]
    fn orders_of_as_many_skus_need_a_level_each() {
        let units: Vec<_> = (0..60).map(|order| unit(Terms::Sold, order, order)).collect();
        assert_eq!(sizes(&units), [50, 10]);
    }

    #[test]
    fn a_hold_goes_alone() {
        let units = [unit(Terms::Sold, 0, 0), unit(Terms::Hold, 1, 0), unit(Terms::Sold, 2, 0)];
        assert_eq!(sizes(&units), [1, 1, 1]);
    }
}
