//! Where Edin runs: on this machine over a state folder, or as a stack in AWS. Commands reach both in the same way.

mod machine;
pub mod scratch;
mod stack;

use std::collections::BTreeMap;

use anyhow::Context;
use edin_domain::Secret;
use edin_platform::{Queue, Secrets};
use edin_store::Store;

use crate::settings::Settings;

use machine::Machine;
pub use stack::Stack;

/// A running bundle, or one whose state lies still.
pub struct Deployment {
    /// Its tables.
    pub store: Store,
    /// Its secrets.
    pub secrets: Secrets,
    /// Its queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Where its HTTP side is; none where nothing runs.
    pub url: Option<String>,
    queues: BTreeMap<&'static str, String>,
    host: Host,
}

/// Which of the two it is.
pub enum Host {
    /// This machine; the engines are here if no process serves them.
    Machine(Machine),
    /// A stack.
    Stack(Stack),
}

impl Deployment {
    /// The one that the settings name.
    ///
    /// # Errors
    /// If it can't be reached.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.stack {
            Some(name) => Stack::open(name).await.with_context(|| format!("the stack {name} can not be used")),
            None => Machine::open(&settings.state).await,
        }
    }

    /// Which of the two it is.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The address of a queue, by the name that it has on this machine.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn queue_url(&self, name: &str) -> anyhow::Result<&str> {
        let url = self.queues.get(name).map(String::as_str);
        url.with_context(|| format!("there is no queue {name}; there are {:?}", self.queues.keys()))
    }

    /// A queue, by the name that it has on this machine.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn queue(&self, name: &str) -> anyhow::Result<Queue> {
        Ok(Queue::new(self.sqs.clone(), self.queue_url(name)?))
    }

    /// Keeps secrets, over those of the same name. Makes the key first by which addresses are digested, if there is none.
    ///
    /// # Errors
    /// If they can't be kept.
    pub async fn keep(&self, secrets: BTreeMap<String, Secret<String>>) -> anyhow::Result<()> {
        match &self.host {
            Host::Machine(machine) => machine.keep(secrets),
            Host::Stack(stack) => stack.keep(secrets).await,
        }
    }
}

/// The queues, by the names that they have on this machine, and the output of the template that tells each one's address.
const QUEUES: [(&str, &str); 11] = [
    ("inbox", "InboxQueue"),
    ("push.fifo", "PushQueue"),
    ("deferred", "DeferredQueue"),
    ("poll", "PollQueue"),
    ("reconcile", "ReconcileQueue"),
    ("inbox-dead", "InboxDeadQueue"),
    ("push-dead.fifo", "PushDeadQueue"),
    ("deferred-dead", "DeferredDeadQueue"),
    ("poll-dead", "PollDeadQueue"),
    ("reconcile-dead", "ReconcileDeadQueue"),
    ("stream-dead", "StreamDeadQueue"),
];
