//! Which SKUs a batch of stream records touches.

use std::collections::BTreeSet;

use aws_lambda_events::dynamodb::EventRecord;
use edin_domain::{Cause, Sku};
use edin_store::stream::text;

/// A SKU that a record touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// Which.
    pub sku: Sku,
    /// By which event.
    pub cause: Cause,
    /// In which record first.
    pub sequence: String,
}

/// The SKUs whose levels or listings changed, each once, in the records' order.
#[must_use]
pub fn touched(records: &[EventRecord]) -> Vec<Touch> {
    let mut seen = BTreeSet::new();
    records.iter().filter_map(touch).filter(|touch| seen.insert(touch.sku.clone())).collect()
}

fn touch(record: &EventRecord) -> Option<Touch> {
    let (pk, sk) = (text(&record.change.keys, "pk")?, text(&record.change.keys, "sk")?);
    let decides = ["LEVEL#", "LISTING#", "ITEM"].iter().any(|kind| sk.starts_with(kind));
    let sku = Sku::new(pk.strip_prefix("SKU#").filter(|_| decides)?).ok()?;
    let cause = text(&record.change.new_image, "cause").unwrap_or("listing");
    Some(Touch {
        sku,
        cause: Cause::new(cause).ok()?,
        sequence: record.change.sequence_number.clone().unwrap_or_default(),
    })
}
