//! Messages of the inbox queue.

use std::sync::atomic::{AtomicU32, Ordering};

use edin_domain::order::{Order, OrderKey};
use edin_domain::{ConnectionId, OrderId};
use hostile::{input, samples};
use proptest::prelude::*;
use serde_json::json;

use crate::house::{House, message, pushed};

/// A push of one unit, and whose it is.
fn posting(number: &str, seller: u32) -> String {
    let push = json!({
        "message_type": "TYPE_NEW_POSTING", "seller_id": seller, "warehouse_id": 22_142_605_386_000_u64,
        "posting_number": number, "products": [{ "sku": 1, "offer_id": "TEA", "quantity": 1 }],
        "in_process_at": "2026-11-22T10:00:00Z",
    });
    pushed("ozon", &push.to_string())
}

fn recorded(house: &House, number: &str) -> Option<Order> {
    let key = OrderKey::new(ConnectionId::new("ozon-main").unwrap(), OrderId::new(number).unwrap());
    house.runtime.block_on(house.store().orders([key.clone()])).unwrap().remove(&key)
}

/// A body of a message that may be anything.
fn body() -> impl Strategy<Value = String> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    prop_oneof![
        input::broken(vec![
            r#"{"cause":"test:0","connection":"ozon-main","channel":"ozon","received_at":1,"content":{"push":"{}"}}"#,
            r#"{"cause":"test:0","connection":"wb-main","channel":"wildberries","received_at":1,"content":{"told":{"orders":
                [["9",{"warehouse":"31","lines":{"7001":{"articles":["chrt:7001"],"ordered":1,"kept":1}},
                "milestones":{"placed":1},"listed_at":1,"total":{"minor":1,"currency":"KZT"}}]],"contact":{"phone":"7"}}}}"#,
            r#"{"cause":"test:0","connection":"ozon-main","channel":"kaspi","received_at":1,"content":{"remap":"9"}}"#,
        ])
        .prop_map(text),
        input::broken(samples::OZON_PUSHES.to_vec()).prop_map(move |push| pushed("ozon", &text(push))),
        (input::broken(samples::all()), prop::sample::select(vec!["wildberries", "kaspi"]))
            .prop_map(move |(push, channel)| pushed(channel, &text(push))),
    ]
}

#[test]
fn whatever_comes_beside_an_order_the_order_is_recorded() {
    let (house, number) = (House::open(), AtomicU32::new(0));
    let config =
        ProptestConfig { cases: 96, failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() };
    let batch = (prop::collection::vec(body(), 0..4), prop::collection::vec(body(), 0..4));
    proptest!(config, |((before, after) in batch)| {
        let number = format!("good-{}", number.fetch_add(1, Ordering::Relaxed));
        let place = before.len();
        let messages = [before, vec![posting(&number, 30_000_001)], after].concat();
        let failed = house.take(&messages);
        prop_assert!(!failed.contains(&place), "{:?}", failed);
        let order = recorded(&house, &number).expect("it is recorded");
        prop_assert_eq!((order.version, order.mapped.len()), (1, 1));
    });
}

#[test]
fn a_push_of_another_seller_reserves_nothing_and_takes_no_other_message_along() {
    let house = House::open();
    let messages =
        [posting("1-1", 30_000_002), posting("1-1", 30_000_001), posting("1-2", 7), posting("1-3", 30_000_001)];
    assert_eq!(house.take(&messages), [0, 2]);
    let units = |number: &str| recorded(&house, number).map(|order| order.state.lines.len());
    assert_eq!([units("1-1"), units("1-2"), units("1-3")], [Some(1), None, Some(1)]);
    let unknown = |seller: u32| pushed("ozon", &json!({ "message_type": "TYPE_X", "seller_id": seller }).to_string());
    assert_eq!(house.take(&[unknown(1), unknown(30_000_001)]), [0]);
    let kept = house.runtime.block_on(house.store().unknown_events(&ConnectionId::new("ozon-main").unwrap())).unwrap();
    assert_eq!(kept.len(), 1);
}

#[test]
fn absurd_numbers_are_counted_and_do_not_stop_the_next_order() {
    let house = House::open();
    let lines = |ordered: u32| json!({ "1": { "articles": ["TEA"], "ordered": ordered, "shipped": ordered, "returned": ordered } });
    let told = |number: &str, ordered| {
        let state = json!({ "lines": lines(ordered), "milestones": { "placed": i64::MIN, "shipped": i64::MAX }, "listed_at": i64::MIN });
        message("ozon", &json!({ "told": { "orders": [[number, state]] } }))
    };
    let many: Vec<String> = (0..20).map(|number| told(&format!("2-{number}"), u32::MAX)).collect();
    assert_eq!(house.take(&many), [0_usize; 0]);
    assert_eq!(house.take(&[posting("3-1", 30_000_001)]), [0_usize; 0]);
    assert_eq!(recorded(&house, "3-1").map(|order| order.version), Some(1));
}

#[test]
fn an_order_that_no_transaction_can_hold_fails_alone() {
    let house = House::open();
    let products: Vec<_> =
        (0..400).map(|sku| json!({ "sku": sku, "offer_id": format!("X-{sku}"), "quantity": 1 })).collect();
    let huge = json!({ "message_type": "TYPE_NEW_POSTING", "seller_id": 30_000_001, "posting_number": "4-1", "products": products });
    let messages = [posting("4-0", 30_000_001), pushed("ozon", &huge.to_string()), posting("4-2", 30_000_001)];
    let failed = house.take(&messages);
    assert!(failed.is_empty() || failed == [1], "{failed:?}");
    for number in ["4-0", "4-2"] {
        assert!(recorded(&house, number).is_some(), "{number}");
    }
}
