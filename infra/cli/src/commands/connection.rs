//! `edin connection`: the connections, and what a person changes of them.

use anyhow::{Context, bail};
use edin_catalogue::connections::check_change;
use edin_domain::{Connection, ConnectionId, Secret};
use edin_look::connections;

use crate::deployment::Deployment;
use crate::output::say;

/// Prints the connections, one JSON object a line.
pub(super) async fn list(deployment: &Deployment) -> anyhow::Result<()> {
    let listed = connections::list(&deployment.store, &deployment.secrets, deployment.url.as_deref()).await?;
    listed.iter().try_for_each(|one| say(&serde_json::to_string(one)?))
}

/// A secret that is in no command line, for others on this machine could read it there.
fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let secret = line.trim();
    if secret.is_empty() {
        bail!("nothing came on standard input; write the secret there, on one line");
    }
    Ok(secret.to_owned())
}

/// Changes a connection, `NAME=VALUE` by `NAME=VALUE`.
pub(super) async fn set(deployment: &Deployment, id: &ConnectionId, changes: &[String]) -> anyhow::Result<()> {
    let connection = deployment.store.connection(id).await?.with_context(|| unknown(id))?;
    let mut addresses = Vec::new();
    for change in changes {
        let (name, value) = change.split_once('=').context("a change is not NAME=VALUE")?;
        let value = Some(value.to_owned()).filter(|value| !value.is_empty());
        check_change(&connection, name, value.as_deref()).map_err(|wrong| anyhow::anyhow!("{name}: {wrong}"))?;
        match (name, name.strip_prefix("secrets."), value) {
            ("base_url" | "proxy", _, value) => addresses.push((name, value)),
            (_, Some(secret), Some(value)) => {
                let value = if value == "-" { read_line()? } else { value };
                deployment.keep([(format!("{id}/{secret}"), Secret::new(value))].into()).await?;
            }
            _ => bail!("{name} can not be set; these can: base_url, proxy, secrets.NAME"),
        }
    }
    let changed = |known: Option<Connection>| {
        let mut connection = known.with_context(|| unknown(id))?;
        for (name, value) in &addresses {
            match *name {
                "base_url" => connection.base_url.clone_from(value),
                _ => connection.proxy.clone_from(value),
            }
        }
        anyhow::Ok(connection)
    };
    deployment.store.edit_connection(id, changed).await?;
    say(&format!("{id} is set"))
}

fn unknown(id: &ConnectionId) -> String {
    format!("there is no connection {id}; import it first")
}
