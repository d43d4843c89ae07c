//! The stock table's stream into what people read: the ledger, oversells with their verdict, and who bought what.
//!
//! Everything written here is a function of the record and of the table, under a key that the record decides. So a record that
//! comes twice writes the same again.

mod customers;
mod oversell;

use std::sync::Arc;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use edin_domain::Secret;
use edin_domain::order::Place;
use edin_domain::stock::{Entry, Level};
use edin_platform::{Clock, Metrics, batch};
use edin_store::stream::{image, text};
use edin_store::{Item, Store, StoreError, level_from, order_from};

/// The function.
pub struct Project {
    /// Where everything is.
    pub store: Store,
    /// What identities are digested with.
    pub key: Secret<String>,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Project {
    /// Takes records of the stream. From the first one that fails on, they come again.
    pub async fn handle(&self, event: StreamEvent) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        if let Err((sequence, reason)) = self.project(&event.records).await {
            tracing::error!(%reason, "a record could not be projected; it comes again");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = sequence;
            response.batch_item_failures.push(failure);
        }
        response
    }

    /// The ledger's rows go in together; the rest record by record.
    async fn project(&self, records: &[EventRecord]) -> Result<(), (Option<String>, String)> {
        let first = records.first().and_then(sequence);
        let mut rows = Vec::new();
        for record in records {
            let row = row(record).map_err(|error| (sequence(record), error.to_string()))?;
            rows.extend(row.map(|row| (record, row)));
        }
        let ledger: Vec<(Place, Entry)> = rows.iter().map(|(_, row)| row.clone()).collect();
        let written = batch::guarded(self.store.put_ledger(&ledger)).await;
        written.map_err(|reason| (first, reason))?;
        for (record, (place, entry)) in rows.iter().filter(|(_, (_, entry))| entry.oversold > 0) {
            let judged = batch::guarded(Box::pin(self.judge(place, entry))).await;
            judged.map_err(|reason| (sequence(record), reason))?;
        }
        for record in records.iter().filter(|record| text(&record.change.keys, "sk") == Some("ORDER")) {
            let noted = batch::guarded(Box::pin(self.note_order(record))).await;
            noted.map_err(|reason| (sequence(record), reason))?;
        }
        Ok(())
    }

    async fn note_order(&self, record: &EventRecord) -> Result<(), StoreError> {
        match image(&record.change.new_image) {
            Some(item) => self.note_purchase(&order_from(item)?).await,
            None => Ok(()),
        }
    }
}

/// The ledger's row of a level's record; none for another item's, or for one that only changed beside its numbers.
fn row(record: &EventRecord) -> Result<Option<(Place, Entry)>, StoreError> {
    if !text(&record.change.keys, "sk").is_some_and(|sk| sk.starts_with("LEVEL#")) {
        return Ok(None);
    }
    let level = |image: Option<Item>| image.map(level_from).transpose();
    let before: Option<Level> = level(image(&record.change.old_image))?;
    let after: Option<Level> = level(image(&record.change.new_image))?;
    let moved = |after: &Level| before.as_ref().is_none_or(|before| before.version != after.version);
    Ok(after.filter(moved).map(|after| (after.place.clone(), Entry::between(before.as_ref(), &after))))
}

fn sequence(record: &EventRecord) -> Option<String> {
    record.change.sequence_number.clone()
}
