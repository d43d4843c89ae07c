//! What ends: a listing, what a channel calls a good, a connection. Each is told a last 0, and then left in peace.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, bail};
use edin_channels::facts;
use edin_domain::listing::{Listing, ListingKey};
use edin_domain::{Article, Cause, Connection, ConnectionId, Sku, Timestamp};
use edin_platform::Queue;
use edin_store::catalogue::Batch;
use edin_store::{Store, StoreError};
use edin_trade::messages::waits;

use crate::deployment::Deployment;
use crate::output::say;
use crate::settings::End;

/// Ends what was asked for, and says what that was.
pub(crate) async fn end(deployment: &Deployment, wanted: &End, now: Timestamp) -> anyhow::Result<()> {
    let (store, id) = (&deployment.store, &wanted.connection);
    let connection = store.connection(id).await?.with_context(|| format!("there is no connection {id}"))?;
    match (&wanted.sku, &wanted.article) {
        (Some(sku), _) => {
            for key in listings(store, sku, &connection, wanted).await? {
                end_listing(store, &key, now).await?;
                say(&format!("{sku} is ended at {id}, {}: its last 0 is on its way", key.warehouse))?;
            }
            Ok(())
        }
        (None, Some(article)) => match give_up(store, &connection, article).await? {
            Some(sku) => say(&format!("{article} at {id} is nothing any more; it was {sku}")),
            None => bail!("{article} at {id} is nothing already"),
        },
        (None, None) => {
            let ended = |known: Option<Connection>| {
                let connection = known.with_context(|| format!("there is no connection {id}"))?;
                anyhow::Ok(Connection { ended_at: connection.ended_at.or(Some(now)), ..connection })
            };
            store.edit_connection(id, ended).await?;
            look_again(store, &deployment.queue("deferred")?, id, now).await?;
            say(&format!("{id} is ended: the last 0 of each of its listings is on its way"))
        }
    }
}

async fn listings(store: &Store, sku: &Sku, connection: &Connection, wanted: &End) -> anyhow::Result<Vec<ListingKey>> {
    let here = |key: &ListingKey| {
        key.connection == connection.id && wanted.warehouse.as_ref().is_none_or(|one| *one == key.warehouse)
    };
    let all = store.partition(sku).await?.listings.into_iter().map(|listing| listing.key);
    let found: Vec<ListingKey> = all.filter(here).collect();
    match found.is_empty() {
        true => bail!("{sku} is not listed there"),
        false => Ok(found),
    }
}

async fn end_listing(store: &Store, key: &ListingKey, now: Timestamp) -> anyhow::Result<()> {
    let ended = |known: Option<Listing>| {
        let listing = known.with_context(|| format!("{} is not listed there any more", key.sku))?;
        anyhow::Ok(Listing { ended_at: listing.ended_at.or(Some(now)), ..listing })
    };
    store.edit_listing(&Batch::default(), key, ended).await?;
    Ok(())
}

/// Why an article can't be given up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StillListed {
    /// Its card still shows a number of ours.
    #[error("{0}")]
    Listed(String),
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
}

/// Gives up what a channel calls a good, with the ended listings under it, and returns which good that was. A listing that its
/// channel still has to be told a last 0 of is in the way: the next who takes the card would be told beside it.
pub(crate) async fn give_up(
    store: &Store,
    connection: &Connection,
    article: &Article,
) -> Result<Option<Sku>, StillListed> {
    let Some(sku) = store.owner(&connection.id, article).await? else { return Ok(None) };
    let partition = store.partition(&sku).await?;
    let mut over = Vec::new();
    for listing in partition.listings.iter().filter(|listing| is_card(connection, listing, article)) {
        let ended_at = connection.ended(listing);
        let is_told = !edin_channels::is_told(connection.channel())
            || ended_at.is_some_and(|at| partition.shown(&listing.key).has_ended(at));
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

/// Has all that a connection lists looked at again: what its numbers are made of has changed.
pub(crate) async fn look_again(
    store: &Store,
    deferred: &Queue,
    connection: &ConnectionId,
    now: Timestamp,
) -> anyhow::Result<()> {
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use edin_domain::listing::{OwnPolicy, Standing};

    use super::*;
    use crate::settings::{Command, Settings};

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    /// What a command ends.
    async fn ends(deployment: &Deployment, arguments: &[&str]) -> anyhow::Result<()> {
        let settings = Settings::parse_from(["edin", "end", "wb"].iter().chain(arguments));
        let Some(Command::End(wanted)) = settings.command else { bail!("it is another command") };
        end(deployment, &wanted, NOW).await
    }

    async fn deployment(state: &std::path::Path) -> Deployment {
        let settings = Settings::parse_from(["edin", "--state", state.to_str().unwrap(), "status"]);
        let deployment = Deployment::open(&settings).await.unwrap();
        let connection = r#"{"id":"wb","account":{"wildberries":{}},"currency":"KZT","warehouses":{"1":["almaty"]}}"#;
        deployment.store.put_connection(&serde_json::from_str(connection).unwrap()).await.unwrap();
        let sku = Sku::new("TEA").unwrap();
        let key = ListingKey { connection: "wb".parse().unwrap(), warehouse: "1".parse().unwrap(), sku: sku.clone() };
        let ids = [("chrt_id".to_owned(), Article::new("7001").unwrap())].into();
        let (policy, standing) = (OwnPolicy::default(), Standing::Selling);
        let listing = Listing { key: key.clone(), ids, policy, standing, price: None, ended_at: None };
        let new = |_| Ok::<_, StoreError>(listing.clone());
        deployment.store.edit_listing(&Batch::default(), &key, new).await.unwrap();
        let (batch, article) = (Batch::default(), Article::new("chrt:7001").unwrap());
        deployment.store.claim(&batch, &key.connection, &article, &sku).await.unwrap();
        deployment
    }

    #[tokio::test]
    async fn a_listing_a_name_and_a_connection_end_by_command() {
        let state = tempfile::tempdir().unwrap();
        let deployment = deployment(state.path()).await;
        let name = ["--article", "chrt:7001"];
        let refused = ends(&deployment, &name).await.unwrap_err().to_string();
        assert_eq!(refused, "TEA is listed under it at 1; end the listing first");
        ends(&deployment, &["--sku", "TEA"]).await.unwrap();
        let partition = deployment.store.partition(&Sku::new("TEA").unwrap()).await.unwrap();
        assert_eq!(partition.listings[0].ended_at, Some(NOW));
        let refused = ends(&deployment, &name).await.unwrap_err().to_string();
        assert_eq!(refused, "the last 0 of TEA at 1 is not told yet; try again when it is");
        assert!(
            ends(&deployment, &["--sku", "CUP"]).await.unwrap_err().to_string().contains("CUP is not listed there")
        );
        ends(&deployment, &[]).await.unwrap();
        let connection = deployment.store.connection(&"wb".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(connection.ended_at, Some(NOW));
    }
}
