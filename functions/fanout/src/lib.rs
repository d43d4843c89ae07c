//! The stock table's stream, and the deferred queue: which channels now show a wrong number?
//!
//! Each touched SKU is looked at once a batch, whatever happened to it how often. What the channels shall show is worked out
//! from the table as it is now, never from the record; so records may come late, twice or in pieces.

mod trigger;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use edin_channels::{is_told, pace};
use edin_domain::offer::due;
use edin_domain::shown::Decision;
use edin_domain::{Cause, Connection, ConnectionId, Sku, Timestamp};
use edin_platform::{Clock, Queue, QueueError, batch};
use edin_store::partition::{Glance, Sellable};
use edin_store::{Store, StoreError};
use edin_trade::messages::{Doubt, pushes, waits};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

pub use trigger::touched;

/// The function.
pub struct Fanout {
    /// Where stock and listings are.
    pub store: Store,
    /// Where pushes are asked for.
    pub push: Queue,
    /// Where what must wait waits.
    pub deferred: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What wakes the function.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// Records of the stock table's stream.
    Stream(StreamEvent),
    /// Messages of the deferred queue.
    Deferred(SqsEvent),
}

/// Which records or messages come again.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of the stream.
    Stream(DynamoDbEventResponse),
    /// Of the deferred queue.
    Deferred(SqsBatchResponse),
}

/// Why a SKU couldn't be looked at.
#[derive(Debug, thiserror::Error)]
pub enum FanoutError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The push queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message that can't be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// How many SKUs are read at the same time.
const AT_ONCE: usize = 16;

/// A shard of the stream is worked off no more often: a push takes ten messages, and lasts longer than this.
const PACE: Duration = Duration::from_millis(100);
/// A deferred message comes so much too early at most.
const EARLY: Duration = Duration::from_secs(1);

/// What deferred messages ask to look at again, together.
#[derive(Debug, Default)]
struct Look {
    skus: BTreeMap<Sku, Cause>,
    /// What each message asks for of it.
    messages: Vec<(String, BTreeSet<Sku>)>,
}

impl Look {
    fn add(&mut self, message: String, skus: Vec<(Sku, Cause)>) {
        self.messages.push((message, skus.iter().map(|(sku, _)| sku.clone()).collect()));
        self.skus.extend(skus);
    }
}

/// What is due, by connection.
#[derive(Debug, Default)]
struct Dues {
    push: BTreeMap<ConnectionId, BTreeMap<Sku, Cause>>,
    wait: BTreeMap<ConnectionId, Vec<(Sku, Cause, Timestamp)>>,
}

impl Fanout {
    /// Takes a batch of either source.
    pub async fn handle(&self, event: Event) -> Answer {
        match event {
            Event::Stream(event) => Answer::Stream(Box::pin(self.handle_stream(event)).await),
            Event::Deferred(event) => Answer::Deferred(Box::pin(self.handle_deferred(event)).await),
        }
    }

