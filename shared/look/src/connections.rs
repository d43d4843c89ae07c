//! The connections, and where their channels find us.

use edin_channels::address::{Purpose, path, signing_secret};
use edin_channels::{feed, hook, signs};
use edin_domain::{Connection, ConnectionId, Secret};
use edin_platform::Secrets;
use edin_platform::secrets::DIGEST_KEY;
use edin_store::Store;
use serde::Serialize;

use crate::LookError;

/// A connection without its secrets, and what its channel must be told.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionCard {
    /// The connection.
    #[serde(flatten)]
    pub connection: Connection,
    /// Where its channel pushes to; none if it never does, or if nothing runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// What its channel signs that with, where the seller enters it there beside the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    /// Where its channel pulls from; none if it never does, or if nothing runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
}

/// All connections, by their ids. `url` is where our HTTP side is, if it is anywhere.
///
/// # Errors
/// If the table can't be read, or the key by which addresses are digested.
pub async fn list(store: &Store, secrets: &Secrets, url: Option<&str>) -> Result<Vec<ConnectionCard>, LookError> {
    let mut listed = Vec::new();
    for connection in store.connections().await?.into_values() {
        listed.push(match url {
            Some(url) => card(connection, url, &secrets.get(DIGEST_KEY).await?),
            None => unreached(connection),
        });
    }
    Ok(listed)
}

/// One of them.
///
/// # Errors
/// If there is none of this id; and as of [`list`].
pub async fn one(
    store: &Store,
    secrets: &Secrets,
    url: Option<&str>,
    id: &ConnectionId,
) -> Result<ConnectionCard, LookError> {
    let connection = store.connection(id).await?.ok_or_else(|| LookError::NoConnection(id.clone()))?;
    match url {
        Some(url) => Ok(card(connection, url, &secrets.get(DIGEST_KEY).await?)),
        None => Ok(unreached(connection)),
    }
}

const fn unreached(connection: Connection) -> ConnectionCard {
    ConnectionCard { connection, webhook: None, webhook_secret: None, feed: None }
}

fn card(connection: Connection, url: &str, key: &Secret<String>) -> ConnectionCard {
    let (id, channel) = (&connection.id, connection.channel());
    let address = |purpose| format!("{url}{}", path(key, purpose, id));
    let webhook = hook(channel).map(|_| address(Purpose::Hook(channel)));
    let webhook_secret = signs(channel).then(|| signing_secret(key, channel, id).reveal().clone());
    let feed = feed(channel).map(|_| address(Purpose::Feed));
    ConnectionCard { connection, webhook, webhook_secret, feed }
}
