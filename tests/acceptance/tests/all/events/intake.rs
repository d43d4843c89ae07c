//! The inbox queue into the stock table.

use std::sync::Arc;
use std::time::Duration;

use acceptance::{OZON, PEN, POT, TEA, WB};
use edin_domain::stock::Tally;
use edin_domain::{Channel, Sku, Timestamp};
use edin_platform::{Clock, Metric};
use intake::Intake;
use serde_json::{Value, json};

use super::messages::{batch, ids, message, reported};
use super::orders::{bought_at_kaspi, of_ozon, posting, pushed, reserved};
use super::stage::{Stage, store_out_of_reach, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_can_not_be_read_comes_again_alone() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let unreadable = ["", "not JSON", "[]", r#"{"connection":"ozon-main","skus":[["TEA","test"]]}"#, "{}"];
    let poison = (10..).zip(unreadable).map(|(id, body)| message(id, body));
    let mut messages = vec![message(1, &new_posting("1-1", PEN, 3))];
    messages.extend(poison);
    messages.push(message(2, &new_posting("1-2", POT, 1)));
    let failed = taken(&stage.functions().intake(), &messages).await?;
    assert_eq!(failed, ids(&messages[1..6].iter().collect::<Vec<_>>()));
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (3, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_told_twice_in_a_batch_and_again_in_the_next_counts_once() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (intake, order) = (stage.functions().intake(), new_posting("1-1", PEN, 3));
    let same_message_twice = [message(1, &order), message(1, &order), message(2, &order)];
    let mut delivered_again = message(1, &order);
    delivered_again["attributes"]["ApproximateReceiveCount"] = json!("4");
    for batch in [&same_message_twice[..], &[delivered_again]] {
        assert_eq!(taken(&intake, batch).await?, [Value::Null; 0]);
        assert_eq!(reserved(&stage.store(), PEN).await?, 3);
    }
    assert_eq!(of_ozon(&stage.store(), "1-1").await?.map(|order| order.version), Some(1));
    let orders: i64 = told(&stage.metrics).iter().filter(|told| told.0 == Metric::Orders).map(|told| told.2).sum();
    assert_eq!(orders, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_another_channels_comes_again_alone_and_reserves_nothing() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let of_ozon = posting("1-1", PEN, 3);
    let messages = [
        message(1, &pushed(Channel::Wildberries, WB, &of_ozon)),
        message(2, &new_posting("1-2", POT, 1)),
        message(3, &pushed(Channel::Ozon, OZON, r#"{"data":[{"orderId":"MTIz","attributes":{"code":"123"}}]}"#)),
    ];
    let failed = taken(&stage.functions().intake(), &messages).await?;
    assert_eq!(failed, ids(&[&messages[0], &messages[2]]));
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (0, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_connection_that_nobody_set_up_comes_again_alone() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let messages = [
        message(1, &pushed(Channel::Ozon, "ozon-more", &posting("1-1", PEN, 3))),
        message(2, &bought_at_kaspi("700000001", POT, 1, "77011234567")),
    ];
    let failed = taken(&stage.functions().intake(), &messages).await?;
    assert_eq!(failed, ids(&[&messages[0]]));
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (0, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_delivered_to_two_instances_at_once_counts_once() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (one, other) = (stage.functions().intake(), stage.functions().intake());
    let orders = [("1-1", PEN, 3), ("1-2", PEN, 2), ("1-3", TEA, 1)];
    let messages: Vec<Value> =
        (1..).zip(orders).map(|(id, (number, sku, units))| message(id, &new_posting(number, sku, units))).collect();
    let (one, other) = futures::try_join!(taken(&one, &messages), taken(&other, &messages))?;
    assert_eq!([one, other].concat(), [Value::Null; 0]);
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), TEA).await?), (5, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_out_of_reach_has_every_message_come_again() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let intake = Intake { store: store_out_of_reach(), ..stage.functions().intake() };
    let messages = [message(1, &new_posting("1-1", PEN, 3)), message(2, &new_posting("1-2", POT, 1))];
    assert_eq!(taken(&intake, &messages).await?, ids(&[&messages[0], &messages[1]]));
    Ok(())
}

fn new_posting(number: &str, sku: &str, units: u32) -> String {
    pushed(Channel::Ozon, OZON, &posting(number, sku, units))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_that_is_heard_of_late_casts_doubt_on_what_its_channel_was_told_meanwhile() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let placed_at = Timestamp::parse("2026-11-22T10:00:00Z").expect("a time");
    for (minutes, sku, late) in [(1, PEN, 0), (60, POT, 2)] {
        let clock = Arc::new(At(placed_at.plus(Duration::from_mins(minutes))));
        let intake = Intake { clock, ..stage.functions().intake() };
        taken(&intake, &[message(1, &new_posting(&format!("1-{minutes}"), sku, 2))]).await?;
        let levels = stage.store().partition(&Sku::new(sku)?).await?.levels;
        let own: Vec<Tally> = levels.into_iter().flat_map(|level| level.own.into_values()).collect();
        assert_eq!(own, [Tally { sold: 2, freed: 0, late }], "{sku}");
    }
    Ok(())
}

struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Hands a batch over; returns the ids of what comes again, in order.
async fn taken(intake: &Intake, messages: &[Value]) -> anyhow::Result<Vec<Value>> {
    let mut failed = reported(&intake.handle(batch(messages)?).await);
    failed.sort_by_key(Value::to_string);
    Ok(failed)
}
