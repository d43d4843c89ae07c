//! The plain accesses that the modules share: many items at once, one item, one partition.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, TransactWriteItem,
    WriteRequest,
};
use futures::{StreamExt, TryStreamExt, stream};

use crate::item::{Item, number, unreadable};
use crate::keys::Key;
use crate::{Store, StoreError};

/// DynamoDB's limits of items in one call.
const READ_AT_ONCE: usize = 100;
const WRITTEN_AT_ONCE: usize = 25;
/// Reads that are under way at the same time.
pub(crate) const CALLS_AT_ONCE: usize = 16;
/// Items of a page that is read backwards.
const LOOKED_AT_ONCE: i32 = 100;
/// How often what DynamoDB left undone of a batch is asked for again.
const ROUNDS: u32 = 8;

/// Whether a read must see every write that was acknowledged before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consistency {
    Strong,
    Eventual,
}

impl Store {
    /// Opens the line that the first call will take. Tables that can't be reached say so when it matters.
    pub async fn reach(&self) {
        if let Err(error) = self.answers().await {
            tracing::warn!(%error, "the tables can not be reached yet");
        }
    }

    /// Asks the stock table for nothing in particular.
    ///
    /// # Errors
    /// [`StoreError`] if it doesn't answer.
    pub async fn answers(&self) -> Result<(), StoreError> {
        let nothing = Key { pk: "REACH".to_owned(), sk: "REACH".to_owned() };
        self.get(&self.tables.stock, &nothing, Consistency::Eventual).await.map(drop)
    }

    pub(crate) async fn get(
        &self,
        table: &str,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(table).set_key(Some(key.attributes()));
        let request = request.consistent_read(consistency == Consistency::Strong);
        let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        Ok(answer.map_err(|error| StoreError::of("GetItem", error))?.item)
    }

    /// Reads items by their keys, in no order; those that aren't there are missing.
    pub(crate) async fn get_many(
        &self,
        table: &str,
        keys: impl IntoIterator<Item = Key>,
        consistency: Consistency,
    ) -> Result<Vec<Item>, StoreError> {
        let keys: Vec<Key> = keys.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let chunks = keys.chunks(READ_AT_ONCE).map(|chunk| self.get_chunk(table, chunk, consistency));
        // Only so many at the same time: each is a line of its own to DynamoDB, and Lambda lets a function open a thousand.
        let chunks = stream::iter(chunks.collect::<Vec<_>>()).buffered(CALLS_AT_ONCE);
        chunks
            .try_fold(Vec::new(), async |mut items, chunk| {
                items.extend(chunk);
                Ok(items)
            })
            .await
    }

    async fn get_chunk(&self, table: &str, keys: &[Key], consistency: Consistency) -> Result<Vec<Item>, StoreError> {
        const CALL: &str = "BatchGetItem";
        let wanted = keys.iter().map(Key::attributes).collect();
        let mut wanted = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(consistency == Consistency::Strong)
            .build()
            .map_err(|error| StoreError::Refused { call: CALL, reason: error.to_string() })?;
        let mut items = Vec::new();
        for round in 0..ROUNDS {
            let request = self.client.batch_get_item().request_items(table, wanted);
            let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let answer = answer.map_err(|error| StoreError::of(CALL, error))?;
            items.extend(answer.responses.unwrap_or_default().remove(table).unwrap_or_default());
            match answer.unprocessed_keys.unwrap_or_default().remove(table) {
                None => return Ok(items),
                Some(rest) => wanted = rest,
            }
            tokio::time::sleep(Duration::from_millis(20 << round)).await;
        }
        Err(StoreError::Busy { call: CALL, reason: "some keys were left unread again and again".to_owned() })
    }

    /// Writes items over whatever is there. Not all or nothing: after an error some may be written.
    pub(crate) async fn put_many(&self, table: &str, items: Vec<Item>) -> Result<(), StoreError> {
        for chunk in items.chunks(WRITTEN_AT_ONCE) {
            self.put_chunk(table, chunk).await?;
        }
        Ok(())
    }

