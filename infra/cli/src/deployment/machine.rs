//! This machine: the process that runs over the state, or engines started for one command alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edin_domain::Secret;
use edin_local::aws::engine::{Engine, remote_sqs, remote_store, url_of};
use edin_local::state::claim::Claim;
use edin_local::state::endpoints::Endpoints;
use edin_local::state::secrets;
use edin_platform::Secrets;

use super::{Deployment, Host, QUEUES};

/// This machine.
pub struct Machine {
    state: PathBuf,
    _own: Option<Own>,
}

/// Engines of this command alone, and its share of the folder: what it sends is in the file when it ends.
struct Own {
    _engine: Engine,
    _claim: Claim,
}

impl Machine {
    pub(super) async fn open(state: &Path) -> anyhow::Result<Deployment> {
        let host = |own| Host::Machine(Self { state: state.to_owned(), _own: own });
        let secrets = Secrets::File(Arc::new(state.join(secrets::FILE)));
        let queues = |sqs: &str| QUEUES.iter().map(|(name, _)| (*name, url_of(sqs, name))).collect();
        if let Some(running) = Endpoints::of_running(state) {
            return Ok(Deployment {
                store: remote_store(&running.dynamodb),
                secrets,
                sqs: remote_sqs(&running.sqs),
                url: Some(running.public.unwrap_or(running.http)),
                queues: queues(&running.sqs),
                host: host(None),
            });
        }
        let claim = Claim::share(state)?;
        let engine = Engine::start(state).await?;
        Ok(Deployment {
            store: engine.store("command"),
            secrets,
            sqs: engine.sqs_client("command"),
            url: None,
            queues: queues(engine.sqs_url()),
            host: host(Some(Own { _engine: engine, _claim: claim })),
        })
    }

    pub(super) fn keep(&self, secrets: BTreeMap<String, Secret<String>>) -> anyhow::Result<()> {
        secrets::add(&self.state, secrets)
    }
}
