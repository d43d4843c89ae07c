//! The push queue to the channels: what shall each listing show, as the table is now, and did the channel take it?
//!
//! One group of the queue is one connection, so one writer at a time. A message only names SKUs that may be wrong; what they
//! shall show is worked out here, from the table alone: where nothing is due, the channel isn't called. Because a channel's
//! stock is set, not counted down, a write can put back a unit that the channel sold unheard: so its newest orders are read
//! just before the write and just after it. What was read within the last second counts as read before; so of pushes that
//! follow each other, each reads once. An order that the table doesn't know holds its goods back and is taken in; where it
//! knows one that wasn't heard of before, it is looked at again, for the order may have come in since; one that was made in
//! between casts doubt on what was written, and doubt is pushed again. What must wait goes through the deferred
//! queue, so that nothing blocks and nothing is lost.

mod asked;
mod lane;
mod orders;
mod settle;
mod sight;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use edin_channels::client::{ChannelError, ReadOrders, WriteStock};
use edin_channels::facts_of;
use edin_domain::listing::ListingKey;
use edin_domain::shown::{Decision, Shown};
use edin_domain::{Cause, Connection, ConnectionId, Sku, Timestamp};
use edin_platform::{Clock, Message, Metrics, Queue, QueueError, batch};
use edin_store::{Store, StoreError};
use edin_trade::channels::{Channels, ConnectionError};
use edin_trade::messages::waits;
use edin_trade::news::Heard;

use crate::asked::{Asked, Batch};
use crate::lane::Written;
use crate::orders::Heed;
use crate::settle::settled;
use crate::sight::{Row, Sight};

/// The function.
pub struct Push {
    /// Where stock and listings are.
    pub store: Store,
    /// How channels are reached.
    pub channels: Channels,
    /// Where orders go that nobody knew.
    pub inbox: Queue,
    /// Where what must wait waits.
    pub deferred: Queue,
    /// Where goes what can't be read.
    pub dead: Queue,
    /// What the table was found to know.
    pub heard: Heard,
    /// Where figures go.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Goods of an order that nobody knew are looked at again after this, when the order is in the table.
const UNSEEN_ORDER: Duration = Duration::from_secs(2);

type Skus = BTreeMap<Sku, Cause>;

/// What of a channel takes part in a write.
struct Reached<'a> {
    /// Where it is asked for orders; none if it can't be.
    orders: Option<&'a dyn ReadOrders>,
    /// Where it is told stock.
    stock: &'a dyn WriteStock,
    /// How often one listing takes a new number.
    interval: Duration,
}

