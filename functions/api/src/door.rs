//! Whose request it is, and whether its key lets it do that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use edin_channels::sign::{hexadecimal, same};
use edin_domain::api_key::{ApiKey, Presented, Scope};
use edin_domain::limiter::{Bucket, Draw, Limit};
use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Secret, Timestamp};
use edin_platform::digest;

use crate::Shared;
use crate::problem::Problem;

/// What keys are digested for.
const PURPOSE: &str = "api_key";
/// Bytes of a key's id, and of its secret.
const ID: usize = 5;
const SECRET: usize = 32;

/// Makes a key of bytes that nobody can guess: what the table keeps of it, and the key as its bearer shall keep it.
#[must_use]
pub fn issue(
    digest_key: &Secret<String>,
    (connection, name): (ConnectionId, &str),
    scopes: BTreeSet<Scope>,
    random: &[u8; ID + SECRET],
    now: Timestamp,
) -> (ApiKey, Secret<String>) {
    let (id, secret) = random.split_at(ID);
    let (id, secret) = (hexadecimal(id, ID), hexadecimal(secret, SECRET));
    let digest = digest::keyed(digest_key, PURPOSE, &secret);
    let text = Presented { id: &id, secret: &secret }.text();
    let kept = ApiKey { id, connection, name: name.to_owned(), scopes, digest, made_at: now, revoked_at: None };
    (kept, Secret::new(text))
}

/// A door of the seller's, shown to be by a key.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) connection: ConnectionId,
    key: ApiKey,
}

impl Door {
    /// Lets pass what the key is for.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.key.scopes.contains(&scope) { Ok(()) } else { Err(Problem::NotAllowed(scope)) }
    }

    /// What people call the key that it is shown by.
    pub(crate) fn name(&self) -> &str {
        &self.key.name
    }

    /// An order of this door.
    pub(crate) fn order(&self, id: OrderId) -> OrderKey {
        OrderKey::new(self.connection.clone(), id)
    }
}

impl FromRequestParts<Arc<Shared>> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let presented = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let presented = presented.and_then(|value| value.strip_prefix("Bearer ")).and_then(Presented::read);
        let presented = presented.ok_or(Problem::NoKey)?;
        let known = shared.recorder.store.api_key(presented.id).await?;
        let digest = digest::keyed(&shared.key, PURPOSE, presented.secret);
        let is_good = |key: &ApiKey| same(&key.digest, &digest) && key.revoked_at.is_none();
        let key = known.filter(is_good).ok_or(Problem::NoKey)?;
        shared.meters.pass(&key.id, shared.recorder.clock.now())?;
        Ok(Self { connection: key.connection.clone(), key })
    }
}

/// How fast each key is used at this instance: no faster than a queue of people at a till could mean.
#[derive(Debug, Default)]
pub(crate) struct Meters(Mutex<BTreeMap<String, Bucket>>);

/// Of a key, at one instance.
const REQUESTS: Limit = Limit {
    group: "requests",
    interval: Duration::from_millis(10),
    burst: 200,
    penalty: 0,
    lease: 1,
    source: "our own: a door that asks faster is a loop that runs away",
};

impl Meters {
    fn pass(&self, key: &str, now: Timestamp) -> Result<(), Problem> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let meter = meters.entry(key.to_owned()).or_insert(Bucket::full(now));
        *meter = meter.take(&REQUESTS, Draw::ONE, now).map_err(|_| Problem::TooFast)?;
        Ok(())
    }
}
