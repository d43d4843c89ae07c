//! The stream, and the deferred queue, into the push queue.

use std::collections::{BTreeMap, BTreeSet};

use acceptance::{OZON, PEN, POT, RUG, SET, TEA, WB};
use edin_trade::messages::Doubt;
use fanout::Fanout;
use serde_json::{Value, json};

use super::messages::{self, reported};
use super::stage::{Stage, queue_out_of_reach};
use super::stream::{again_from, all_done, answer, deliver, event, level, record, ruined, sale};

/// What was asked to be pushed, by connection.
type Asked = BTreeMap<String, BTreeSet<String>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sku_that_can_not_be_looked_at_comes_again_from_its_first_record_and_the_others_are_asked_for()
-> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    let records = [sale(1, POT, 2), sale(2, PEN, 2), sale(3, RUG, 2), sale(4, PEN, 3)];
    stage.ruin(PEN).await?;
    assert_eq!(fanned(&fanout, &records).await?, again_from(&records[1]));
    assert_eq!(asked(&stage).await?, everywhere(&[POT, RUG]));
    stage.repair(PEN).await?;
    assert_eq!(fanned(&fanout, &records[1..]).await?, all_done());
    assert_eq!(asked(&stage).await?, everywhere(&[PEN, RUG]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_delivered_again_from_its_first_record_asks_for_what_it_could_not_before() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    let records = [sale(1, PEN, 2), sale(2, POT, 2)];
    stage.ruin(PEN).await?;
    assert_eq!(fanned(&fanout, &records).await?, again_from(&records[0]));
    assert_eq!(asked(&stage).await?, everywhere(&[POT]));
    stage.repair(PEN).await?;
    assert_eq!(fanned(&fanout, &records).await?, all_done());
    assert_eq!(asked(&stage).await?, everywhere(&[PEN, POT]), "nothing if the queue takes it for the same message");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn halving_a_batch_finds_the_sku_that_can_not_be_looked_at_and_asks_for_all_others() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    let skus = [PEN, TEA, POT, PEN, RUG, TEA];
    let records: Vec<Value> = (1..).zip(skus).map(|(number, sku)| sale(number, sku, 2)).collect();
    stage.ruin(PEN).await?;
    let alone = deliver(&records, async |batch| fanned(&fanout, batch).await.unwrap()).await;
    assert_eq!(alone, [records[0].clone(), records[3].clone()]);
    assert_eq!(asked(&stage).await?, everywhere(&[POT, RUG, SET, TEA]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_split_anywhere_or_delivered_twice_asks_for_the_same_pushes() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    let skus = [TEA, POT, TEA, RUG, POT];
    for at in 0..skus.len() {
        let first = 100 * u64::try_from(at)?;
        let records: Vec<Value> = (first..).zip(skus).map(|(number, sku)| sale(number, sku, 2)).collect();
        let (early, late) = records.split_at(at);
        for batch in [early, late, late] {
            assert_eq!(fanned(&fanout, batch).await?, all_done());
        }
        assert_eq!(asked(&stage).await?, everywhere(&[POT, RUG, SET, TEA]), "split at {at}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_batch_twice_asks_for_each_push_once() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    for _ in 0..2 {
        assert_eq!(fanned(&fanout, &[sale(1, POT, 2), sale(2, RUG, 2)]).await?, all_done());
    }
    assert_eq!(stage.drain("push.fifo").await?.len(), 2, "one message a connection");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_in_every_shape_that_dynamodb_gives_them_are_taken() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    let mut to_the_millisecond = sale(1, TEA, 1);
    to_the_millisecond["dynamodb"]["ApproximateCreationDateTime"] = json!(1_795_341_600.123);
    let unlisted = json!({ "pk": { "S": format!("SKU#{POT}") }, "sk": { "S": "LISTING#wb-main#501001" } });
    let unlisted = record(2, Some(unlisted), None);
    let mut expired = record(3, Some(json!({ "pk": { "S": "CONN#kaspi-main" }, "sk": { "S": "PULL#1" } })), None);
    expired["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    let mut empty = record(4, Some(level(RUG, 1)), None);
    empty["dynamodb"]["OldImage"] = json!({});
    let records = [to_the_millisecond, unlisted, expired, empty, ruined(sale(5, PEN, 2))];
    assert_eq!(fanned(&fanout, &records).await?, all_done());
    assert_eq!(asked(&stage).await?, everywhere(&[PEN, POT, RUG, SET, TEA]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_queue_out_of_reach_has_the_whole_batch_come_again() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = Fanout { push: queue_out_of_reach("push.fifo"), ..stage.functions().fanout() };
    let records = [record(1, None, Some(json!({ "pk": { "S": "CONN#x" }, "sk": { "S": "CONN" } }))), sale(2, TEA, 2)];
    assert_eq!(fanned(&fanout, &records).await?, again_from(&records[1]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_deferred_messages_only_what_failed_comes_again_and_is_asked_for_then() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let fanout = stage.functions().fanout();
    let deferred = |id, skus: &[&str]| {
        let skus: Vec<_> = skus.iter().map(|sku| json!([sku, "test"])).collect();
        messages::message(id, &json!({ "connection": WB, "skus": skus }).to_string())
    };
    let batch = [deferred(1, &[TEA]), messages::message(2, "not JSON"), deferred(3, &[POT, PEN])];
    stage.ruin(PEN).await?;
    let failed = reported(&fanout.handle(messages::event(&batch)?).await);
    assert_eq!(failed, messages::ids(&[&batch[1], &batch[2]]));
    stage.drain("push.fifo").await?;
    stage.repair(PEN).await?;
    let failed = reported(&fanout.handle(messages::event(&batch[1..])?).await);
    assert_eq!(failed, messages::ids(&[&batch[1]]));
    assert_eq!(asked(&stage).await?, Asked::from([(WB.to_owned(), [PEN, POT].map(str::to_owned).into())]));
    Ok(())
}

async fn fanned(fanout: &Fanout, records: &[Value]) -> anyhow::Result<Value> {
    Ok(answer(&fanout.handle(event(records)?).await))
}

/// What is asked for in the push queue; takes it off.
async fn asked(stage: &Stage) -> anyhow::Result<Asked> {
    let mut asked = Asked::new();
    for message in stage.drain("push.fifo").await? {
        let doubt: Doubt = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        let connection = doubt.connection.expect("a push names its connection").to_string();
        asked.entry(connection).or_default().extend(doubt.skus.into_iter().map(|(sku, _)| sku.to_string()));
    }
    Ok(asked)
}

/// These at both channels that are told by a call.
fn everywhere(skus: &[&str]) -> Asked {
    let skus: BTreeSet<String> = skus.iter().map(|&sku| sku.to_owned()).collect();
    [OZON, WB].map(|connection| (connection.to_owned(), skus.clone())).into()
}
