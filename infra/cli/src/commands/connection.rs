//! `edin connection`: the connections, and what a person changes of them.

use anyhow::{Context, bail};
use edin_catalogue::connections::check_change;
use edin_catalogue::connections::modes::{self, Change};
use edin_domain::connection::Mode;
use edin_domain::{Connection, ConnectionId, Secret, Timestamp};
use edin_look::connections;

use super::end;
use crate::deployment::Deployment;
use crate::output::words::does;
use crate::output::{connection as output, say};
use crate::settings::{Connection as Wanted, End};

/// Does what a person wants of connections.
pub(super) async fn look_after(deployment: &Deployment, wanted: Wanted, now: Timestamp) -> anyhow::Result<()> {
    match wanted {
        Wanted::List => list(deployment).await,
        Wanted::Show { id, json } => show(deployment, &id, json).await,
        Wanted::Set { id, changes } => set(deployment, &id, &changes, now).await,
        Wanted::Pause { id, zero } => {
            go(deployment, &id, Change::Pause(if zero { Mode::Zero } else { Mode::Paused }), now).await
        }
        Wanted::Resume { id } => go(deployment, &id, Change::Resume, now).await,
        Wanted::End { id } => {
            let all = End { connection: id, sku: None, warehouse: None, article: None };
            end::end(deployment, &all, now).await
        }
    }
}

/// Prints the connections, one JSON object a line.
async fn list(deployment: &Deployment) -> anyhow::Result<()> {
    let listed = connections::list(&deployment.store, &deployment.secrets, deployment.url.as_deref()).await?;
    listed.iter().try_for_each(|one| say(&serde_json::to_string(one)?))
}

async fn show(deployment: &Deployment, id: &ConnectionId, json: bool) -> anyhow::Result<()> {
    let one = connections::one(&deployment.store, &deployment.secrets, deployment.url.as_deref(), id).await?;
    match json {
        true => say(&serde_json::to_string(&one)?),
        false => output::lines(&one).iter().try_for_each(|line| say(line)),
    }
}

/// Brings it into another mode, and says what that means.
async fn go(deployment: &Deployment, id: &ConnectionId, change: Change, now: Timestamp) -> anyhow::Result<()> {
    let mode = modes::change(&deployment.store, &deployment.queue("deferred")?, id, change, now).await?;
    say(&format!("{id} {}", does(mode)))
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

/// Changes a connection, `NAME=VALUE` by `NAME=VALUE`. How far it may go is changed last: what it is told goes to where it is then.
async fn set(deployment: &Deployment, id: &ConnectionId, changes: &[String], now: Timestamp) -> anyhow::Result<()> {
    let connection = deployment.store.connection(id).await?.with_context(|| unknown(id))?;
    let (mut addresses, mut mode) = (Vec::new(), None);
    for change in changes {
        let (name, value) = change.split_once('=').context("a change is not NAME=VALUE")?;
        let value = Some(value.to_owned()).filter(|value| !value.is_empty());
        check_change(&connection, name, value.as_deref()).map_err(|wrong| anyhow::anyhow!("{name}: {wrong}"))?;
        match (name, name.strip_prefix("secrets."), value) {
            ("base_url" | "proxy", _, value) => addresses.push((name, value)),
            ("mode", _, Some(value)) => mode = Some(value.parse()?),
            (_, Some(secret), Some(value)) => {
                let value = if value == "-" { read_line()? } else { value };
                deployment.keep([(format!("{id}/{secret}"), Secret::new(value))].into()).await?;
            }
            _ => bail!("{name} can not be set; these can: mode, base_url, proxy, secrets.NAME"),
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
    match mode {
        Some(mode) => go(deployment, id, Change::To(mode), now).await,
        None => say(&format!("{id} is set")),
    }
}

fn unknown(id: &ConnectionId) -> String {
    format!("there is no connection {id}; import it first")
}