    async fn put_chunk(&self, table: &str, items: &[Item]) -> Result<(), StoreError> {
        const CALL: &str = "BatchWriteItem";
        let put = |item: &Item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            let put = put.map_err(|error| StoreError::Refused { call: CALL, reason: error.to_string() })?;
            Ok(WriteRequest::builder().put_request(put).build())
        };
        let mut wanted: Vec<WriteRequest> = items.iter().map(put).collect::<Result<_, StoreError>>()?;
        for round in 0..ROUNDS {
            let request = self.client.batch_write_item().request_items(table, wanted);
            let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let answer = answer.map_err(|error| StoreError::of(CALL, error))?;
            match answer.unprocessed_items.unwrap_or_default().remove(table) {
                None => return Ok(()),
                Some(rest) => wanted = rest,
            }
            tokio::time::sleep(Duration::from_millis(20 << round)).await;
        }
        Err(StoreError::Busy { call: CALL, reason: "some items were left unwritten again and again".to_owned() })
    }

    /// Writes one item, over whatever is there or under a condition.
    pub(crate) async fn put_one(&self, table: &str, item: Item, condition: Condition) -> Result<(), StoreError> {
        let request = self.client.put_item().table_name(table).set_item(Some(item));
        let request = match condition {
            Condition::None => request,
            Condition::New => request.condition_expression("attribute_not_exists(pk)"),
            Condition::Unversioned => {
                request.condition_expression("attribute_exists(pk) AND attribute_not_exists(version)")
            }
            Condition::Newer(version) => request
                .condition_expression("attribute_not_exists(pk) OR version < :version")
                .expression_attribute_values(":version", number(version)),
            Condition::Version(before) => {
                request.condition_expression("version = :before").expression_attribute_values(":before", number(before))
            }
        };
        let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        answer.map(|_| ()).map_err(|error| StoreError::of("PutItem", error))
    }

    /// Deletes one item, if it is there.
    pub(crate) async fn delete(&self, table: &str, key: Key) -> Result<(), StoreError> {
        let request = self.client.delete_item().table_name(table).set_key(Some(key.attributes()));
        let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        answer.map(|_| ()).map_err(|error| StoreError::of("DeleteItem", error))
    }

    /// A page of all that a table holds, and from where the next one goes on; none if there is no more.
    pub(crate) async fn scan_page(
        &self,
        table: &str,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let request = self.client.scan().table_name(table).set_exclusive_start_key(from);
        let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let page = answer.map_err(|error| StoreError::of("Scan", error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Writes items together or not at all.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if a condition didn't hold; [`StoreError::Busy`] if another transaction had its hand on one.
    pub(crate) async fn all_or_nothing(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        const CALL: &str = "TransactWriteItems";
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        answer.map(|_| ()).map_err(|error| match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                refusal(CALL, cancelled.cancellation_reasons())
            }
            _ => StoreError::of(CALL, error),
        })
    }

    /// All items of a partition whose sort key begins with `prefix`, in its order.
    pub(crate) async fn partition_of(
        &self,
        table: &str,
        pk: String,
        prefix: &str,
        consistency: Consistency,
    ) -> Result<Vec<Item>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(table)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .consistent_read(consistency == Consistency::Strong);
        collect(begins_with(query, ("pk", "sk"), prefix)).await
    }

    /// The items of a partition from `from` on, in its order.
    pub(crate) async fn partition_from(&self, table: &str, from: Key) -> Result<Vec<Item>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk AND sk >= :from")
            .expression_attribute_values(":pk", AttributeValue::S(from.pk))
            .expression_attribute_values(":from", AttributeValue::S(from.sk));
        collect(query.consistent_read(true)).await
    }

    /// The last `count` items of a partition whose sort key begins with `prefix`, the last one first.
    pub(crate) async fn last_of(
        &self,
        table: &str,
        pk: String,
        prefix: &str,
        count: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let query = self.client.query().table_name(table).expression_attribute_values(":pk", AttributeValue::S(pk));
        let query = begins_with(query, ("pk", "sk"), prefix).scan_index_forward(false).consistent_read(true);
        let (mut items, mut from) = (Vec::new(), None);
        // A page ends at a megabyte too.
        while let Some(left) = count.checked_sub(items.len()).filter(|left| *left > 0) {
            let (found, next) = page(query.clone().limit(i32::try_from(left).unwrap_or(i32::MAX)), from).await?;
            items.extend(found);
            match next {
                None => break,
                next => from = next,
            }
        }
        Ok(items)
    }

    /// The items of a partition whose sort key begins with `prefix`, the last one first, as long as `is_wanted`.
    pub(crate) async fn last_while(
        &self,
        table: &str,
        pk: String,
        prefix: &str,
        is_wanted: impl Fn(&Item) -> bool,
    ) -> Result<Vec<Item>, StoreError> {
        let query = self.client.query().table_name(table).expression_attribute_values(":pk", AttributeValue::S(pk));
        let query = begins_with(query, ("pk", "sk"), prefix).scan_index_forward(false).limit(LOOKED_AT_ONCE);
        let query = query.consistent_read(true);
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let (found, next) = page(query.clone(), from).await?;
            for item in found {
                if !is_wanted(&item) {
                    return Ok(items);
                }
                items.push(item);
            }
            match next {
                None => return Ok(items),
                next => from = next,
            }
        }
    }

    /// What the index lists for a connection under `prefix`.
    pub(crate) async fn listed(&self, list: String, prefix: &str) -> Result<Vec<Item>, StoreError> {
        collect(self.list(list, prefix)).await
    }

    /// A page of what the index lists for a connection under `prefix`, and where the next one begins.
    pub(crate) async fn listed_page(
        &self,
        list: String,
        prefix: &str,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        page(self.list(list, prefix), from).await
    }

    fn list(&self, list: String, prefix: &str) -> Query {
        begins_with(self.index(list), ("listed_under", "listed_as"), prefix)
    }

    /// What the index lists under `list` as less than `end`.
    pub(crate) fn list_before(&self, list: &str, end: &str) -> Query {
        self.index(list.to_owned())
            .key_condition_expression("listed_under = :pk AND listed_as < :end")
            .expression_attribute_values(":end", AttributeValue::S(end.to_owned()))
    }

    /// What the index lists under `list` as more than `start`.
    pub(crate) fn list_after(&self, list: &str, start: &str) -> Query {
        self.index(list.to_owned())
            .key_condition_expression("listed_under = :pk AND listed_as > :start")
            .expression_attribute_values(":start", AttributeValue::S(start.to_owned()))
    }

    fn index(&self, list: String) -> Query {
        self.client
            .query()
            .table_name(&self.tables.stock)
            .index_name(crate::keys::BY_CONNECTION)
            .expression_attribute_values(":pk", AttributeValue::S(list))
    }
}

