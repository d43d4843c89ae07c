//! `GET /feeds/{connection}.{token}.xml`: the list that a channel pulls, rendered from the table at that moment.
//!
//! What a channel pulls it believes until it pulls again, so a list that can't be right is not handed out: better an old number
//! there than a wrong one. Where nothing is to be told, it isn't either. Every pull is written down.

mod file;
mod offers;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edin_channels::address::{Purpose, token};
use edin_channels::facts::{BadAccount, Facts};
use edin_channels::feed::{self as pulled, List, ListError, ListTerms, WrittenList};
use edin_channels::sign::same;
use edin_domain::{Connection, ConnectionId, Secret, Timestamp};
use edin_platform::{Clock, SecretError, Secrets};
use edin_store::journal::Pull;
use edin_store::{Store, StoreError};
use lambda_http::{Body, Request, Response};

use crate::file::{File, Packing};
use crate::offers::Offers;

/// The function.
pub struct Feed {
    /// Where listings and levels are.
    pub store: Store,
    /// Where the list's password is.
    pub secrets: Secrets,
    /// What addresses are digested with.
    pub key: Secret<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The list can't be right.
    #[error(transparent)]
    List(#[from] ListError),
    /// The connection's account.
    #[error(transparent)]
    Account(#[from] BadAccount),
}

impl Feed {
    /// Answers one call of `GET /feeds/{file}`.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let Some(id) = self.address(&request) else { return plain(404) };
        match Box::pin(self.answer(&id, &request)).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(connection = %id, %error, "a list is withheld; the channel keeps the last one");
                plain(503)
            }
        }
    }

    /// Whose list is asked for, by the address alone.
    fn address(&self, request: &Request) -> Option<ConnectionId> {
        let file = request.uri().path().strip_prefix("/feeds/")?;
        let (connection, token) = file.strip_suffix(".xml").unwrap_or(file).split_once('.')?;
        let connection = ConnectionId::new(connection).ok()?;
        let expected = self::token(&self.key, Purpose::Feed, &connection);
        let reads = request.method() == "GET" || request.method() == "HEAD";
        (reads && same(&expected, token)).then_some(connection)
    }

    async fn answer(&self, id: &ConnectionId, request: &Request) -> Result<Response<Body>, FeedError> {
        let Some(pulled) = Pulled::of(&self.store, id).await? else { return Ok(plain(404)) };
        if let Some(user) = &pulled.terms.user
            && !self.knows_password(id, user, request).await?
        {
            return Ok(challenge());
        }
        // Who asks for the head alone pulls nothing.
        let pulls = request.method() == "GET";
        if pulled.connection.is_silent() {
            return self.withhold(&pulled.connection, pulls).await;
        }
        let (list, own) = pulled.list(&self.store, self.clock.now()).await?;
        let packing = Packing::accepted_by(request);
        let rendered = pulled.check(&self.store, &list, packing).await;
        if rendered.is_err() && pulls {
            self.note(&pulled.connection, &list, 503, "", 0).await?;
        }
        let (file, written) = rendered?;
        let etag = pulled::etag(&written, own);
        let known = request.headers().get("if-none-match").and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|known| names(known, &etag));
        let (status, bytes) = if is_known { (304, 0) } else { (200, written.bytes) };
        let media = pulled.feed.media();
        if !pulls {
            return Ok(document(status, media, &etag, None));
        }
        self.note(&pulled.connection, &list, status, &etag, bytes).await?;
        Ok(document(status, media, &etag, (!is_known).then_some(file)))
    }

    /// Says that there is no list for now, and why: who isn't found any more may be taken off sale, and what is refused for a while
    /// leaves the channel with what it shows.
    async fn withhold(&self, connection: &Connection, pulls: bool) -> Result<Response<Body>, FeedError> {
        let Connection { id, mode, .. } = connection;
        tracing::info!(connection = %id, %mode, "a list is withheld: nothing is told to its channel");
        if pulls {
            let nothing = List { account: connection.account.clone(), at: self.clock.now(), offers: Vec::new() };
            self.note(connection, &nothing, 503, "", 0).await?;
        }
        let body = format!("{id} is {mode}: nothing is told, and the channel keeps what it shows\n");
        Ok(Response::builder().status(503).body(Body::from(body)).unwrap_or_default())
    }

    async fn knows_password(&self, id: &ConnectionId, user: &str, request: &Request) -> Result<bool, FeedError> {
        let password = self.secrets.get(&format!("{id}/feed_password")).await?;
        let expected = format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal())));
        let presented = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        Ok(same(&expected, presented.unwrap_or_default()))
    }

    async fn note(
        &self,
        connection: &Connection,
        list: &List,
        status: u16,
        etag: &str,
        bytes: u64,
    ) -> Result<(), FeedError> {
        let on_sale = list.offers.iter().filter(|offer| offer.stores.iter().any(|store| store.quantity > 0)).count();
        let pull = Pull {
            at: list.at,
            status,
            etag: etag.to_owned(),
            offers: count(list.offers.len()),
            on_sale: count(on_sale),
            bytes,
        };
        tracing::info!(connection = %connection.id, status, offers = pull.offers, on_sale = pull.on_sale, "a price list was pulled");
        Ok(self.store.put_pull(&connection.id, &pull).await?)
    }
}

