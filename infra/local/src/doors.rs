//! Keys of the seller's own doors, made on this machine, for whatever tables they open.

use std::collections::BTreeSet;

use edin_domain::api_key::Scope;
use edin_domain::{ConnectionId, Secret, Timestamp};
use edin_store::Store;

use crate::state::secrets::random;

/// Makes a key for `door`, which a person calls `name`, and returns it as its bearer shall keep it: nobody can tell it again.
///
/// # Errors
/// If this machine gives no random numbers, or the table doesn't take it.
pub async fn issue_key(
    store: &Store,
    digest_key: &Secret<String>,
    (door, name): (ConnectionId, &str),
    scopes: BTreeSet<Scope>,
    now: Timestamp,
) -> anyhow::Result<Secret<String>> {
    let (kept, key) = api::issue(digest_key, (door, name), scopes, &random()?, now);
    store.put_api_key(&kept).await?;
    Ok(key)
}
