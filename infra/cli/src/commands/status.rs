//! `edin status`: how each connection is.

use std::collections::BTreeMap;

use anyhow::ensure;
use edin_look::status::{Diagnosis, Topics, dead_letters, healths};
use edin_platform::{Clock, SystemClock};
use poll::Topic;
use serde_json::json;

use crate::deployment::Deployment;
use crate::output::{say, status};
use crate::settings::Status as Wanted;

/// The dead-letter queues, by the names that `edin redrive` has for them.
pub(super) const DEAD_LETTERS: [(&str, &str); 6] = [
    ("inbox", "inbox-dead"),
    ("push", "push-dead.fifo"),
    ("deferred", "deferred-dead"),
    ("poll", "poll-dead"),
    ("reconcile", "reconcile-dead"),
    ("stream", "stream-dead"),
];

/// Prints how the connections are.
///
/// # Errors
/// If the deployment can't be asked; with `--check` also if anything is wrong.
pub(super) async fn show(deployment: &Deployment, wanted: &Wanted) -> anyhow::Result<()> {
    let (diagnoses, now) = (diagnoses(deployment).await?, SystemClock.now());
    let letters = letters(deployment).await?;
    match wanted.json {
        true => in_json(&diagnoses, &letters)?,
        false => status::lines(&diagnoses, &letters, now).iter().try_for_each(|line| say(line))?,
    }
    let wrong = diagnoses.iter().map(|diagnosis| diagnosis.problems.len()).sum::<usize>() + letters.len();
    ensure!(!wanted.check || wrong == 0, "something is wrong: {wrong} things, named above");
    Ok(())
}

/// How each connection is, and what is wrong with it.
pub(super) async fn diagnoses(deployment: &Deployment) -> anyhow::Result<Vec<Diagnosis>> {
    let readings = Topic::ALL.map(Topic::name);
    let topics = Topics { progress: Topic::Changes.progress(), readings: &readings };
    let (healths, now) = (healths(&deployment.store, topics, SystemClock.now()).await?, SystemClock.now());
    Ok(healths.into_iter().map(|health| Diagnosis::of(health, now)).collect())
}

/// How many dead letters there are, by queue; queues without any are missing.
pub(super) async fn letters(deployment: &Deployment) -> anyhow::Result<BTreeMap<&'static str, u64>> {
    let queues = DEAD_LETTERS.map(|(name, queue)| Ok((name, deployment.queue_url(queue)?)));
    let queues = queues.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    Ok(dead_letters(&deployment.sqs, queues).await?)
}

/// One object a connection; one more of the dead letters, if there are any.
fn in_json(diagnoses: &[Diagnosis], letters: &BTreeMap<&'static str, u64>) -> anyhow::Result<()> {
    diagnoses.iter().try_for_each(|diagnosis| say(&serde_json::to_string(diagnosis)?))?;
    match letters.is_empty() {
        true => Ok(()),
        false => say(&json!({ "dead_letters": letters }).to_string()),
    }
}
