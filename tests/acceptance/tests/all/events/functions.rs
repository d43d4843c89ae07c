//! The functions, as each `main.rs` makes them.

use std::path::Path;
use std::sync::Arc;

use edin_domain::Secret;
use edin_local::aws::engine::Engine;
use edin_local::state::secrets;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Clock, Metrics, Queue, Secrets};
use edin_store::Store;
use edin_trade::channels::Channels;
use edin_trade::news::Heard;
use edin_trade::record::Recorder;

/// What they are made of.
pub(super) struct Functions<'a> {
    pub(super) engine: &'a Engine,
    pub(super) state: &'a Path,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
}

impl Functions<'_> {
    fn store(&self) -> Store {
        self.engine.store("function")
    }

    fn queue(&self, name: &str) -> Queue {
        self.engine.queue("function", name)
    }

    fn secrets(&self) -> Secrets {
        Secrets::File(Arc::new(self.state.join(secrets::FILE)))
    }

    fn channels(&self) -> Channels {
        Channels::new(self.store(), self.secrets(), Arc::clone(&self.clock))
    }

    /// What addresses are digested with.
    pub(super) async fn key(&self) -> anyhow::Result<Secret<String>> {
        Ok(self.secrets().get(DIGEST_KEY).await?)
    }

    pub(super) async fn webhook(&self) -> anyhow::Result<webhook::Receiver> {
        let (inbox, key, clock) = (self.queue("inbox"), self.key().await?, Arc::clone(&self.clock));
        Ok(webhook::Receiver { inbox, key, networks: edin_channels::networks("")?, clock })
    }

    pub(super) async fn feed(&self) -> anyhow::Result<feed::Feed> {
        let (secrets, key, clock) = (self.secrets(), self.key().await?, Arc::clone(&self.clock));
        Ok(feed::Feed { store: self.store(), secrets, key, clock })
    }

    pub(super) fn intake(&self) -> intake::Intake {
        intake::Intake {
            recorder: Recorder::new(self.store(), self.metrics.clone(), Arc::clone(&self.clock)),
            poll: self.queue("poll"),
        }
    }

    pub(super) fn fanout(&self) -> fanout::Fanout {
        let (push, deferred, clock) = (self.queue("push.fifo"), self.queue("deferred"), Arc::clone(&self.clock));
        fanout::Fanout { store: self.store(), push, deferred, clock }
    }

    pub(super) async fn project(&self) -> anyhow::Result<project::Project> {
        let (key, metrics, clock) = (self.key().await?, self.metrics.clone(), Arc::clone(&self.clock));
        Ok(project::Project { store: self.store(), key, metrics, clock })
    }

    pub(super) fn push(&self) -> push::Push {
        push::Push {
            store: self.store(),
            channels: self.channels(),
            inbox: self.queue("inbox"),
            deferred: self.queue("deferred"),
            dead: self.queue("push-dead.fifo"),
            heard: Heard::default(),
            metrics: self.metrics.clone(),
            clock: Arc::clone(&self.clock),
        }
    }

    pub(super) fn poll(&self) -> poll::Poll {
        poll::Poll {
            store: self.store(),
            channels: self.channels().yielding(),
            inbox: self.queue("inbox"),
            poll: self.queue("poll"),
            heard: Heard::default(),
            noted: poll::Noted::default(),
            metrics: self.metrics.clone(),
            clock: Arc::clone(&self.clock),
        }
    }

    pub(super) fn reconcile(&self) -> reconcile::Reconcile {
        reconcile::Reconcile {
            store: self.store(),
            channels: self.channels().yielding(),
            inbox: self.queue("inbox"),
            push: self.queue("push.fifo"),
            reconcile: self.queue("reconcile"),
            heard: Heard::default(),
            metrics: self.metrics.clone(),
            clock: Arc::clone(&self.clock),
        }
    }
}
