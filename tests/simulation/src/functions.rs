//! The functions, and their environments: one that died takes along what it remembered.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use api::Api;
use edin_channels::client::line::Lines;
use edin_channels::hook::Networks;
use edin_domain::{Secret, Timestamp};
use edin_platform::{Clock, Metrics, Secrets};
use edin_trade::channels::Channels;
use edin_trade::news::Heard;
use edin_trade::record::Recorder;
use fanout::Fanout;
use feed::Feed;
use intake::Intake;
use poll::Poll;
use project::Project;
use push::Push;
use reconcile::Reconcile;
use webhook::Receiver;

use crate::aws::Aws;
use crate::channels::{Shared, Way};
use crate::clock::SimulatedClock;

/// Makes functions as their `main.rs` would.
pub struct Functions {
    aws: Aws,
    secrets: Secrets,
    key: Secret<String>,
    clock: SimulatedClock,
    way: Arc<Way>,
    networks: Networks,
    /// Environments that wait for work.
    pub intake: Pool<Intake>,
    /// Of the deferred queue and of the stream.
    pub fanout: Pool<Fanout>,
    /// One a connection is awake at a time.
    pub push: Pool<Push>,
    /// Of both schedules and their queue.
    pub poll: Pool<Poll>,
    /// Of the stream.
    pub project: Pool<Project>,
    /// Of its schedule and its queue.
    pub reconcile: Pool<Reconcile>,
}

/// Environments of one function that wait for work.
pub struct Pool<T>(RefCell<Vec<Rc<T>>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Pool<T> {
    /// One that waits, or a new one.
    pub fn take(&self, make: impl FnOnce() -> T) -> Rc<T> {
        let waiting = self.0.borrow_mut().pop();
        waiting.unwrap_or_else(|| Rc::new(make()))
    }

    /// It waits again.
    pub fn put_back(&self, environment: Rc<T>) {
        self.0.borrow_mut().push(environment);
    }
}

impl Functions {
    /// None is awake yet.
    ///
    /// # Errors
    /// If the simulated network isn't one.
    pub fn new(
        aws: Aws,
        secrets: Secrets,
        key: Secret<String>,
        clock: SimulatedClock,
        way: Arc<Way>,
    ) -> anyhow::Result<Self> {
        let networks = edin_channels::networks("")?.and("127.0.0.0/8".parse()?);
        Ok(Self {
            aws,
            secrets,
            key,
            clock,
            way,
            networks,
            intake: Pool::default(),
            fanout: Pool::default(),
            push: Pool::default(),
            poll: Pool::default(),
            project: Pool::default(),
            reconcile: Pool::default(),
        })
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock)
    }

    fn channels(&self) -> Channels {
        let lines = Lines::over(Arc::new(Shared(Arc::clone(&self.way))));
        Channels::new(self.aws.store(), self.secrets.clone(), self.clock()).over(Arc::new(lines))
    }

    /// A new one.
    #[must_use]
    pub fn webhook(&self) -> Receiver {
        Receiver {
            inbox: self.aws.queue("inbox"),
            key: self.key.clone(),
            networks: self.networks.clone(),
            clock: self.clock(),
        }
    }

    /// A new one.
    #[must_use]
    pub fn feed(&self) -> Feed {
        let (secrets, key) = (self.secrets.clone(), self.key.clone());
        Feed { store: self.aws.store(), secrets, key, clock: self.clock() }
    }

    fn recorder(&self) -> Recorder {
        Recorder::new(self.aws.store(), Metrics::None, self.clock())
    }

    /// A new one.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::new(self.recorder(), self.key.clone())
    }

    /// A new one.
    #[must_use]
    pub fn make_intake(&self) -> Intake {
        Intake { recorder: self.recorder(), poll: self.aws.queue("poll") }
    }

    /// A new one.
    #[must_use]
    pub fn make_fanout(&self) -> Fanout {
        Fanout {
            store: self.aws.store(),
            push: self.aws.queue("push.fifo"),
            deferred: self.aws.queue("deferred"),
            clock: self.clock(),
        }
    }

    /// A new one.
    #[must_use]
    pub fn make_push(&self) -> Push {
        Push {
            store: self.aws.store(),
            channels: self.channels(),
            inbox: self.aws.queue("inbox"),
            deferred: self.aws.queue("deferred"),
            dead: self.aws.queue("push-dead.fifo"),
            heard: Heard::default(),
            metrics: Metrics::None,
            clock: self.clock(),
        }
    }

    /// A new one.
    #[must_use]
    pub fn make_poll(&self) -> Poll {
        Poll {
            store: self.aws.store(),
            channels: self.channels().yielding(),
            inbox: self.aws.queue("inbox"),
            poll: self.aws.queue("poll"),
            heard: Heard::default(),
            noted: poll::Noted::default(),
            metrics: Metrics::None,
            clock: self.clock(),
        }
    }

    /// A new one.
    #[must_use]
    pub fn make_reconcile(&self) -> Reconcile {
        Reconcile {
            store: self.aws.store(),
            channels: self.channels().yielding(),
            inbox: self.aws.queue("inbox"),
            push: self.aws.queue("push.fifo"),
            reconcile: self.aws.queue("reconcile"),
            heard: Heard::default(),
            metrics: Metrics::None,
            clock: self.clock(),
        }
    }

    /// A new one.
    #[must_use]
    pub fn make_project(&self) -> Project {
        Project { store: self.aws.store(), key: self.key.clone(), metrics: Metrics::None, clock: self.clock() }
    }
}