    /// Takes records of the stream. From the first one whose SKU can't be looked at, they come again. Returns no sooner than
    /// 100 ms after it was called, so that what comes in meanwhile is one batch, and one message a connection.
    pub async fn handle_stream(&self, event: StreamEvent) -> DynamoDbEventResponse {
        let began = self.clock.now();
        let touched = touched(&event.records);
        let trigger = event.records.first().map_or_else(String::new, |record| record.event_id.clone());
        let skus = touched.iter().map(|touch| (touch.sku.clone(), touch.cause.clone())).collect();
        let failed = self.fan_out(skus, None, &trigger).await;
        tokio::time::sleep(began.plus(PACE).since(self.clock.now()).min(PACE)).await;
        let first = touched.iter().find(|touch| failed.contains(&touch.sku)).map(|touch| touch.sequence.clone());
        let failure = |sequence| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence);
            failure
        };
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = first.into_iter().map(failure).collect();
        response
    }

    /// Takes messages of the deferred queue. What is due of a connection at the same time is looked at together, so that its
    /// pushes don't become as many as its messages.
    pub async fn handle_deferred(&self, event: SqsEvent) -> SqsBatchResponse {
        let mut looks = BTreeMap::<_, Look>::new();
        let mut failed = Vec::new();
        for message in event.records {
            let id = message.message_id.unwrap_or_default();
            match serde_json::from_str::<Doubt>(message.body.as_deref().unwrap_or_default()) {
                Ok(Doubt { connection, skus, not_before, .. }) => {
                    looks.entry((connection, not_before)).or_default().add(id, skus);
                }
                Err(error) => {
                    tracing::error!(message = %id, %error, "a deferred message can not be read and will come again");
                    failed.push(id);
                }
            }
        }
        let looks = looks.into_iter().map(|((only, at), look)| self.look_again(only, at, look));
        failed.extend(futures::future::join_all(looks).await.into_iter().flatten());
        batch::again(failed)
    }

    /// Looks at what waited, when its time has come. Returns the messages that come again.
    async fn look_again(
        &self,
        only: Option<ConnectionId>,
        at: Option<Timestamp>,
        Look { skus, messages }: Look,
    ) -> Vec<String> {
        let early = at.map_or(Duration::ZERO, |at| at.since(self.clock.now()));
        tokio::time::sleep(early.min(EARLY)).await;
        let trigger = messages.first().map_or("", |(id, _)| id.as_str());
        let failed = self.fan_out(skus, only.as_ref(), trigger).await;
        let again = messages.into_iter().filter(|(_, skus)| !failed.is_disjoint(skus));
        let again: Vec<String> = again.map(|(id, _)| id).collect();
        if !again.is_empty() {
            tracing::error!(messages = ?again, skus = ?failed, "deferred messages failed and will come again");
        }
        again
    }

    /// Looks at each SKU, and at the bundles that it is part of. Returns those that couldn't be looked at.
    async fn fan_out(&self, skus: BTreeMap<Sku, Cause>, only: Option<&ConnectionId>, trigger: &str) -> BTreeSet<Sku> {
        let glance = &self.store.glance();
        let looks =
            skus.iter().map(|(sku, cause)| async move { (sku, cause, batch::guarded(look(glance, sku)).await) });
        let looked: Vec<_> = stream::iter(looks.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
        let mut failed = BTreeSet::new();
        let mut sellables = Vec::new();
        for (sku, cause, result) in looked {
            match result {
                Ok(found) => sellables.extend(found.into_iter().map(|sellable| (cause.clone(), sellable))),
                Err(reason) => {
                    tracing::error!(%sku, %cause, %reason, "a SKU could not be looked at; it comes again");
                    failed.insert(sku.clone());
                }
            }
        }
        match self.send(&sellables, only, trigger).await {
            Ok(()) => failed,
            Err(error) => {
                tracing::error!(%error, "pushes could not be asked for; all of it comes again");
                skus.into_keys().collect()
            }
        }
    }

    async fn send(
        &self,
        sellables: &[(Cause, Sellable)],
        only: Option<&ConnectionId>,
        trigger: &str,
    ) -> Result<(), FanoutError> {
        let listed = sellables.iter().flat_map(|(_, sellable)| &sellable.partition.listings);
        let ids: BTreeSet<ConnectionId> = listed.map(|listing| listing.key.connection.clone()).collect();
        let ids = ids.into_iter().filter(|id| only.is_none_or(|only| only == id));
        let connections = self.store.connections_of(ids).await?;
        let dues = dues(sellables, &connections, self.clock.now());
        let mut messages = Vec::new();
        for (connection, skus) in dues.push {
            tracing::info!(%connection, skus = skus.len(), cause = ?skus.values().next(), "pushes are due");
            messages.extend(pushes(&connection, &skus.into_iter().collect::<Vec<_>>(), trigger)?);
        }
        self.push.send(messages).await?;
        let mut messages = Vec::new();
        for (connection, skus) in dues.wait {
            messages.extend(waits(&connection, skus, self.clock.now())?);
        }
        Ok(self.deferred.send(messages).await?)
    }
}

/// A SKU and the bundles that it is part of.
async fn look(glance: &Glance<'_>, sku: &Sku) -> Result<Vec<Sellable>, StoreError> {
    let own = glance.sellable(sku).await?;
    let bundles: Vec<_> = own.partition.bundles.iter().map(|bundle| glance.sellable(bundle)).collect();
    let mut all: Vec<Sellable> = futures::future::try_join_all(bundles).await?;
    all.push(own);
    Ok(all)
}

/// What is due for each listing.
fn dues(sellables: &[(Cause, Sellable)], connections: &BTreeMap<ConnectionId, Connection>, now: Timestamp) -> Dues {
    let mut dues = Dues::default();
    for (cause, Sellable { partition, stock }) in sellables {
        let Some(product) = &partition.product else { continue };
        for listing in &partition.listings {
            let id = &listing.key.connection;
            let Some(connection) = connections.get(id).filter(|connection| is_told(connection.channel())) else {
                continue;
            };
            let (sku, cause) = (listing.key.sku.clone(), cause.clone());
            let shown = partition.shown(&listing.key);
            match due(listing, product, connection, pace(connection), stock, &shown, now).decision {
                Decision::UpToDate | Decision::Withheld => {}
                Decision::Push => {
                    dues.push.entry(id.clone()).or_default().insert(sku, cause);
                }
                Decision::Wait(until) => dues.wait.entry(id.clone()).or_default().push((sku, cause, until)),
            }
        }
    }
    dues
}
