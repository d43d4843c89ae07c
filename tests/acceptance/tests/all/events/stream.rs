//! Records of the stock table's stream, and what Lambda makes of a function's answer.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const RECORD: &str = include_str!("samples/stream_record.json");
/// When everything here was counted.
pub(super) const OPENED_AT: i64 = 1_795_341_600_000;

/// A record of a change, number `number` of the stream: from `old` to `new`, each an item as DynamoDB writes it.
pub(super) fn record(number: u64, old: Option<Value>, new: Option<Value>) -> Value {
    let mut record: Value = serde_json::from_str(RECORD).expect("the sample is JSON");
    let item = new.as_ref().or(old.as_ref()).expect("a change of something");
    record["dynamodb"]["Keys"] = json!({ "pk": item["pk"], "sk": item["sk"] });
    record["dynamodb"]["SequenceNumber"] = json!(format!("44215845000000000{number:011}"));
    record["eventID"] = json!(format!("{number:032x}"));
    record["eventName"] = json!(match (&old, &new) {
        (None, _) => "INSERT",
        (Some(_), Some(_)) => "MODIFY",
        (Some(_), None) => "REMOVE",
    });
    for (name, image) in [("OldImage", old), ("NewImage", new)] {
        if let Some(image) = image {
            record["dynamodb"][name] = image;
        }
    }
    record
}

/// The record of version `version` of a level in Almaty: ten were counted, and each later version sold one more.
pub(super) fn sale(number: u64, sku: &str, version: u64) -> Value {
    record(number, (version > 1).then(|| level(sku, version - 1)), Some(level(sku, version)))
}

/// A level as the store writes it.
pub(super) fn level(sku: &str, version: u64) -> Value {
    let number = |number: i64| json!({ "N": number.to_string() });
    let sold = i64::try_from(version).expect("a small one") - 1;
    let change = match sold {
        0 => json!({ "order": { "S": "opening" }, "on_hand": { "N": "10" } }),
        _ => json!({ "order": { "S": format!("ozon-main/1-{sold}") }, "reserved": { "N": "1" } }),
    };
    json!({
        "pk": { "S": format!("SKU#{sku}") },
        "sk": { "S": "LEVEL#almaty" },
        "on_hand": number(10),
        "reserved": number(sold),
        "available": number(10 - sold),
        "version": number(sold + 1),
        "cause": { "S": format!("ozon-main:{sold:016}") },
        "changed_at": number(OPENED_AT + sold * 1_000),
        "opened_at": number(OPENED_AT),
        "opening": number(10),
        "changes": { "L": [{ "M": change }] },
    })
}

/// The same record with a level that can't be read.
pub(super) fn ruined(mut record: Value) -> Value {
    record["dynamodb"]["NewImage"]["on_hand"] = json!({ "S": "plenty" });
    record
}

/// The event that Lambda makes of records.
pub(super) fn event<E: DeserializeOwned>(records: &[Value]) -> anyhow::Result<E> {
    Ok(serde_json::from_str(&json!({ "Records": records }).to_string())?)
}

/// The answer after which Lambda goes on.
pub(super) fn all_done() -> Value {
    json!({ "batchItemFailures": [] })
}

/// The answer after which Lambda delivers this record again, with all that follow it.
pub(super) fn again_from(record: &Value) -> Value {
    json!({ "batchItemFailures": [{ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }] })
}

/// An answer as Lambda reads it.
pub(super) fn answer(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("an answer is JSON")
}

/// Delivers records as a mapping does that cuts a batch where the function says, and halves one that fails at its first
/// record, until nothing is left. Returns the records that failed alone.
pub(super) async fn deliver(records: &[Value], function: impl AsyncFn(&[Value]) -> Value) -> Vec<Value> {
    let mut batches = vec![records.to_vec()];
    let mut alone = Vec::new();
    while let Some(batch) = batches.pop() {
        let response = function(&batch).await;
        let failed = response["batchItemFailures"][0]["itemIdentifier"].clone();
        if failed.is_null() {
            continue;
        }
        let at = batch.iter().position(|record| record["dynamodb"]["SequenceNumber"] == failed);
        let rest = &batch[at.expect("an answer names a record of its batch")..];
        match rest {
            [one] => alone.push(one.clone()),
            rest if rest.len() < batch.len() => batches.push(rest.to_vec()),
            rest => {
                let (early, late) = rest.split_at(rest.len() / 2);
                batches.extend([late.to_vec(), early.to_vec()]);
            }
        }
    }
    alone
}
