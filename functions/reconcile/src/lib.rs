//! A schedule: what each channel really shows, against the table; every difference named, kept, and repaired.
//!
//! The schedule only sends a message for each connection into the reconcile queue; each is reconciled by itself.
//!
//! A repair is a push: the push queue is told what proved wrong, and does the rest. What the table itself waits
//! for is moved on too: orders whose articles were mapped meanwhile are handed to intake once more.

mod compare;
mod credential;
mod orders;
mod standing;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use edin_channels::client::{Client, ReadShelf};
use edin_channels::facts::Facts;
use edin_channels::facts_of;
use edin_domain::drift::{Reason, UnseenOrders};
use edin_domain::listing::ListingKey;
use edin_domain::shown::Shown;
use edin_domain::{Cause, Connection, ConnectionId, Sku, Timestamp, WarehouseId};
use edin_platform::{Clock, Message, Metrics, Queue, QueueError, batch};
use edin_store::catalogue::Connections;
use edin_store::drift::Finding;
use edin_store::seen::Seen;
use edin_store::status::Status;
use edin_store::{Store, StoreError};
use edin_trade::channels::{Channels, ConnectionError};
use edin_trade::messages::{ToReconcile, disproofs, pushes};
use edin_trade::news::Heard;
use serde::{Deserialize, Serialize};

use crate::compare::{Compared, Listed, Shelf};

/// The function.
pub struct Reconcile {
    /// Where stock, listings and findings are.
    pub store: Store,
    /// How channels are reached.
    pub channels: Channels,
    /// Where orders go that nobody knew.
    pub inbox: Queue,
    /// Where repairs are asked for.
    pub push: Queue,
    /// Where goes which connections are to be reconciled.
    pub reconcile: Queue,
    /// What the table was found to know.
    pub heard: Heard,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What wakes the function.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// Messages of the reconcile queue.
    Queue(SqsEvent),
    /// Somebody wants to see what is found at one connection.
    One(ToReconcile),
    /// The schedule: all of them are to be reconciled.
    Schedule(Schedule),
}

/// What the schedule says: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {}

/// What it comes to.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The messages that come again.
    Queue(SqsBatchResponse),
    /// What was found.
    One(Summary),
    /// A message a connection was sent.
    Asked,
}

