//! `edin feed`: the price list that a channel would pull now.

use anyhow::bail;
use edin_domain::ConnectionId;
use edin_platform::{Clock, SystemClock};

use crate::deployment::Deployment;
use crate::output::say;

/// Shows it. Nothing is noted.
pub(super) async fn feed(deployment: &Deployment, connection: &ConnectionId) -> anyhow::Result<()> {
    match feed::preview(&deployment.store, connection, SystemClock.now()).await? {
        Some(list) => say(&list),
        None => bail!("no connection {connection} has a price list; edin connection list says which do"),
    }
}
