//! `edin reconcile`: what the channels show that they shouldn't.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use edin_domain::ConnectionId;
use edin_platform::{Clock, Metrics, SystemClock};
use edin_store::drift::Finding;
use edin_trade::channels::Channels;
use edin_trade::messages::ToReconcile;
use edin_trade::news::Heard;
use reconcile::{Reconcile, Summary};

use crate::deployment::{Deployment, Host};
use crate::output::say;
use crate::settings;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Prints what was found: just now, or in the last day.
pub(super) async fn show(deployment: &Deployment, wanted: &settings::Reconcile) -> anyhow::Result<()> {
    if wanted.now {
        let summaries = now(deployment, wanted.connection.as_ref()).await?;
        summaries.iter().try_for_each(summary)?;
        let wrong = summaries.iter().filter(|one| one.problem.is_some() || !one.key_problems.is_empty()).count();
        ensure!(wrong == 0, "something is wrong at {wrong} of {} connections", summaries.len());
        return Ok(());
    }
    let connections = deployment.store.connections().await?;
    let asked_for = |id: &&ConnectionId| wanted.connection.as_ref().is_none_or(|only| only == *id);
    for id in connections.keys().filter(asked_for) {
        let findings = deployment.store.findings(id, SystemClock.now().minus(DAY)).await?;
        say(&format!("{id}: {} findings in the last day", findings.len()))?;
        findings.iter().try_for_each(finding)?;
    }
    Ok(())
}

/// A stack reconciles itself, with its own rights; this machine does it here.
async fn now(deployment: &Deployment, only: Option<&ConnectionId>) -> anyhow::Result<Vec<Summary>> {
    let all = deployment.store.all_connections().await?;
    let known = all.known.into_values().filter(|connection| !connection.is_over(SystemClock.now()));
    let ids: Vec<ConnectionId> = match only {
        Some(only) => vec![only.clone()],
        None => known.map(|connection| connection.id).chain(all.unreadable.into_keys()).collect(),
    };
    let here = here(deployment)?;
    let mut summaries = Vec::new();
    for connection in ids {
        summaries.push(match deployment.host() {
            Host::Stack(stack) => {
                stack.call(&stack.function("ReconcileFunction")?, &ToReconcile { connection }).await?
            }
            Host::Machine(_) => here.reconcile(&connection).await?,
        });
    }
    Ok(summaries)
}

fn here(deployment: &Deployment) -> anyhow::Result<Reconcile> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(Reconcile {
        store: deployment.store.clone(),
        channels: Channels::new(deployment.store.clone(), deployment.secrets.clone(), Arc::clone(&clock)),
        inbox: deployment.queue("inbox")?,
        push: deployment.queue("push.fifo")?,
        reconcile: deployment.queue("reconcile")?,
        heard: Heard::default(),
        metrics: Metrics::None,
        clock,
    })
}

fn summary(summary: &Summary) -> anyhow::Result<()> {
    let Summary { connection, listings, drift_units, findings, key_problems, problem } = summary;
    match problem {
        Some(problem) => say(&format!("{connection}: could not be reconciled: {problem}"))?,
        None => say(&format!("{connection}: {listings} listings, {drift_units} units of drift"))?,
    }
    key_problems.iter().try_for_each(|problem| say(&format!("  {problem}")))?;
    findings.iter().try_for_each(finding)
}

fn finding(finding: &Finding) -> anyhow::Result<()> {
    let Finding { at, warehouse, sku, article, drift } = finding;
    let sku = sku.as_ref().map_or("no SKU", |sku| sku.as_str());
    let (actual, desired, reason) = (drift.actual, drift.desired, &drift.reason);
    say(&format!("  {at}  {warehouse}  {sku} ({article}): shows {actual}, should show {desired}: {reason:?}"))
}
