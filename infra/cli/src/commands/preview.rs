//! `edin preview`: what channels would be told, beside what they show.

use anyhow::Context;
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_look::preview::preview;

use crate::deployment::Deployment;
use crate::output::{preview as output, say};

/// Prints it for one connection, or for all that aren't live.
pub(super) async fn show(
    deployment: &Deployment,
    wanted: Option<&ConnectionId>,
    json: bool,
    now: Timestamp,
) -> anyhow::Result<()> {
    let connections: Vec<Connection> = match wanted {
        Some(id) => {
            vec![deployment.store.connection(id).await?.with_context(|| format!("there is no connection {id}"))?]
        }
        None => deployment.store.connections().await?.into_values().filter(|one| !one.is_live()).collect(),
    };
    if connections.is_empty() && !json {
        return say("all connections are live: what they show is in edin status and edin why");
    }
    for connection in connections {
        let preview = preview(&deployment.store, &connection, now).await?;
        match json {
            true => say(&serde_json::to_string(&preview)?)?,
            false => output::lines(&preview).iter().try_for_each(|line| say(line))?,
        }
    }
    Ok(())
}
