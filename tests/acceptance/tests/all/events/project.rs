//! The stream into the ledger and the oversells.

use acceptance::{OZON, PEN, TEA};
use edin_domain::Sku;
use edin_store::Store;
use project::Project;
use serde_json::{Value, json};

use super::messages::batch;
use super::orders::{bought_at_kaspi, of};
use super::stage::{Stage, store_out_of_reach};
use super::stream::{OPENED_AT, again_from, all_done, answer, deliver, event, level, record, ruined, sale};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_that_can_not_be_read_fails_alone_and_what_lies_before_it_is_done() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let project = stage.functions().project().await?;
    let poison = ruined(sale(3, TEA, 3));
    let records = [sale(1, TEA, 1), sale(2, TEA, 2), poison.clone(), sale(4, TEA, 4)];
    assert_eq!(projected(&project, &records).await?, again_from(&poison));
    assert_eq!(versions(&stage.store(), TEA).await?, [1, 2], "AWS doesn't deliver them again");
    assert_eq!(projected(&project, &records[2..]).await?, again_from(&poison));
    assert_eq!(projected(&project, &records[3..]).await?, all_done());
    assert_eq!(versions(&stage.store(), TEA).await?, [1, 2, 4]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn halving_a_batch_finds_the_poison_and_does_everything_else() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let project = stage.functions().project().await?;
    let mut records: Vec<Value> = (1..=9).map(|version| sale(version, TEA, version)).collect();
    for poisoned in [0, 4, 5, 8] {
        records[poisoned] = ruined(records[poisoned].clone());
    }
    let alone = deliver(&records, async |batch| projected(&project, batch).await.unwrap()).await;
    assert_eq!(alone, [0, 4, 5, 8].map(|index: usize| records[index].clone()));
    assert_eq!(versions(&stage.store(), TEA).await?, [2, 3, 4, 7, 8]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_split_anywhere_or_delivered_twice_makes_the_same_ledger() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (project, store) = (stage.functions().project().await?, stage.store());
    let records = |sku: &str| (1..=6).map(|version| sale(version, sku, version)).collect::<Vec<_>>();
    assert_eq!(projected(&project, &records("WHOLE")).await?, all_done());
    let whole = ledger(&store, "WHOLE").await?;
    assert_eq!(versions(&store, "WHOLE").await?, [1, 2, 3, 4, 5, 6]);
    for at in 1..6 {
        let sku = format!("SPLIT-{at}");
        let (early, late) = (&records(&sku)[..at], &records(&sku)[at..]);
        for batch in [early, late, early, &records(&sku)] {
            assert_eq!(projected(&project, batch).await?, all_done());
        }
        assert_eq!(ledger(&store, &sku).await?, whole, "split at {at}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_stands_in_a_batch_twice_is_one_row() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let project = stage.functions().project().await?;
    let records = [sale(1, TEA, 1), sale(1, TEA, 1), sale(2, TEA, 2), sale(2, TEA, 2)];
    assert_eq!(projected(&project, &records).await?, all_done());
    assert_eq!(versions(&stage.store(), TEA).await?, [1, 2]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_in_every_shape_that_dynamodb_gives_them_are_taken() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let project = stage.functions().project().await?;
    let mut to_the_millisecond = sale(1, TEA, 1);
    to_the_millisecond["dynamodb"]["ApproximateCreationDateTime"] = json!(1_795_341_600.123);
    let mut without_time = sale(2, TEA, 2);
    without_time["dynamodb"].as_object_mut().unwrap().remove("ApproximateCreationDateTime");
    let removed = record(3, Some(level(TEA, 2)), None);
    let mut expired = record(4, Some(json!({ "pk": { "S": "CONN#kaspi-main" }, "sk": { "S": "PULL#1" } })), None);
    expired["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    let mut empty = sale(5, TEA, 5);
    empty["dynamodb"]["NewImage"] = json!({});
    let mut nothing = sale(6, TEA, 6);
    nothing["dynamodb"]["NewImage"] = Value::Null;
    nothing["userIdentity"] = Value::Null;
    let records = [to_the_millisecond, without_time, removed, expired, empty, nothing, sale(7, TEA, 7)];
    assert_eq!(projected(&project, &records).await?, all_done());
    assert_eq!(versions(&stage.store(), TEA).await?, [1, 2, 7]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_out_of_reach_has_the_whole_batch_come_again() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let project = Project { store: store_out_of_reach(), ..stage.functions().project().await? };
    let records = [sale(1, TEA, 1), sale(2, TEA, 2)];
    assert_eq!(projected(&project, &records).await?, again_from(&records[0]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_oversell_that_can_not_be_judged_yet_comes_again_and_the_purchase_before_it_is_noted() -> anyhow::Result<()>
{
    let stage = Stage::open().await?;
    let (project, store) = (stage.functions().project().await?, stage.store());
    let bought = batch(&[super::messages::message(1, &bought_at_kaspi("700000001", PEN, 5, "77011234567"))])?;
    stage.functions().intake().handle(bought).await;
    let order = of(&store, "kaspi-main", "700000001").await?.expect("it is recorded");
    let image = stage.item(&format!("ORDER#kaspi-main#{}", order.key.id), "ORDER").await?;
    let records = [record(1, None, Some(image)), oversold(2), sale(3, TEA, 2)];
    stage.ruin(PEN).await?;
    assert_eq!(projected(&project, &records).await?, again_from(&records[1]));
    let customer = super::orders::customer(&stage, "77011234567").await?;
    assert_eq!(store.purchases(&customer).await?.len(), 1, "AWS doesn't deliver it again");
    assert_eq!(store.oversells("2026-11").await?, []);
    stage.repair(PEN).await?;
    for _ in 0..2 {
        assert_eq!(projected(&project, &records[1..]).await?, all_done());
        let units: Vec<i64> = store.oversells("2026-11").await?.iter().map(|oversell| oversell.units).collect();
        assert_eq!(units, [4], "four more than there are, once");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_can_not_be_read_keeps_back_what_follows_it_only() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let (project, store) = (stage.functions().project().await?, stage.store());
    let poison = json!({ "pk": { "S": format!("ORDER#{OZON}#1-1") }, "sk": { "S": "ORDER" }, "version": { "S": "?" } });
    let records = [oversold(1), record(2, None, Some(poison)), sale(3, TEA, 2)];
    assert_eq!(projected(&project, &records).await?, again_from(&records[1]));
    assert_eq!(store.oversells("2026-11").await?.len(), 1);
    assert_eq!(projected(&project, &records[2..]).await?, all_done());
    assert_eq!(versions(&store, TEA).await?, [2]);
    Ok(())
}

/// Of one pen that was there, a customer of Kaspi bought five.
fn oversold(number: u64) -> Value {
    let (mut before, mut after) = (level(PEN, 1), level(PEN, 2));
    for (image, reserved) in [(&mut before, 0), (&mut after, 5)] {
        image["on_hand"] = json!({ "N": "1" });
        image["reserved"] = json!({ "N": format!("{reserved}") });
        image["available"] = json!({ "N": format!("{}", 1 - reserved) });
    }
    after["changed_at"] = json!({ "N": OPENED_AT.to_string() });
    let change = json!({ "order": { "S": "kaspi-main/700000001" }, "reserved": { "N": "5" } });
    after["changes"] = json!({ "L": [{ "M": change }] });
    record(number, Some(before), Some(after))
}

async fn projected(project: &Project, records: &[Value]) -> anyhow::Result<Value> {
    Ok(answer(&project.handle(event(records)?).await))
}

/// The ledger's rows, without whose they are.
async fn ledger(store: &Store, sku: &str) -> anyhow::Result<Vec<edin_domain::stock::Entry>> {
    let rows = store.ledger(&Sku::new(sku)?).await?;
    Ok(rows.into_iter().map(|(_, entry)| entry).collect())
}

async fn versions(store: &Store, sku: &str) -> anyhow::Result<Vec<u64>> {
    Ok(ledger(store, sku).await?.iter().map(|entry| entry.version).collect())
}