pub(crate) type Query = aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

/// One partition's items whose sort key begins with `prefix`. DynamoDB refuses an empty one, which stands for all.
fn begins_with(query: Query, (partition, sort): (&str, &str), prefix: &str) -> Query {
    match prefix {
        "" => query.key_condition_expression(format!("{partition} = :pk")),
        prefix => query
            .key_condition_expression(format!("{partition} = :pk AND begins_with({sort}, :prefix)"))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned())),
    }
}

async fn collect(query: Query) -> Result<Vec<Item>, StoreError> {
    let (mut items, mut from) = (Vec::new(), None);
    loop {
        let (found, next) = page(query.clone(), from).await?;
        items.extend(found);
        match next {
            None => return Ok(items),
            next => from = next,
        }
    }
}

/// A page of a query, and from where the next one goes on; none if there is no more.
pub(crate) async fn page(query: Query, from: Option<Item>) -> Result<(Vec<Item>, Option<Item>), StoreError> {
    let query = query.return_consumed_capacity(ReturnConsumedCapacity::Total);
    let page = query.set_exclusive_start_key(from).send().await.map_err(|error| StoreError::of("Query", error))?;
    Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
}

/// When an item may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Whatever is there.
    None,
    /// If there is none.
    New,
    /// If the one there has no version: it was written before such items had one.
    Unversioned,
    /// If the one there is of this version.
    Version(u64),
    /// If there is none of this version, or of a later one.
    Newer(u64),
}

impl Condition {
    /// Over the version that was read; none means that there was none.
    pub(crate) const fn over(version: u64) -> Self {
        match version {
            0 => Self::New,
            version => Self::Version(version),
        }
    }
}

fn refusal(call: &'static str, reasons: &[CancellationReason]) -> StoreError {
    let reasons: Vec<_> = reasons.iter().filter(|reason| !matches!(reason.code(), None | Some("None"))).collect();
    let of = |codes: &[&str]| reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)));
    let said = || reasons.iter().filter_map(|reason| reason.message().or(reason.code())).collect::<Vec<_>>().join(", ");
    match () {
        () if of(&["ConditionalCheckFailed"]) => StoreError::Stale { call },
        () if of(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
            || reasons.is_empty() =>
        {
            StoreError::Busy { call, reason: said() }
        }
        () => StoreError::Refused { call, reason: said() },
    }
}

/// The sort-key error of an item that was listed under a name that it doesn't bear.
pub(crate) fn misplaced(item: &Item) -> StoreError {
    unreadable(&crate::item::key(item), "its key is not what it was listed under")
}
