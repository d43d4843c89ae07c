//! What is to be recorded, and the joining of it.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::told::{Inbound, Told};
use edin_domain::customer::Contact;
use edin_domain::order::{Order, OrderKey, OrderState};
use edin_domain::stock::Terms;
use edin_domain::{Article, Cause, ChannelName, Connection, ConnectionId, Timestamp};
use edin_store::together::Known;
use edin_store::{Store, StoreError};

use super::guess::Guesses;
use super::problem::RecordError;

/// What some messages tell of some orders: applied together or not at all.
#[derive(Debug, Clone)]
pub struct Work {
    /// The messages that fail if this does.
    pub(super) messages: Vec<String>,
    /// The first event's id.
    pub(super) cause: Cause,
    /// What was told, by order.
    pub(super) told: BTreeMap<OrderKey, OrderState>,
    /// Who they are for.
    pub(super) contacts: BTreeMap<OrderKey, Contact>,
    /// On what terms it takes units.
    pub(super) terms: Terms,
    /// What its order must be.
    pub(super) premise: Premise,
    /// The push that tells it, if one does, and whose it is.
    push: Option<(ChannelName, String)>,
}

/// What the table must know of an order for a work to be recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Premise {
    /// The order began with what this is a digest of, or begins with it. None for what may be told of any order.
    pub request: Option<String>,
    /// The order is of this version; of any if none.
    pub version: Option<u64>,
}

impl Premise {
    /// The order began with what this is a digest of, or begins with it.
    #[must_use]
    pub const fn begun_by(request: String) -> Self {
        Self { request: Some(request), version: None }
    }

    /// The order is of this version; of any if none.
    #[must_use]
    pub const fn of_version(version: Option<u64>) -> Self {
        Self { request: None, version }
    }
}

impl Work {
    /// What `told` says, which came by `inbound` in the message of this id.
    #[must_use]
    pub fn of(message: String, inbound: &Inbound, told: Told) -> Self {
        let key = |id| OrderKey::new(inbound.connection.clone(), id);
        let first = told.orders.first().map(|(id, _)| key(id.clone()));
        let contact = told.contact.filter(|contact| !contact.is_empty());
        let mut work = Self {
            messages: vec![message],
            cause: inbound.cause.clone(),
            told: BTreeMap::new(),
            contacts: first.zip(contact).into_iter().collect(),
            terms: Terms::Sold,
            premise: Premise::default(),
            push: None,
        };
        for (id, state) in told.orders {
            work.told.entry(key(id)).or_default().merge(&state);
        }
        work
    }

    /// What somebody tells of one order by himself.
    #[must_use]
    pub fn told(cause: Cause, order: OrderKey, state: OrderState) -> Self {
        let (messages, told) = (vec![cause.to_string()], BTreeMap::from([(order, state)]));
        let (contacts, premise) = (BTreeMap::new(), Premise::default());
        Self { messages, cause, told, contacts, terms: Terms::Sold, premise, push: None }
    }

    /// That a hold's time has come, if it has.
    #[must_use]
    pub fn ended(hold: &Order, now: Timestamp) -> Self {
        Self::told(hold.cause.clone(), hold.key.clone(), hold.state.ended(now))
    }

    /// The same for a buyer of whom this is known.
    #[must_use]
    pub fn with_contact(mut self, contact: Contact) -> Self {
        let first = self.told.keys().next().cloned();
        self.contacts =
            first.filter(|_| !contact.is_empty()).into_iter().map(|order| (order, contact.clone())).collect();
        self
    }

    /// The same, asked for: it is recorded only if there is as much as it takes.
    #[must_use]
    pub fn asked_for(self) -> Self {
        Self { terms: Terms::Hold, ..self }
    }

    /// The same, recorded only if the order is as it is taken to be.
    #[must_use]
    pub fn only_if(self, premise: Premise) -> Self {
        Self { premise, ..self }
    }

    /// The same, told by a push that says whose account it is of.
    #[must_use]
    pub fn told_by(self, channel: ChannelName, push: String) -> Self {
        Self { push: Some((channel, push)), ..self }
    }

    /// The connections whose orders it tells of.
    pub(super) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
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
    /// [`RecordError::Foreign`] says whose it is.
    pub(super) fn check_account(&self, connections: &BTreeMap<ConnectionId, Connection>) -> Result<(), RecordError> {
        let Some((channel, push)) = &self.push else { return Ok(()) };
        let mut of = self.connections().filter_map(|id| connections.get(&id));
        of.try_for_each(|connection| check_account(connection, channel, push))
    }
}

/// Checks that a push of `channel` is told of the account that it came to.
///
/// # Errors
/// [`RecordError::Foreign`] says whose it is.
pub fn check_account(connection: &Connection, channel: &ChannelName, push: &str) -> Result<(), RecordError> {
    let foreign = |reason| RecordError::Foreign { connection: connection.id.clone(), reason };
    match connection.channel() == channel {
        true => edin_channels::check_account(&connection.account, push).map_err(|error| foreign(error.to_string())),
        false => {
            Err(foreign(format!("it is a push of {channel}, and the connection is one of {}", connection.channel())))
        }
    }
}

/// What the table knows of all that the works tell of, and of the goods that it was about the last time.
pub(super) async fn known(store: &Store, works: &[Work], guesses: &Guesses) -> Result<Known, StoreError> {
    let connections: BTreeSet<ConnectionId> = works.iter().flat_map(Work::connections).collect();
    let orders: Vec<OrderKey> = works.iter().flat_map(|work| work.told.keys().cloned()).collect();
    let articles = articles(works);
    let guess = guesses.of(&articles);
    store.look_up(connections, orders, articles, guess).await
}

/// What the channels call the goods that the works tell of.
pub(super) fn articles(works: &[Work]) -> BTreeSet<(ConnectionId, Article)> {
    works.iter().flat_map(Work::articles).collect()
}

/// Joins works that tell of the same order, so that each order is written once.
pub(super) fn join(works: Vec<Work>) -> Vec<Work> {
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
