//! `edin key`: the keys by which the seller's own doors use the API.

use anyhow::{Context, bail};
use edin_domain::api_key::{ApiKey, Scope};
use edin_domain::{ConnectionId, Timestamp};
use edin_local::doors::issue_key;
use edin_platform::secrets::DIGEST_KEY;
use serde_json::json;

use crate::deployment::Deployment;
use crate::output::say;

/// Makes a key, and prints it.
pub(super) async fn make(
    deployment: &Deployment,
    connection: &ConnectionId,
    name: &str,
    scopes: Vec<Scope>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let known = deployment.store.connection(connection).await?;
    let known = known.with_context(|| format!("there is no connection {connection}; import it first"))?;
    let facts = edin_channels::facts_of(&known)?;
    if !facts.names_skus() {
        bail!(
            "{connection} is a connection of {}; a key is for a door of your own, with account = {{ direct = {{}} }}",
            facts.title
        );
    }
    let digest_key = deployment.secrets.get(DIGEST_KEY).await?;
    let (door, scopes) = ((connection.clone(), name), scopes.into_iter().collect());
    let key = issue_key(&deployment.store, &digest_key, door, scopes, now).await?;
    say(key.reveal())
}

/// Prints the keys, one JSON object a line, without their digests.
pub(super) async fn list(deployment: &Deployment) -> anyhow::Result<()> {
    for ApiKey { id, connection, name, scopes, made_at, revoked_at, .. } in deployment.store.api_keys().await? {
        let revoked_at = revoked_at.map(|at| at.to_string());
        let key = json!({
            "id": id, "connection": connection, "name": name, "scopes": scopes,
            "made_at": made_at.to_string(), "revoked_at": revoked_at,
        });
        say(&key.to_string())?;
    }
    Ok(())
}

/// Revokes a key.
pub(super) async fn revoke(deployment: &Deployment, id: &str, now: Timestamp) -> anyhow::Result<()> {
    let revoked = deployment.store.revoke_api_key(id, now).await?;
    let revoked = revoked.with_context(|| format!("there is no key {id}; `edin key list` lists them"))?;
    say(&format!("the key {id} ({}) of {} opens nothing any more", revoked.name, revoked.connection))
}