/// The list that would be handed out now, for a person to look at: nothing is noted. None if the connection has none.
///
/// # Errors
/// [`FeedError`], also where the channel would be refused.
pub async fn preview(store: &Store, id: &ConnectionId, now: Timestamp) -> Result<Option<String>, FeedError> {
    let Some(pulled) = Pulled::of(store, id).await? else { return Ok(None) };
    let (list, _) = pulled.list(store, now).await?;
    let (file, _) = pulled.check(store, &list, Packing::None).await?;
    Ok(match file {
        File::Plain(text) => Some(text),
        File::Packed(_) => None,
    })
}

/// A connection whose channel pulls a list.
struct Pulled {
    connection: Connection,
    facts: &'static Facts,
    feed: &'static dyn pulled::Feed,
    terms: ListTerms,
}

impl Pulled {
    /// None if there is no such connection, or its channel pulls none.
    async fn of(store: &Store, id: &ConnectionId) -> Result<Option<Self>, FeedError> {
        let Some(connection) = store.connection(id).await? else { return Ok(None) };
        let facts = edin_channels::facts_of(&connection)?;
        let Some(feed) = edin_channels::feed(&facts.name) else { return Ok(None) };
        let terms = feed.terms(&connection.account)?;
        Ok(Some(Self { connection, facts, feed, terms }))
    }

    /// The list as the table is now, and what the channel sold of it by itself.
    async fn list(&self, store: &Store, now: Timestamp) -> Result<(List, i64), StoreError> {
        let Offers { all, own } = offers::offers(store, &self.connection, self.facts, now).await?;
        let (account, offers) = (self.connection.account.clone(), all.into_values().collect());
        Ok((List { account, at: now, offers }, own))
    }

    /// The list as a file, unless it can't be right.
    async fn check(&self, store: &Store, list: &List, packing: Packing) -> Result<(File, WrittenList), FeedError> {
        let rendered = file::render(self.feed, list, packing)?;
        let last = store.last_pull(&self.connection.id).await?;
        pulled::guard(last.map_or(0, |pull| pull.offers), count(list.offers.len()), self.terms.max_shrink)?;
        Ok(rendered)
    }
}

/// Whether an `If-None-Match` names a list: one of several, weak or not, or any (RFC 9110, 13.1.2).
fn names(known: &str, etag: &str) -> bool {
    let tags = known.split(',').map(|tag| tag.trim());
    tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag)).any(|tag| tag == "*" || tag == etag)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn plain(status: u16) -> Response<Body> {
    Response::builder().status(status).body(Body::Empty).unwrap_or_default()
}

fn challenge() -> Response<Body> {
    let response = Response::builder().status(401).header("www-authenticate", "Basic realm=\"price list\"");
    response.body(Body::Empty).unwrap_or_default()
}

fn document(status: u16, media: &str, etag: &str, file: Option<File>) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header("content-type", media)
        .header("cache-control", "no-cache")
        .header("vary", "accept-encoding")
        .header("etag", etag);
    let response = match file {
        None => response.body(Body::Empty),
        Some(File::Plain(xml)) => response.body(Body::from(xml)),
        Some(File::Packed(bytes)) => response.header("content-encoding", "gzip").body(Body::from(bytes)),
    };
    response.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_there_already_is_known_by_any_way_to_name_it() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "\"b\",W/\"a\" , \"c\"", "*"] {
            assert!(names(known, "\"a\""), "{known}");
        }
        for other in ["", "\"b\"", "W/\"b\"", "a", "\"aa\""] {
            assert!(!names(other, "\"a\""), "{other}");
        }
    }
}
