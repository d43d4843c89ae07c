//! What ends: a listing, what a channel calls a good, a connection. Each is told a last 0, and then left in peace.

use std::collections::BTreeSet;
use std::time::Duration;

use edin_channels::facts;
use edin_domain::connection::Mode;
use edin_domain::listing::{Listing, ListingKey};
use edin_domain::{Article, Cause, Connection, ConnectionId, InvalidId, Sku, Timestamp, WarehouseId};
use edin_platform::{Queue, QueueError};
use edin_store::catalogue::Batch;
use edin_store::{Store, StoreError};
use edin_trade::messages::waits;

/// Why something isn't ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is no such connection.
    #[error("there is no connection {0}")]
    NoConnection(ConnectionId),
    /// The SKU has no such listing.
    #[error("{0} is not listed there")]
    NotListed(Sku),
    /// Somebody has taken the listing away meanwhile.
    #[error("{0} is not listed there any more")]
    Gone(Sku),
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
}

/// The listings of a SKU at a connection, at one warehouse of the channel's or at all of them.
///
/// # Errors
/// If there is none, or the table can't be read.
pub async fn listings(
    store: &Store,
    sku: &Sku,
    connection: &ConnectionId,
    warehouse: Option<&WarehouseId>,
) -> Result<Vec<ListingKey>, EndError> {
    let here = |key: &ListingKey| key.connection == *connection && warehouse.is_none_or(|one| *one == key.warehouse);
    let all = store.partition(sku).await?.listings.into_iter().map(|listing| listing.key);
    let found: Vec<ListingKey> = all.filter(here).collect();
    match found.is_empty() {
        true => Err(EndError::NotListed(sku.clone())),
        false => Ok(found),
    }
}

/// Ends a listing. Orders that name it are understood as before; its channel is told a last 0, since the table's change wakes
/// those who tell it.
///
/// # Errors
/// If it isn't there, or the table doesn't take it.
pub async fn end_listing(store: &Store, key: &ListingKey, now: Timestamp) -> Result<(), EndError> {
    let ended = |known: Option<Listing>| {
        let listing = known.ok_or_else(|| EndError::Gone(key.sku.clone()))?;
        Ok::<_, EndError>(Listing { ended_at: listing.ended_at.or(Some(now)), ..listing })
    };
    store.edit_listing(&Batch::default(), key, ended).await?;
    Ok(())
}

/// Ends a connection. Its channel is told nothing until [`look_again`] has its listings looked at.
///
/// # Errors
/// If it isn't there, or the table doesn't take it.
pub async fn end_connection(store: &Store, id: &ConnectionId, now: Timestamp) -> Result<(), EndError> {
    let ended = |known: Option<Connection>| {
        let connection = known.ok_or_else(|| EndError::NoConnection(id.clone()))?;
        Ok::<_, EndError>(Connection { ended_at: connection.ended_at.or(Some(now)), ..connection })
    };
    store.edit_connection(id, ended).await?;
    Ok(())
}

/// Why an article can't be given up.
#[derive(Debug, thiserror::Error)]
pub enum StillListed {
    /// Its card still shows a number of ours.
    #[error("{0}")]
    Listed(String),
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
}

/// Gives up what a channel calls a good, with the ended listings under it, and returns which good that was. A listing that its
/// channel still has to be told a last 0 of is in the way: the next who takes the card would be told beside it.
///
/// # Errors
/// [`StillListed`].
pub async fn give_up(store: &Store, connection: &Connection, article: &Article) -> Result<Option<Sku>, StillListed> {
    let Some(sku) = store.owner(&connection.id, article).await? else { return Ok(None) };
    let partition = store.partition(&sku).await?;
    let mut over = Vec::new();
    for listing in partition.listings.iter().filter(|listing| is_card(connection, listing, article)) {
        let ended_at = connection.ended(listing);
        let last_zero = connection.last_zero_since(listing);
        // Where a connection only observes, what the card shows was never ours.
        let is_told = !edin_channels::is_told(connection.channel())
            || connection.mode == Mode::Observe
            || last_zero.is_some_and(|at| partition.shown(&listing.key).has_ended(at));
        match ended_at.is_some() && is_told {
            true => over.push(listing.key.clone()),
            false => return Err(StillListed::Listed(in_the_way(listing, ended_at))),
        }
    }
    store.release(&connection.id, article, &sku, &over).await?;
    Ok(Some(sku))
}

/// Whether a listing's stock is told under the article.
fn is_card(connection: &Connection, listing: &Listing, article: &Article) -> bool {
    let Some(facts) = facts(connection.channel()) else { return false };
    let card = listing.ids.get_key_value(facts.required_id()).map(|(name, id)| [(name.clone(), id.clone())].into());
    listing.key.connection == connection.id && card.is_some_and(|card| facts.articles(&card).contains(article))
}

fn in_the_way(listing: &Listing, ended_at: Option<Timestamp>) -> String {
    let ListingKey { sku, warehouse, .. } = &listing.key;
    match ended_at {
        None => format!("{sku} is listed under it at {warehouse}; end the listing first"),
        Some(_) => format!("the last 0 of {sku} at {warehouse} is not told yet; try again when it is"),
    }
}

/// Why listings aren't looked at again.
#[derive(Debug, thiserror::Error)]
pub enum NotLookedAt {
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message can't be written as JSON: a bug.
    #[error(transparent)]
    Message(#[from] serde_json::Error),
    /// What it is caused by can't be named: a bug.
    #[error(transparent)]
    Cause(#[from] InvalidId),
}

/// Has all that a connection lists looked at again, by way of the deferred queue: what its numbers are made of has changed.
///
/// # Errors
/// [`NotLookedAt`]; some of it may be on its way by then.
pub async fn look_again(
    store: &Store,
    deferred: &Queue,
    connection: &ConnectionId,
    now: Timestamp,
) -> Result<(), NotLookedAt> {
    let cause = Cause::new("connection")?;
    let mut page = store.listings_after(connection, None).await?;
    loop {
        let skus: BTreeSet<&Sku> = page.listings.iter().map(|listing| &listing.key.sku).collect();
        for some in skus.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let skus = some.iter().map(|sku| ((*sku).clone(), cause.clone(), now.plus(SETTLED)));
            deferred.send(waits(connection, skus, now)?).await?;
        }
        if page.is_last() {
            return Ok(());
        }
        page = store.listings_after(connection, Some(page)).await?;
    }
}

/// So many SKUs go into one message.
const AT_ONCE: usize = 500;
/// By then everybody reads a connection as it was written last: who looks reads it eventually consistent.
const SETTLED: Duration = Duration::from_secs(2);