/// Why the function can't do what woke it.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue takes no messages.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message that can't be read or written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What was found at one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Which.
    pub connection: ConnectionId,
    /// Listings looked at.
    pub listings: usize,
    /// Units by which they differ, summed up.
    pub drift_units: u64,
    /// The differences.
    pub findings: Vec<Finding>,
    /// What is wrong with its key, in words for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_problems: Vec<String>,
    /// Why it couldn't be looked at, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Reconcile {
    /// Does what an event asks for.
    ///
    /// # Errors
    /// [`ReconcileError`]; a connection that can't be reconciled is no error, its summary says why.
    pub async fn handle(&self, event: Event) -> Result<Answer, ReconcileError> {
        match event {
            Event::Queue(event) => Ok(Answer::Queue(self.handle_queue(event).await)),
            Event::One(wanted) => Ok(Answer::One(self.reconcile(&wanted.connection).await?)),
            Event::Schedule(Schedule {}) => self.ask_for_all().await.map(|()| Answer::Asked),
        }
    }

    /// Sends a message for each connection: each is reconciled by itself, and a slow one delays nobody else.
    ///
    /// # Errors
    /// [`ReconcileError`].
    pub async fn ask_for_all(&self) -> Result<(), ReconcileError> {
        let now = self.clock.now();
        let Connections { known, unreadable } = self.store.all_connections().await?;
        for (connection, reason) in unreadable {
            failed(&connection, reason);
        }
        let selling = known.into_values().filter(|connection| !connection.is_over(now));
        let messages = selling.map(|connection| Message::json(&ToReconcile { connection: connection.id }));
        Ok(self.reconcile.send(messages.collect::<Result<_, _>>()?).await?)
    }

    /// Takes messages of the reconcile queue, each beside the others.
    pub async fn handle_queue(&self, event: SqsEvent) -> SqsBatchResponse {
        let reconciled = event.records.iter().map(|message| async {
            let done = batch::guarded(Box::pin(self.handle_message(message))).await;
            let id = message.message_id.clone().unwrap_or_default();
            done.err().map(|reason| {
                tracing::error!(message = %id, %reason, "a message of the reconcile queue was not done, and comes again");
                id
            })
        });
        batch::again(futures::future::join_all(reconciled).await.into_iter().flatten())
    }

    async fn handle_message(&self, message: &SqsMessage) -> Result<(), ReconcileError> {
        let wanted: ToReconcile = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        self.reconcile(&wanted.connection).await.map(drop)
    }

    /// Reconciles a connection. Why it couldn't be done, if so, is in the summary.
    ///
    /// # Errors
    /// [`ReconcileError`] if the table can't be read or written.
    pub async fn reconcile(&self, id: &ConnectionId) -> Result<Summary, ReconcileError> {
        let Some(connection) = self.store.connection(id).await? else {
            return Ok(failed(id, format!("there is no connection {id}")));
        };
        if connection.is_over(self.clock.now()) {
            return Ok(Summary::empty(id));
        }
        match facts_of(&connection) {
            Ok(facts) => Ok(self.hold_against(&connection, facts).await?),
            Err(error) => Ok(failed(id, error.to_string())),
        }
    }

    /// What the table says of a connection is noted even if the channel can't be asked.
    async fn hold_against(&self, connection: &Connection, facts: &Facts) -> Result<Summary, StoreError> {
        let listed = compare::listed(&self.store, connection, self.clock.now()).await?;
        let mut status = self.standing(connection, facts, &listed).await?;
        // Noted at once: what the table says is known even of a channel that outlasts the function's time.
        self.store.put_status(&connection.id, &status).await?;
        let compared = batch::guarded(Box::pin(self.compare(connection, &listed, &mut status))).await;
        let mut summary = compared.unwrap_or_else(|reason| failed(&connection.id, reason));
        summary.key_problems.clone_from(&status.key_problems);
        status.problem.clone_from(&summary.problem);
        if status.problem.is_none() {
            status.drift_units = summary.drift_units;
        }
        self.tell(connection, &status);
        self.store.put_status(&connection.id, &status).await?;
        Ok(summary)
    }

    async fn compare(
        &self,
        connection: &Connection,
        listed: &[Listed],
        status: &mut Status,
    ) -> Result<Summary, ConnectionError> {
        self.remap(connection).await?;
        let channel = self.channels.open(connection).await?;
        self.check_credential(connection, channel.as_ref(), status).await;
        let Some(shelf) = channel.shelf() else {
            return Ok(Summary { listings: listed.len(), ..Summary::empty(&connection.id) });
        };
        let (compared, at) = self.look(connection, channel.as_ref(), shelf, listed).await?;
        self.repair(connection, listed, &compared, at).await?;
        let summary = Summary {
            connection: connection.id.clone(),
            listings: listed.len(),
            // What may not be told is no drift, and what nobody listed yet is for a person to list before it is live.
            drift_units: if connection.is_live() { compared.units() } else { 0 },
            findings: compared.findings,
            ..Summary::empty(&connection.id)
        };
        tracing::info!(connection = %summary.connection, listings = summary.listings, drift_units = summary.drift_units, findings = summary.findings.len(), "reconciled");
        Ok(summary)
    }

    /// Holds what the channel shows against the table: first the shelves, then the orders, so that what a shelf has lost to a buyer
    /// is heard of; then, of what differs, the table once more. Returns when that was.
    async fn look(
        &self,
        connection: &Connection,
        channel: &dyn Client,
        shelf: &dyn ReadShelf,
        listed: &[Listed],
    ) -> Result<(Compared, Timestamp), ConnectionError> {
        let mut shelves = Vec::new();
        for (warehouse, listings) in compare::by_warehouse(connection, listed) {
            let rows: Vec<_> = listings.iter().map(|listed| listed.stock_row()).collect();
            let seen = shelf.seen(&warehouse, &rows).await?;
            shelves.push(Shelf { warehouse, listings, seen });
        }
        if !connection.is_live() {
            self.keep(connection, &shelves).await?;
        }
        let unseen = self.unseen_goods(connection, channel).await?;
        let differing = shelves.iter().flat_map(Shelf::differing).map(|(one, _)| one.listing.key.sku.clone()).collect();
        let now = self.clock.now();
        let after = compare::now(&self.store, connection, differing, now).await?;
        let mut all = Compared::default();
        for Compared { findings, disproved } in
            shelves.iter().map(|shelf| compare::compare(shelf, &after, &unseen, now))
        {
            all.findings.extend(findings);
            all.disproved.extend(disproved);
        }
        Ok((all, now))
    }

    /// Keeps what the shelves of a connection show that is told nothing: there is no belief by which a person could see what would
    /// change.
    async fn keep(&self, connection: &Connection, shelves: &[Shelf<'_>]) -> Result<(), StoreError> {
        let at = self.clock.now();
        for shelf in shelves {
            self.store.put_seen(&connection.id, &shelf.warehouse, &Seen { at, numbers: shelf.numbers() }).await?;
        }
        Ok(())
    }

    /// Keeps the findings, and asks for pushes: of what differs, and of what must be told anyway, for whoever was to tell it may
    /// have died with a queue. What proved wrong is dropped by push, the only one that notes what a channel was told.
    async fn repair(
        &self,
        connection: &Connection,
        listed: &[Listed],
        compared: &Compared,
        at: Timestamp,
    ) -> Result<(), ConnectionError> {
        self.store.put_findings(&connection.id, &compared.findings).await?;
        for finding in &compared.findings {
            let Finding { warehouse, sku, article, drift, .. } = finding;
            tracing::warn!(connection = %connection.id, %warehouse, ?sku, %article, actual = drift.actual, desired = drift.desired, reason = ?drift.reason, "a channel shows another number");
        }
        let cause = Cause::new(format!("reconcile:{}", at.millis()))
            .map_err(<serde_json::Error as serde::ser::Error>::custom)?;
        let due = listed.iter().filter(|one| one.must_be_told()).map(|one| &one.listing.key.sku);
        let found = compared.findings.iter().filter_map(|finding| finding.sku.as_ref());
        let asked: BTreeSet<&Sku> = due.chain(found).collect();
        let (disproved, due): (Vec<_>, Vec<_>) = asked
            .into_iter()
            .map(|sku| (sku.clone(), cause.clone()))
            .partition(|(sku, _)| compared.disproved.contains(sku));
        let mut messages = disproofs(&connection.id, &disproved, cause.as_str(), at)?;
        messages.extend(pushes(&connection.id, &due, cause.as_str())?);
        Ok(self.push.send(messages).await?)
    }
}

fn failed(connection: &ConnectionId, reason: String) -> Summary {
    tracing::error!(%connection, %reason, "a connection could not be reconciled");
    Summary { problem: Some(reason), ..Summary::empty(connection) }
}

impl Summary {
    fn empty(connection: &ConnectionId) -> Self {
        Self {
            connection: connection.clone(),
            listings: 0,
            drift_units: 0,
            findings: Vec::new(),
            key_problems: Vec::new(),
            problem: None,
        }
    }
}
