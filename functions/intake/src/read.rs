//! Messages, read and joined.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::sqs::SqsMessage;
use edin_channels::read::Reading;
use edin_channels::told::{Content, Inbound, LeftOut, Told};
use edin_channels::{check_account, tolerant};
use edin_domain::customer::Contact;
use edin_domain::order::{OrderKey, OrderState};
use edin_domain::{Article, Cause, ChannelName, Connection, ConnectionId};
use edin_store::together::Known;
use edin_store::{Store, StoreError};

use crate::IntakeError;
use crate::guess::Guesses;

/// What some messages tell of some orders: applied together or not at all.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// The messages that fail if this does.
    pub(crate) messages: Vec<String>,
    /// The first event's id.
    pub(crate) cause: Cause,
    /// What was told, by order.
    pub(crate) told: BTreeMap<OrderKey, OrderState>,
    /// Who they are for.
    pub(crate) contacts: BTreeMap<OrderKey, Contact>,
    /// The push that tells it, if one does, and whose it is.
    push: Option<(ChannelName, String)>,
}

impl Work {
    /// The connections whose orders it tells of.
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.told.keys().map(|order| order.connection.clone())
    }

    /// What the channel calls the goods that it tells of.
    fn articles(&self) -> impl Iterator<Item = (ConnectionId, Article)> {
        let of_order = |(order, state): (&OrderKey, &OrderState)| {
            let named = |article: &Article| (order.connection.clone(), article.clone());
            state.lines.values().flat_map(|line| &line.articles).map(named).collect::<Vec<_>>()
        };
        self.told.iter().flat_map(of_order)
    }

    /// Whether it is told of an account that it says it is of.
    ///
    /// # Errors
    /// [`IntakeError::Foreign`] says whose it is.
    pub(crate) fn check_account(&self, connections: &BTreeMap<ConnectionId, Connection>) -> Result<(), IntakeError> {
        let Some((channel, push)) = &self.push else { return Ok(()) };
        let mut of = self.connections().filter_map(|id| connections.get(&id));
        of.try_for_each(|connection| own(connection, channel, push))
    }
}

fn own(connection: &Connection, channel: &ChannelName, push: &str) -> Result<(), IntakeError> {
    let foreign = |reason| IntakeError::Foreign { connection: connection.id.clone(), reason };
    match connection.channel() == channel {
        true => check_account(&connection.account, push).map_err(|error| foreign(error.to_string())),
        false => {
            Err(foreign(format!("it is a push of {channel}, and the connection is one of {}", connection.channel())))
        }
    }
}

/// Reads a message. What Edin doesn't act on is none; what nobody documents is kept for a person.
pub(crate) async fn message(store: &Store, message: &SqsMessage) -> Result<Option<Work>, IntakeError> {
    let unreadable = |error: &dyn std::fmt::Display| IntakeError::Unreadable(error.to_string());
    let body = message.body.as_deref().unwrap_or_default();
    let inbound: Inbound = tolerant::read(body.as_bytes()).map_err(|error| unreadable(&error))?;
    let id = message.message_id.clone().unwrap_or_default();
    match &inbound.content {
        Content::Told(told) => Ok(Some(work(id, &inbound, told.clone()))),
        Content::Remap(order) => Ok(Some(work(id, &inbound, Told::of(order.clone(), OrderState::default())))),
        Content::Push(push) => match edin_channels::read(&inbound.channel, push, inbound.received_at) {
            Ok(Reading::Orders(told, left_out)) => {
                for LeftOut { order, reason } in &left_out {
                    tracing::error!(cause = %inbound.cause, connection = %inbound.connection, %order, %reason, "a part of a push can not be read; the push is kept");
                }
                if !left_out.is_empty() {
                    keep(store, &inbound, "orders of which a part can not be read", push).await?;
                }
                let push = Some((inbound.channel.clone(), push.clone()));
                Ok(Some(Work { push, ..work(id, &inbound, told) }))
            }
            Ok(Reading::Nothing(what)) => {
                tracing::debug!(cause = %inbound.cause, what, "a push that changes nothing here");
                Ok(None)
            }
            Ok(Reading::Unknown(kind)) => {
                tracing::warn!(cause = %inbound.cause, connection = %inbound.connection, %kind, "a push of an unknown type; kept");
                keep(store, &inbound, &kind, push).await?;
                Ok(None)
            }
            Err(error) => Err(unreadable(&error)),
        },
    }
}

/// Keeps a push for a person, unless it is another account's.
async fn keep(store: &Store, inbound: &Inbound, kind: &str, push: &str) -> Result<(), IntakeError> {
    let Inbound { connection, received_at, cause, .. } = inbound;
    if let Some(known) = store.connection(connection).await? {
        own(&known, &inbound.channel, push)?;
    }
    Ok(store.put_unknown_event(connection, kind, push, *received_at, cause).await?)
}

fn work(message: String, inbound: &Inbound, told: Told) -> Work {
    let key = |id| OrderKey::new(inbound.connection.clone(), id);
    let first = told.orders.first().map(|(id, _)| key(id.clone()));
    let contact = told.contact.filter(|contact| !contact.is_empty());
    let mut work = Work {
        messages: vec![message],
        cause: inbound.cause.clone(),
        told: BTreeMap::new(),
        contacts: first.zip(contact).into_iter().collect(),
        push: None,
    };
    for (id, state) in told.orders {
        work.told.entry(key(id)).or_default().merge(&state);
    }
    work
}

/// What the table knows of all that the works tell of, and of the goods that it was about the last time.
pub(crate) async fn known(store: &Store, works: &[Work], guesses: &Guesses) -> Result<Known, StoreError> {
    let connections: BTreeSet<ConnectionId> = works.iter().flat_map(Work::connections).collect();
    let orders: Vec<OrderKey> = works.iter().flat_map(|work| work.told.keys().cloned()).collect();
    let articles = articles(works);
    let guess = guesses.of(&articles);
    store.look_up(connections, orders, articles, guess).await
}

/// What the channels call the goods that the works tell of.
pub(crate) fn articles(works: &[Work]) -> BTreeSet<(ConnectionId, Article)> {
    works.iter().flat_map(Work::articles).collect()
}

/// Joins works that tell of the same order, so that each order is written once.
pub(crate) fn join(works: Vec<Work>) -> Vec<Work> {
    let mut joined: Vec<Work> = Vec::new();
    for mut work in works {
        let (same, others) = joined.into_iter().partition(|known: &Work| shares_an_order(known, &work));
        joined = others;
        for known in same {
            work = merged(known, work);
        }
        joined.push(work);
    }
    joined
}

fn shares_an_order(one: &Work, other: &Work) -> bool {
    one.told.keys().any(|order| other.told.contains_key(order))
}

fn merged(mut early: Work, late: Work) -> Work {
    early.messages.extend(late.messages);
    for (order, contact) in late.contacts {
        early.contacts.entry(order).or_default().merge(&contact);
    }
    for (order, state) in late.told {
        early.told.entry(order).or_default().merge(&state);
    }
    early
}
