//! Examples for the tests: tea in Almaty, and orders of it.

use std::collections::BTreeMap;

use edin_domain::order::{LineState, Mapped, Order, OrderKey, OrderState, Take};
use edin_domain::stock::{Change, Entry, Level, Place};
use edin_domain::{Cause, LineId, Timestamp};

fn cause() -> Cause {
    Cause::new("test").unwrap()
}

pub(crate) fn at(location: &str) -> Place {
    Place { sku: "TEA".parse().unwrap(), location: location.parse().unwrap() }
}

pub(crate) fn level(version: u64, on_hand: i64, reserved: i64) -> Level {
    let opened_at = Timestamp::from_millis(0);
    Level {
        place: at("almaty"),
        on_hand,
        reserved,
        available: on_hand - reserved,
        version,
        cause: cause(),
        changed_at: opened_at,
        opened_at,
        changes: Vec::new(),
        own: BTreeMap::new(),
    }
}

pub(crate) fn row(version: u64, on_hand: (i64, i64), reserved: (i64, i64)) -> Entry {
    let after = Level {
        changes: vec![Change {
            order: "shop/1".to_owned(),
            on_hand: on_hand.1 - on_hand.0,
            reserved: reserved.1 - reserved.0,
        }],
        ..level(version, on_hand.1, reserved.1)
    };
    Entry::between(Some(&level(version - 1, on_hand.0, reserved.0)), &after)
}

/// An order of so much tea.
pub(crate) fn order(id: &str, units: u32) -> Order {
    let (line, tea) = ("1".parse::<LineId>().unwrap(), at("almaty"));
    let take = Take { sku: tea.sku.clone(), location: tea.location, quantity: 1 };
    let mapped = Mapped { sku: tea.sku, takes: vec![take], left_before: 0 };
    let lines = BTreeMap::from([(line.clone(), LineState { ordered: units, ..LineState::default() })]);
    let key = OrderKey::new("shop".parse().unwrap(), id.parse().unwrap());
    Order {
        state: OrderState { lines, ..OrderState::default() },
        mapped: BTreeMap::from([(line, mapped)]),
        ..Order::unknown(key, cause())
    }
}
