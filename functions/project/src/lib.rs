//! The stock table's stream into what is read: the ledger, oversells with their verdict, who bought what, and how fast goods
//! are sold.
//!
//! Everything written here is a function of the record and of the table, under a key that the record decides. So a record that
//! comes twice writes the same again.

mod customers;
mod demand;
mod oversell;
mod phone;

use std::sync::Arc;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use edin_domain::Secret;
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

    /// As far as the records can be done: what lies before the one that fails doesn't come again. The ledger's rows go in
    /// together, and first, because judging reads them, with a note of whose stock has changed; then the rest record by record; demand
    /// last, for nothing waits for an estimate.
    async fn project(&self, records: &[EventRecord]) -> Result<(), Failed> {
        let (rows, unreadable) = readable(records);
        let first = |reason| (records.first().and_then(sequence), reason);
        let changes = || rows.iter().filter_map(|(_, row)| row.as_ref());
        let ledger: Vec<_> = changes().map(|(level, entry)| (level.place.clone(), entry.clone())).collect();
        let id = records.first().and_then(sequence).unwrap_or_default();
        batch::guarded(self.store.put_ledger(&ledger, self.clock.now(), &id)).await.map_err(first)?;
        let noted = self.note_all(&rows).await;
        batch::guarded(self.note_demand(changes().map(|(level, _)| level))).await.map_err(first)?;
        noted?;
        unreadable.map_or(Ok(()), Err)
    }

    async fn note_all(&self, rows: &[(&EventRecord, Option<Row>)]) -> Result<(), Failed> {
        for (record, row) in rows {
            let done = batch::guarded(Box::pin(self.note(record, row.as_ref()))).await;
            done.map_err(|reason| (sequence(record), reason))?;
        }
        Ok(())
    }

    /// What a record says besides its row.
    async fn note(&self, record: &EventRecord, row: Option<&Row>) -> Result<(), StoreError> {
        match row {
            Some((level, entry)) if entry.oversold > 0 => self.judge(&level.place, entry).await,
            None if text(&record.change.keys, "sk") == Some("ORDER") => self.note_order(record).await,
            _ => Ok(()),
        }
    }

    async fn note_order(&self, record: &EventRecord) -> Result<(), StoreError> {
        match image(&record.change.new_image) {
            Some(item) => self.note_purchase(&order_from(item)?).await,
            None => Ok(()),
        }
    }
}

/// A level, and the row of the ledger that says how it came to that.
type Row = (Level, Entry);
/// A record that failed, and why.
type Failed = (Option<String>, String);

/// The records before the first that can't be read, each with its row of the ledger, and that one.
fn readable(records: &[EventRecord]) -> (Vec<(&EventRecord, Option<Row>)>, Option<Failed>) {
    let mut rows = Vec::new();
    for record in records {
        match row(record) {
            Ok(row) => rows.push((record, row)),
            Err(error) => return (rows, Some((sequence(record), error.to_string()))),
        }
    }
    (rows, None)
}

/// The ledger's row of a level's record; none for another item's, or for one that only changed beside its numbers.
fn row(record: &EventRecord) -> Result<Option<Row>, StoreError> {
    if !text(&record.change.keys, "sk").is_some_and(|sk| sk.starts_with("LEVEL#")) {
        return Ok(None);
    }
    let level = |image: Option<Item>| image.map(level_from).transpose();
    let before: Option<Level> = level(image(&record.change.old_image))?;
    let after: Option<Level> = level(image(&record.change.new_image))?;
    let moved = |after: &Level| before.as_ref().is_none_or(|before| before.version != after.version);
    Ok(after.filter(moved).map(|after| {
        let entry = Entry::between(before.as_ref(), &after);
        (after, entry)
    }))
}

fn sequence(record: &EventRecord) -> Option<String> {
    record.change.sequence_number.clone()
}
