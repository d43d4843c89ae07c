//! The orders of channels that don't call us, and those that a channel forgot to tell, into the inbox queue.
//!
//! Two schedules: the newest orders, often and cheaply; and every order that changed and all that came back, each from where the last
//! such reading began, with an overlap. A schedule only sends a message for each connection into the poll queue; each is read by
//! itself, so that a slow or huge account delays nobody else. Of orders that a channel hinted at the queue tells too. What the
//! table knows already is left out. A reading that fails changes nothing: the next one reads the same again.

mod accept;
mod holds;
mod noted;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use edin_channels::client::Client;
use edin_channels::told::{LeftOut, Orders, Page, Told};
use edin_domain::{Connection, OrderId, Timestamp};
use edin_platform::{Clock, Message, Metrics, Queue, QueueError, batch};
use edin_store::catalogue::Connections;
use edin_store::{Store, StoreError};
use edin_trade::channels::{Channels, ConnectionError};
use edin_trade::handover::hand_over;
use edin_trade::messages::{Hinted, Read, ToRead};
use edin_trade::news::{Heard, compare};
use serde::{Deserialize, Serialize};

use crate::noted::Before;
pub use crate::noted::Noted;
pub use crate::topics::Topic;
use crate::topics::Turn;

/// The function.
pub struct Poll {
    /// Where orders are, and how far they were read.
    pub store: Store,
    /// How channels are reached.
    pub channels: Channels,
    /// Where orders go.
    pub inbox: Queue,
    /// Where goes what is still to be read.
    pub poll: Queue,
    /// What the table was found to know.
    pub heard: Heard,
    /// How readings were noted to go.
    pub noted: Noted,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What wakes the function.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A schedule.
    Schedule(Schedule),
    /// Messages of the poll queue.
    Queue(SqsEvent),
}

/// What a schedule says: that all connections are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What is to be read.
    pub read: Read,
    /// Again and again within a minute, so many seconds apart: a schedule can't be shorter than a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_seconds: Option<u64>,
}

/// Why a schedule could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The connections can't be listed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue takes no messages.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message that can't be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The shortest time between two events of a schedule.
const MINUTE: Duration = Duration::from_secs(60);

impl Poll {
    /// Takes an event of either source. Returns the messages that come again.
    ///
    /// # Errors
    /// [`PollError`] if a schedule can't be kept.
    pub async fn handle(&self, event: Event) -> Result<SqsBatchResponse, PollError> {
        match event {
            Event::Schedule(schedule) => {
                // Neither keeps the other from being done.
                let ended = if schedule.read == Read::Newest { self.end_holds().await } else { Ok(()) };
                self.ask_for_all(&schedule).await.and(ended).map(|()| SqsBatchResponse::default())
            }
            Event::Queue(event) => Ok(self.handle_queue(event).await),
        }
    }

    /// Sends a message for each connection, or one for each time within a minute.
    ///
    /// # Errors
    /// [`PollError`].
    pub async fn ask_for_all(&self, schedule: &Schedule) -> Result<(), PollError> {
        let now = self.clock.now();
        let Connections { known, unreadable } = self.store.all_connections().await?;
        for (connection, reason) in unreadable {
            tracing::error!(%connection, %reason, "a connection can not be read, and so can't its orders");
        }
        let selling = known.into_values().filter(|connection| !connection.is_over(now));
        let times = times(schedule.every_seconds);
        let messages = selling.flat_map(|connection| {
            times.iter().map(move |(after, not_after)| {
                let not_after = not_after.map(|not_after| now.plus(not_after));
                let wanted = ToRead { connection: connection.id.clone(), read: schedule.read.clone(), not_after };
                Message::json(&wanted).map(|message| message.after(*after))
            })
        });
        Ok(self.poll.send(messages.collect::<Result<_, _>>()?).await?)
    }

    /// Takes messages of the poll queue, each beside the others.
    pub async fn handle_queue(&self, event: SqsEvent) -> SqsBatchResponse {
        let readings = event.records.iter().map(|message| async {
            let read = batch::guarded(Box::pin(self.read_message(message))).await;
            let id = message.message_id.clone().unwrap_or_default();
            read.err().map(|reason| {
                tracing::error!(message = %id, %reason, "a message of the poll queue was not done, and comes again");
                id
            })
        });
        batch::again(futures::future::join_all(readings).await.into_iter().flatten())
    }

