//! `edin doctor`: whether all is right that Edin needs to do its work.

use anyhow::ensure;
use edin_local::state::condition;
use edin_local::state::endpoints::Endpoints;
use edin_look::doctor::{Address, Check, Verdict, addresses, connections, dead_letters};
use edin_platform::{Clock, SystemClock};
use edin_store::migration::Migration;

use super::status::{DEAD_LETTERS, diagnoses, letters};
use crate::deployment::{Deployment, Host};
use crate::network;
use crate::output::say;
use crate::settings::Settings;

/// Says it, one line each.
///
/// # Errors
/// If something needs a person.
pub(super) async fn examine(settings: &Settings, json: bool) -> anyhow::Result<()> {
    let checks = checks(settings).await;
    for check in &checks {
        say(&if json { serde_json::to_string(check)? } else { line(check) })?;
    }
    let wrong = checks.iter().filter(|check| check.is_wrong()).count();
    ensure!(wrong == 0, "a person is needed: {wrong} of {} things are wrong, named above", checks.len());
    Ok(())
}

/// Looks at the machine first: what is wrong there may keep the rest from being looked at.
async fn checks(settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    if settings.stack.is_none() {
        checks.extend(condition::examine(&settings.state));
        checks.extend(process(settings).await);
    }
    let looked = async {
        let deployment = Deployment::open(settings).await?;
        of_deployment(&deployment).await
    };
    match looked.await {
        Ok(found) => checks.extend(found),
        Err(error) => {
            checks.push(Check::wrong(
                "tables",
                format!("they can not be read: {error:#}"),
                "see to that first, then look again",
            ));
        }
    }
    checks
}

async fn process(settings: &Settings) -> Vec<Check> {
    match Endpoints::of_running(&settings.state) {
        Some(running) => network::health(&running.http).await,
        None => {
            let found = format!("none runs over {}: no order is read, and no channel told", settings.state.display());
            vec![Check::wrong("process", found, "start edin up, or the service (systemctl start edin)")]
        }
    }
}

async fn of_deployment(deployment: &Deployment) -> anyhow::Result<Vec<Check>> {
    let now = SystemClock.now();
    let mut checks = Vec::new();
    if let Host::Machine(_) = deployment.host() {
        checks.push(older_forms(deployment).await?);
    }
    let (good, bad): (Vec<_>, Vec<_>) = addresses(&deployment.store, now).await?.into_iter().partition(Result::is_ok);
    let good: Vec<Address> = good.into_iter().flatten().collect();
    checks.push(network::clock(&good, || SystemClock.now()).await);
    checks.extend(connections(&deployment.store, &deployment.secrets, &diagnoses(deployment).await?, now).await?);
    checks.extend(bad.into_iter().filter_map(Result::err));
    checks.extend(futures::future::join_all(good.iter().map(network::dial)).await);
    let queues = DEAD_LETTERS.map(|(name, _)| name);
    checks.extend(dead_letters(queues, &letters(deployment).await?));
    Ok(checks)
}

/// What is in an earlier release's form is read as it is; what can't be read at all is another matter.
async fn older_forms(deployment: &Deployment) -> anyhow::Result<Check> {
    let outdated = deployment.store.migrate(Migration::Look).await?;
    Ok(match (outdated.unreadable.first(), outdated.is_none()) {
        (Some(first), _) => {
            let found = format!("{} can not be read: {first}", outdated.unreadable.len());
            Check::wrong(
                "items",
                found,
                "see edin migrate --dry-run; a later release may have written them: install that again",
            )
        }
        (None, true) => Check::well("items", "all are in the form of this release"),
        (None, false) => Check::noted(
            "items",
            "some are in the form of an earlier release; edin migrate brings them into this one's",
        ),
    })
}

fn line(Check { what, verdict }: &Check) -> String {
    match verdict {
        Verdict::Well { found } => format!("✓ {what}: {found}"),
        Verdict::Noted { found } => format!("! {what}: {found}"),
        Verdict::Skipped { reason } => format!("- {what}: skipped, {reason}"),
        Verdict::Wrong { found, todo } => format!("✗ {what}: {found}. What to do: {todo}"),
    }
}
