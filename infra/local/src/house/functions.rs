//! The functions, over the engines of this house.

use std::sync::Arc;

use api::Api;
use edin_domain::Secret;
use edin_platform::{Clock, Metrics, Secrets};
use edin_trade::channels::Channels;
use edin_trade::news::Heard;
use edin_trade::readings::Readings;
use edin_trade::record::Recorder;
use fanout::Fanout;
use feed::Feed;
use intake::Intake;
use poll::Poll;
use project::Project;
use push::Push;
use reconcile::Reconcile;
use webhook::Receiver;

use crate::aws::engine::Engine;
use crate::aws::watch::Pulses;

/// Makes the functions as their `main.rs` would.
pub(super) struct Maker<'a> {
    pub(super) engine: &'a Engine,
    pub(super) secrets: Secrets,
    pub(super) key: Secret<String>,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    /// Push and poll are one process here: what one has read, the other needn't.
    pub(super) readings: Readings,
    /// Of what wakes them.
    pub(super) pulses: Pulses,
}

impl Maker<'_> {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn channels(&self, function: &'static str) -> Channels {
        let channels = Channels::new(self.engine.store(function), self.secrets.clone(), self.clock());
        channels.sharing(self.readings.clone())
    }

    /// Calls may come from where a channel says, and from this machine, where the simulators are.
    pub(super) fn webhook(&self) -> anyhow::Result<Receiver> {
        Ok(Receiver {
            inbox: self.engine.queue("webhook", "inbox"),
            key: self.key.clone(),
            networks: edin_channels::networks("")?.and("127.0.0.0/8".parse()?),
            clock: self.clock(),
        })
    }

    pub(super) fn feed(&self) -> Feed {
        let (secrets, key) = (self.secrets.clone(), self.key.clone());
        Feed { store: self.engine.store("feed"), secrets, key, clock: self.clock() }
    }

    pub(super) fn api(&self) -> Api {
        Api::new(self.recorder("api"), self.key.clone())
    }

    fn recorder(&self, function: &'static str) -> Recorder {
        Recorder::new(self.engine.store(function), self.metrics.clone(), self.clock())
    }

    pub(super) fn intake(&self) -> Intake {
        Intake { recorder: self.recorder("intake"), poll: self.engine.queue("intake", "poll") }
    }

    pub(super) fn fanout(&self) -> Fanout {
        Fanout {
            store: self.engine.store("fanout"),
            push: self.engine.queue("fanout", "push.fifo"),
            deferred: self.engine.queue("fanout", "deferred"),
            clock: self.clock(),
        }
    }

    pub(super) fn push(&self) -> Push {
        Push {
            store: self.engine.store("push"),
            channels: self.channels("push"),
            inbox: self.engine.queue("push", "inbox"),
            deferred: self.engine.queue("push", "deferred"),
            dead: self.engine.queue("push", "push-dead.fifo"),
            heard: Heard::default(),
            metrics: self.metrics.clone(),
            clock: self.clock(),
        }
    }

    pub(super) fn poll(&self) -> Poll {
        Poll {
            store: self.engine.store("poll"),
            channels: self.channels("poll").yielding(),
            inbox: self.engine.queue("poll", "inbox"),
            poll: self.engine.queue("poll", "poll"),
            heard: Heard::default(),
            noted: poll::Noted::default(),
            metrics: self.metrics.clone(),
            clock: self.clock(),
        }
    }

    pub(super) fn reconcile(&self) -> Reconcile {
        Reconcile {
            store: self.engine.store("reconcile"),
            channels: self.channels("reconcile").yielding(),
            inbox: self.engine.queue("reconcile", "inbox"),
            push: self.engine.queue("reconcile", "push.fifo"),
            reconcile: self.engine.queue("reconcile", "reconcile"),
            heard: Heard::default(),
            metrics: self.metrics.clone(),
            clock: self.clock(),
        }
    }

    pub(super) fn project(&self) -> Project {
        let (key, metrics) = (self.key.clone(), self.metrics.clone());
        Project { store: self.engine.store("project"), key, metrics, clock: self.clock() }
    }
}