    async fn read_message(&self, message: &SqsMessage) -> Result<(), ConnectionError> {
        let wanted: ToRead = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        let Some(wanted) = self.still_unread(wanted) else { return Ok(()) };
        let now = self.clock.now();
        if wanted.not_after.is_some_and(|not_after| not_after < now) {
            tracing::warn!(connection = %wanted.connection, "a reading comes too late, and is left to the next one");
            return Ok(());
        }
        let connection = self.store.connection(&wanted.connection).await?;
        let connection = connection.ok_or_else(|| ConnectionError::Unknown(wanted.connection.clone()))?;
        let is_hint = matches!(wanted.read, Read::Hinted(_));
        match self.read(&connection, &wanted.read).await {
            Ok(None) => Ok(()),
            Ok(Some(at)) => self.read_at(ToRead { read: Read::Rest, not_after: None, ..wanted }, at).await,
            Err(ConnectionError::Channel(error)) if is_hint => {
                self.read_at(wanted, error.again_at(self.clock.now())).await
            }
            // It comes again, and is kept with the dead letters: nothing notes that a hint could not be followed.
            Err(error) if is_hint => Err(error),
            // What failed is noted, and the next message of the schedule reads the same.
            Err(ConnectionError::Channel(_) | ConnectionError::Open(_) | ConnectionError::Account(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Leaves out hinted orders of which a list told since. None if that leaves nothing to read. A channel that hints at each change
    /// lets itself be asked less often than that when much is sold.
    fn still_unread(&self, mut wanted: ToRead) -> Option<ToRead> {
        if let Read::Hinted(Hinted { orders, listed_after: Some(since) }) = &mut wanted.read {
            orders.retain(|order| !self.channels.readings().told_of(&wanted.connection, order, *since));
            if orders.is_empty() {
                return None;
            }
        }
        Some(wanted)
    }

    async fn read_at(&self, wanted: ToRead, at: Timestamp) -> Result<(), ConnectionError> {
        let message = Message::json(&wanted)?.after(at.since(self.clock.now()));
        Ok(self.poll.send(vec![message]).await?)
    }

    /// Reads of a connection what is wanted, as far as a turn goes. Returns when the rest is to be read, if there is any.
    ///
    /// # Errors
    /// [`ConnectionError`]: the next reading begins where this one did, or where it came to.
    pub async fn read(&self, connection: &Connection, read: &Read) -> Result<Option<Timestamp>, ConnectionError> {
        if connection.is_over(self.clock.now()) {
            return Ok(None);
        }
        let done = match read {
            Read::Newest => self.read_newest(connection).await.map(|()| None),
            Read::Changes => self.read_topics(connection, Turn::First).await,
            Read::Rest => self.read_topics(connection, Turn::Further).await,
            Read::Hinted(hinted) => self.read_hinted(connection, &hinted.orders).await.map(|()| None),
        };
        if let Err(reason) = &done {
            tracing::warn!(connection = %connection.id, %reason, "orders could not be read; the next reading begins at the same place");
        }
        done
    }

    async fn read_newest(&self, connection: &Connection) -> Result<(), ConnectionError> {
        let asked = self.ask_newest(connection).await;
        self.note_or_warn(connection, Topic::Newest, asked.as_ref().map(|(.., page)| page), &mut Before::default())
            .await;
        let (channel, began, Page { orders, .. }) = asked?;
        let waiting = accept::waiting(&orders);
        let hints = channel.orders().is_some_and(|orders| orders.hinted().is_some());
        let listed =
            hints.then(|| orders.told.iter().flat_map(|told| &told.orders).map(|(id, _)| id.clone()).collect());
        self.take_in(connection, orders.told).await?;
        if let Some(listed) = listed {
            self.channels.readings().handed_on(&connection.id, began, listed);
        }
        match channel.acceptance().filter(|_| connection.is_live()) {
            Some(acceptance) => self.accept(connection, acceptance, waiting).await,
            None => Ok(()),
        }
    }

    /// The channel, when it was asked, and its newest orders.
    async fn ask_newest(&self, connection: &Connection) -> Result<(Box<dyn Client>, Timestamp, Page), ConnectionError> {
        let (channel, now) = (self.channels.open(connection).await?, self.clock.now());
        let orders = match channel.orders() {
            Some(orders) => self.channels.readings().read(&connection.id, orders, now).await?,
            None => Orders::default(),
        };
        Ok((channel, now, Page { orders, next: None }))
    }

    /// Asks for orders of which the channel told no more than that something is new.
    async fn read_hinted(&self, connection: &Connection, ids: &[OrderId]) -> Result<(), ConnectionError> {
        let channel = self.channels.open(connection).await?;
        let Some(hinted) = channel.orders().and_then(|orders| orders.hinted()) else { return Ok(()) };
        let Orders { told, left_out } = hinted.hinted(ids, self.clock.now()).await?;
        for LeftOut { order, reason } in left_out {
            tracing::error!(connection = %connection.id, order, reason, "an order that the channel hinted at can not be read; see the runbook");
        }
        self.take_in(connection, told).await
    }

    /// Hands news to intake.
    async fn take_in(&self, connection: &Connection, told: Vec<Told>) -> Result<(), ConnectionError> {
        let compared = compare(&self.store, &self.heard, &connection.id, told).await?;
        if !compared.news.is_empty() {
            tracing::info!(connection = %connection.id, orders = compared.news.len(), "orders were read");
        }
        hand_over(&self.inbox, &self.heard, connection, compared, self.clock.now()).await
    }
}

/// When readings are to be made within a minute: each so much later, and not later than the next one. One that is made once has no
/// end: no other one follows soon.
fn times(every_seconds: Option<u64>) -> Vec<(Duration, Option<Duration>)> {
    let Some(every) = every_seconds.filter(|every| *every > 0).map(Duration::from_secs) else {
        return vec![(Duration::ZERO, None)];
    };
    let times = std::iter::successors(Some(Duration::ZERO), |at| Some(*at + every));
    times.take_while(|at| *at < MINUTE).map(|at| (at, Some(at + every))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_asks_so_often_as_fits_into_a_minute() {
        let seconds = |every| times(every).into_iter().map(|(at, _)| at.as_secs()).collect::<Vec<_>>();
        assert_eq!((seconds(None), seconds(Some(0)), seconds(Some(60))), (vec![0], vec![0], vec![0]));
        assert_eq!((seconds(Some(15)), seconds(Some(25))), (vec![0, 15, 30, 45], vec![0, 25, 50]));
    }

    #[test]
    fn a_schedule_and_a_queue_are_told_apart() {
        let event = |json: &str| serde_json::from_str::<Event>(json).unwrap();
        let due = Schedule { read: Read::Newest, every_seconds: Some(15) };
        assert!(matches!(event(r#"{"read":"newest","every_seconds":15}"#), Event::Schedule(read) if read == due));
        assert!(matches!(event(r#"{"Records":[]}"#), Event::Queue(_)));
    }
}