impl Push {
    /// Takes a batch of the push queue. What can't be read is set aside at once: it would hold up its connection, delivery
    /// after delivery, and can't be mended by waiting. What fails otherwise comes again with all that its connection has here,
    /// so that a group keeps its order.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let Batch { asked, unreadable, all } = Batch::of(event.records);
        if let Err(error) = self.set_aside(unreadable).await {
            tracing::error!(%error, "messages could not be set aside; all of the batch comes again");
            return batch::again(all);
        }
        let pushes = asked.into_iter().map(|(connection, asked)| self.push_alone(connection, asked));
        batch::again(futures::future::join_all(pushes).await.into_iter().flatten())
    }

    /// Pushes what is asked of one connection, beside the others: a slow channel keeps nobody waiting. Returns the messages that
    /// come again.
    async fn push_alone(&self, connection: ConnectionId, asked: Asked) -> Vec<String> {
        let Asked { messages, skus, again, disproved } = asked;
        match batch::guarded(Box::pin(self.push(&connection, skus, &again, &disproved))).await {
            Ok(()) => Vec::new(),
            Err(reason) => {
                tracing::error!(%connection, ?messages, %reason, "pushes failed and will come again");
                messages
            }
        }
    }

    async fn set_aside(&self, unreadable: Vec<(SqsMessage, String)>) -> Result<(), QueueError> {
        let message = |(message, reason): (SqsMessage, String)| {
            let id = message.message_id.clone().unwrap_or_default();
            tracing::error!(message = %id, %reason, "a message can not be read; it goes to the dead-letter queue");
            Message::again(message)
        };
        self.dead.send(unreadable.into_iter().map(message).collect()).await
    }

    /// Brings what a connection shows for these SKUs up to date.
    async fn push(
        &self,
        id: &ConnectionId,
        skus: Skus,
        again: &Skus,
        disproved: &BTreeMap<Sku, Timestamp>,
    ) -> Result<(), ConnectionError> {
        let connection = self.store.connection(id).await?.ok_or_else(|| ConnectionError::Unknown(id.clone()))?;
        let facts = facts_of(&connection)?;
        self.disbelieve(&connection, &skus, again, disproved).await?;
        let sight = Sight::of(sight::rows(&self.store, &connection, &skus, self.clock.now()).await?);
        if sight.due.is_empty() {
            return self.defer(&connection.id, &skus, sight.waits).await;
        }
        let channel = self.channels.open(&connection).await?;
        let Some(stock) = channel.stock() else {
            tracing::warn!(connection = %connection.id, "its channel is told no stock; nothing is pushed");
            return Ok(());
        };
        let reached = Reached { orders: channel.orders(), stock, interval: facts.stock.interval().unwrap_or_default() };
        match self.write(&connection, &reached, &skus, sight).await? {
            Ok(()) => Ok(()),
            Err(error) => self.put_off(&connection, skus, &error).await,
        }
    }

    /// Drops what is believed of listings that an earlier delivery may have told a number, for otherwise stock that has come back
    /// to the number noted last would seem to be shown; and what reconciliation has seen to be wrong.
    async fn disbelieve(
        &self,
        connection: &Connection,
        skus: &Skus,
        again: &Skus,
        disproved: &BTreeMap<Sku, Timestamp>,
    ) -> Result<(), StoreError> {
        let doubted = skus.iter().filter(|(sku, _)| again.contains_key(*sku) || disproved.contains_key(*sku));
        let doubted: Skus = doubted.map(|(sku, cause)| (sku.clone(), cause.clone())).collect();
        let rows = sight::rows(&self.store, connection, &doubted, self.clock.now()).await?;
        let is_wrong = |row: &Row| {
            let seen_wrong = disproved.get(&row.key.sku);
            row.shown
                .acknowledged
                .is_some_and(|told| again.contains_key(&row.key.sku) || seen_wrong.is_some_and(|seen| told.at <= *seen))
        };
        let believed = rows.into_iter().filter(is_wrong);
        let doubts = believed.map(|row| (row.key, Shown { acknowledged: None, ..row.shown }));
        self.store.put_shown(&doubts.collect::<Vec<Item>>()).await
    }

    /// Reads orders, writes stock, reads orders again. The inner error is the channel's: nothing was written then.
    async fn write(
        &self,
        connection: &Connection,
        channel: &Reached<'_>,
        skus: &Skus,
        Sight { due, waits }: Sight,
    ) -> Result<Result<(), ChannelError>, ConnectionError> {
        let before = match self.orders_before(connection, channel).await {
            Ok(orders) => sight::recent(orders, self.clock.now()),
            Err(error) => return Ok(Err(error)),
        };
        let seen = sight::orders(&before);
        let Heed { unseen, learned } = self.take_in(connection, before).await?;
        let mut later = waits;
        let due = if learned { self.look_again(connection, skus, due, &mut later).await? } else { due };
        let (held_back, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|row| !row.components.is_disjoint(&unseen));
        let known_at = self.clock.now().plus(UNSEEN_ORDER);
        later.extend(held_back.into_iter().map(|row| (row.key.sku, known_at)));
        let mut shown = Vec::new();
        for (warehouse, rows) in sight::by_warehouse(due) {
            for chunk in rows.chunks(channel.stock.rows().max(1)) {
                let stock: Vec<_> = chunk.iter().map(Row::stock).collect();
                let (answer, now) = (channel.stock.write(&warehouse, &stock).await, self.clock.now());
                match self.written(&warehouse, chunk, answer, now) {
                    Written::Told(outcomes) => shown.extend(
                        chunk.iter().zip(outcomes).map(|(row, outcome)| settled(row, outcome, channel.interval, now)),
                    ),
                    Written::NotYet(wait) => later.extend(wait),
                }
            }
        }
        if !shown.is_empty() {
            let doubtful = self.sold_meanwhile(connection, channel, &seen).await?;
            settle::doubt(&mut shown, &doubtful);
        }
        later.extend(shown.iter().filter_map(|settled| settled.again.map(|at| (settled.sku(), at))));
        let told: Numbers = shown.iter().map(settle::Settled::told).collect();
        self.store.put_shown(&shown.into_iter().map(settle::Settled::into_item).collect::<Vec<_>>()).await?;
        later.extend(self.moved_meanwhile(connection, skus, &told).await?);
        self.defer(&connection.id, skus, later).await?;
        Ok(Ok(()))
    }

    /// What is due of the rows that were, as the table is by now: an order that it learned of since they were looked at is in the
    /// channel's number already, and was not in ours.
    async fn look_again(
        &self,
        connection: &Connection,
        skus: &Skus,
        due: Vec<Row>,
        later: &mut Vec<(Sku, Timestamp)>,
    ) -> Result<Vec<Row>, StoreError> {
        let skus = due.iter().filter_map(|row| skus.get_key_value(&row.key.sku));
        let skus = skus.map(|(sku, cause)| (sku.clone(), cause.clone())).collect();
        let Sight { due, waits } = Sight::of(sight::rows(&self.store, connection, &skus, self.clock.now()).await?);
        later.extend(waits);
        Ok(due)
    }

    /// What shall show another number by now than it was just told. Fanout may have looked at it before the new belief was noted,
    /// and have found that the one before was right.
    async fn moved_meanwhile(
        &self,
        connection: &Connection,
        skus: &Skus,
        told: &Numbers,
    ) -> Result<Vec<(Sku, Timestamp)>, StoreError> {
        let now = self.clock.now();
        let skus = told.keys().filter_map(|key| skus.get_key_value(&key.sku));
        let skus = skus.map(|(sku, cause)| (sku.clone(), cause.clone())).collect();
        let rows = sight::rows(&self.store, connection, &skus, now).await?.into_iter();
        let moved = rows.filter(|row| told.get(&row.key).is_some_and(|told| *told != row.due.offer.quantity));
        let later = moved.filter_map(|row| match row.due.decision {
            Decision::UpToDate | Decision::Withheld => None,
            Decision::Push => Some((row.key.sku, now)),
            Decision::Wait(until) => Some((row.key.sku, until)),
        });
        Ok(later.collect())
    }

    /// The channel can't be asked now: everything is looked at again later.
    async fn put_off(&self, connection: &Connection, skus: Skus, error: &ChannelError) -> Result<(), ConnectionError> {
        let now = self.clock.now();
        let until = error.again_at(now);
        if error.is_passing() {
            tracing::warn!(connection = %connection.id, %error, %until, "a push is put off");
        } else {
            tracing::error!(connection = %connection.id, %error, %until, "a push can not be made until somebody acts");
        }
        let later = skus.keys().map(|sku| (sku.clone(), until)).collect();
        self.defer(&connection.id, &skus, later).await
    }

    async fn defer(
        &self,
        connection: &ConnectionId,
        skus: &Skus,
        later: Vec<(Sku, Timestamp)>,
    ) -> Result<(), ConnectionError> {
        let later = later.into_iter().filter_map(|(sku, until)| {
            let cause = skus.get(&sku).or_else(|| skus.values().next())?.clone();
            Some((sku, cause, until))
        });
        Ok(self.deferred.send(waits(connection, later, self.clock.now())?).await?)
    }
}

/// The numbers that a channel was told, by listing.
type Numbers = BTreeMap<ListingKey, u32>;
/// What is noted of a listing.
type Item = (ListingKey, Shown);
