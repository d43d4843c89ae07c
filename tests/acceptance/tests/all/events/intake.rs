//! The inbox queue into the stock table.

use std::sync::Arc;
use std::time::Duration;

use acceptance::{KASPI, OZON, PEN, POT, TEA, WB};
use edin_channels::ozon;
use edin_channels::wildberries;
use edin_domain::order::OrderKey;
use edin_domain::stock::Tally;
use edin_domain::{Sku, Timestamp};
use edin_platform::{Clock, Metric};
use intake::Intake;
use serde_json::{Value, json};

use super::messages::{batch, ids, message, reported};
use super::orders::{bought_at_kaspi, inbound, of_ozon, posting, pushed, reserved};
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
        message(1, &pushed(wildberries::NAME, WB, &of_ozon)),
        message(2, &new_posting("1-2", POT, 1)),
        message(3, &pushed(ozon::NAME, OZON, r#"{"data":[{"orderId":"MTIz","attributes":{"code":"123"}}]}"#)),
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
        message(1, &pushed(ozon::NAME, "ozon-more", &posting("1-1", PEN, 3))),
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
    let mut intake = stage.functions().intake();
    intake.recorder.store = store_out_of_reach();
    let messages = [message(1, &new_posting("1-1", PEN, 3)), message(2, &new_posting("1-2", POT, 1))];
    assert_eq!(taken(&intake, &messages).await?, ids(&[&messages[0], &messages[1]]));
    Ok(())
}

fn new_posting(number: &str, sku: &str, units: u32) -> String {
    pushed(ozon::NAME, OZON, &posting(number, sku, units))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_that_is_heard_of_late_casts_doubt_on_what_its_channel_was_told_meanwhile() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let placed_at = Timestamp::parse("2026-11-22T10:00:00Z").expect("a time");
    for (minutes, sku, late) in [(1, PEN, 0), (60, POT, 2)] {
        let clock = Arc::new(At(placed_at.plus(Duration::from_mins(minutes))));
        let mut intake = stage.functions().intake();
        intake.recorder.clock = clock;
        taken(&intake, &[message(1, &new_posting(&format!("1-{minutes}"), sku, 2))]).await?;
        let levels = stage.store().partition(&Sku::new(sku)?).await?.levels;
        let own: Vec<Tally> = levels.into_iter().flat_map(|level| level.own.into_values()).collect();
        assert_eq!(own, [Tally { sold: 2, freed: 0, late }], "{sku}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_too_large_for_one_transaction_is_recorded_in_several() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let mut push: Value = serde_json::from_str(&posting("1-1", PEN, 3))?;
    let strangers =
        (0..150).map(|number| json!({ "sku": 900_000_000 + number, "offer_id": format!("X{number}"), "quantity": 1 }));
    push["products"].as_array_mut().expect("its goods").extend(strangers);
    let order = message(1, &pushed(ozon::NAME, OZON, &push.to_string()));
    for _ in 0..2 {
        assert_eq!(taken(&stage.functions().intake(), std::slice::from_ref(&order)).await?, [Value::Null; 0]);
        let recorded = of_ozon(&stage.store(), "1-1").await?.expect("it is recorded");
        assert_eq!((recorded.state.lines.len(), recorded.unmapped().count(), recorded.version), (151, 150, 4));
        assert_eq!(reserved(&stage.store(), PEN).await?, 3);
        assert_eq!(stage.store().unmapped(&OZON.parse()?).await?.len(), 300);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_from_a_warehouse_that_nobody_connected_waits_and_says_which() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let mut push: Value = serde_json::from_str(&posting("1-1", PEN, 3))?;
    push["warehouse_id"] = json!(77);
    taken(&stage.functions().intake(), &[message(1, &pushed(ozon::NAME, OZON, &push.to_string()))]).await?;
    assert_eq!(reserved(&stage.store(), PEN).await?, 0);
    let reasons = reasons(&stage).await?;
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.contains("warehouse 77")), "{reasons:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_four_billion_units_is_kept_and_takes_nothing() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (intake, store) = (stage.functions().intake(), stage.store());
    taken(&intake, &[message(1, &new_posting("1-1", PEN, 4_000_000_000))]).await?;
    assert_eq!(reserved(&store, PEN).await?, 0);
    assert!(reasons(&stage).await?.iter().all(|reason| reason.contains("4000000000 units")));
    taken(&intake, &[message(2, &new_posting("1-2", PEN, 3))]).await?;
    taken(&intake, &[message(3, &new_posting("1-2", PEN, 4_000_000_000))]).await?;
    assert_eq!(reserved(&store, PEN).await?, 3, "no more than before");
    assert_eq!(of_ozon(&store, "1-2").await?.map(|order| order.behind.len()), Some(1));
    Ok(())
}

/// Why orders of Ozon wait.
async fn reasons(stage: &Stage) -> anyhow::Result<Vec<String>> {
    Ok(stage.store().unmapped(&OZON.parse()?).await?.into_iter().map(|waiting| waiting.reason).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_channels_own_number_is_believed_before_the_sellers_name() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.map_at_ozon("sku:147451939", POT).await?;
    taken(&stage.functions().intake(), &[message(1, &new_posting("1-1", PEN, 3))]).await?;
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (0, 3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_article_was_is_read_along_and_what_it_is_now_counts() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let mut intake = stage.functions().intake();
    intake.recorder.store = stage.engine.store("intake");
    let calls = async |id, number| {
        let before = stage.engine.meter().counts();
        taken(&intake, &[message(id, &new_posting(number, PEN, 1))]).await?;
        let spent = edin_local::aws::meter::since(&stage.engine.meter().counts(), &before);
        anyhow::Ok(spent.values().map(|count| count.calls).sum::<u64>())
    };
    assert_eq!(calls(1, "1-1").await?, 3, "what the articles are, their goods, the commit");
    assert_eq!(calls(2, "1-2").await?, 2);
    stage.map_at_ozon("sku:147451939", POT).await?;
    assert_eq!(calls(3, "1-3").await?, 3);
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (2, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_of_a_sale_that_was_never_read_adds_to_the_stock_unless_the_sale_was_made_since_the_count()
-> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (intake, store) = (stage.functions().intake(), stage.store());
    let on_hand = async || -> anyhow::Result<i64> {
        let levels = store.partition(&Sku::new(PEN)?).await?.levels;
        Ok(levels.iter().map(|level| level.on_hand).sum())
    };
    let before = on_hand().await?;
    let later = 4_000_000_000_000_i64;
    let line = json!({ "articles": [PEN], "returned": 1, "returned_at": later });
    let returned = json!({ "told": { "orders": [["1-1", { "lines": { "147451939": line } }]] } });
    for _ in 0..2 {
        taken(&intake, &[message(1, &inbound(ozon::NAME, OZON, &returned))]).await?;
        assert_eq!(on_hand().await?, before + 1);
    }
    let line = json!({ "articles": [PEN], "ordered": 1 });
    let sale = json!({ "lines": { "147451939": line }, "milestones": { "placed": later - 1, "shipped": later - 1 } });
    let sold = json!({ "told": { "orders": [["1-1", sale]] } });
    taken(&intake, &[message(2, &inbound(ozon::NAME, OZON, &sold))]).await?;
    assert_eq!(on_hand().await?, before, "it left, and is back");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_number_that_is_told_later_is_known_and_a_masked_one_hides_none() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (intake, store) = (stage.functions().intake(), stage.store());
    let key = OrderKey::new(KASPI.parse()?, "700000001".parse()?);
    let told = ["7000000000", "77057654321", "7000000000"];
    let phones = ["7000000000", "77057654321", "77057654321"];
    for (phone, known) in told.iter().zip(phones) {
        taken(&intake, &[message(1, &bought_at_kaspi("700000001", POT, 1, phone))]).await?;
        let contact = store.contact(&key).await?.expect("it is known who it is for");
        assert_eq!(contact.phone.map(|phone| phone.reveal().clone()).as_deref(), Some(known));
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
