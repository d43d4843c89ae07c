//! The house: engines, functions and what wakes them, in one process.

mod functions;
mod schedules;
mod wiring;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use aws_lambda_events::dynamodb::EventRecord;
use edin_channels::address::{Purpose, path, signing_secret};
use edin_channels::{feed, hook, signs};
use edin_domain::api_key::Scope;
use edin_domain::{ChannelName, ConnectionId, Secret};
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Clock as _, Metrics, Queue, Secrets, SystemClock};
use edin_store::Store;
use edin_store::catalogue::Connections;
use edin_trade::messages::Read;
use edin_trade::readings::Readings;
use poll::Poll;
use reconcile::{Reconcile, Summary};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::aws::callers::Proxies;
use crate::aws::edge::{Edge, Routes};
use crate::aws::engine::{Engine, messages};
use crate::aws::stream::{Progress, Reader};
use crate::aws::watch::{Askers, Figures, Pulses, Watch};
use crate::doors::issue_key;
use crate::state::claim::Claim;
use crate::state::endpoints::{ConnectionEndpoints, Endpoints, TableNames};
use crate::state::secrets;

pub use schedules::Schedules;

use functions::Maker;
use schedules::{Inbox, read_to_the_end};

/// How the house is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the state is kept.
    pub state: PathBuf,
    /// Where the HTTP side listens.
    pub listen: SocketAddr,
    /// When polling and reconciliation happen by themselves; never if none.
    pub schedules: Option<Schedules>,
    /// Where figures go, besides `/metrics`.
    pub metrics: Metrics,
    /// Who may ask for `/healthz` and `/metrics`.
    pub watchers: Askers,
    /// Who is believed to pass on others' calls.
    pub proxies: Proxies,
}

impl Options {
    /// The usual ones.
    #[must_use]
    pub fn new(state: &Path, listen: SocketAddr) -> Self {
        Self {
            state: state.to_owned(),
            listen,
            schedules: Some(Schedules::default()),
            metrics: Metrics::None,
            watchers: Askers::default(),
            proxies: Proxies::default(),
        }
    }
}

/// The whole bundle. Stops when dropped.
pub struct House {
    state: PathBuf,
    engine: Engine,
    edge: Edge,
    key: Secret<String>,
    poll: Arc<Poll>,
    reconcile: Arc<Reconcile>,
    stream: Arc<Progress>,
    pushes: Arc<AtomicU64>,
    watch: broadcast::Sender<Arc<Vec<EventRecord>>>,
    _tasks: JoinSet<()>,
    _claim: Claim,
}

impl House {
    /// Starts everything over the state folder, which exists and has its secrets.
    ///
    /// # Errors
    /// If a port or a file can't be had, or another house stands on the same state.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let claim = Claim::take_soon(&options.state).await?;
        // One that was killed left them, and its ports are another's by now.
        Endpoints::remove(&options.state);
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("{} is taken; choose another with --listen", options.listen))?;
        let engine = Engine::start(&options.state).await?;
        let secrets = Secrets::File(Arc::new(options.state.join(secrets::FILE)));
        let key = secrets.get(DIGEST_KEY).await?;
        let clock = Arc::new(SystemClock);
        let figures = Arc::new(Figures::new(options.metrics));
        let maker = Maker {
            engine: &engine,
            secrets,
            key: key.clone(),
            metrics: Metrics::To(Arc::<Figures>::clone(&figures)),
            clock,
            readings: Readings::default(),
            pulses: Pulses::default(),
        };
        let (poll, reconcile) = (Arc::new(maker.poll()), Arc::new(maker.reconcile()));
        let (records, _) = broadcast::channel(4_096);
        let reader = Reader::new(engine.streams(), engine.store("setup").stream_arn().await?, engine.trimmer()?);
        let stream = reader.progress();
        let mut tasks = JoinSet::new();
        let pushes = maker.spawn_queues(&mut tasks);
        maker.spawn_stream(&mut tasks, reader, records.clone());
        if let Some(schedules) = options.schedules {
            let inbox = Inbox { client: engine.sqs_client("source"), url: engine.sqs_url().to_owned() };
            schedules::spawn(&mut tasks, schedules, (&poll, &reconcile), &inbox, &maker.pulses);
        }
        let watch = Watch { askers: options.watchers, vitals: maker.vitals(&pushes), figures };
        let (webhook, feed, api) = (maker.webhook()?, maker.feed(), maker.api());
        let edge = Edge::start(listener, Routes { webhook, feed, api, watch, proxies: options.proxies })?;
        let state = options.state;
        Ok(Self {
            state,
            engine,
            edge,
            key,
            poll,
            reconcile,
            stream,
            pushes,
            watch: records,
            _tasks: tasks,
            _claim: claim,
        })
    }

    /// Where the state is kept.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Where the HTTP side is.
    #[must_use]
    pub fn url(&self) -> &str {
        self.edge.url()
    }

    /// The engines.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The tables, to look into them.
    #[must_use]
    pub fn store(&self) -> Store {
        self.engine.store("watch")
    }

    /// The inbox queue, to put something into it.
    #[must_use]
    pub fn inbox(&self) -> Queue {
        self.engine.queue("watch", "inbox")
    }

    /// Where goods go that shall be looked at again.
    #[must_use]
    pub fn deferred(&self) -> Queue {
        self.engine.queue("watch", "deferred")
    }

    /// Every record of the stream from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Arc<Vec<EventRecord>>> {
        self.watch.subscribe()
    }

    /// Where a connection's channel pushes to.
    #[must_use]
    pub fn hook_url(&self, connection: &ConnectionId, channel: &ChannelName) -> String {
        format!("{}{}", self.url(), path(&self.key, Purpose::Hook(channel), connection))
    }

    /// What a connection's channel signs its pushes with, where it lets us choose that.
    #[must_use]
    pub fn hook_secret(&self, connection: &ConnectionId, channel: &ChannelName) -> Secret<String> {
        signing_secret(&self.key, channel, connection)
    }

    /// Where a connection's channel pulls its price list from.
    #[must_use]
    pub fn feed_url(&self, connection: &ConnectionId) -> String {
        format!("{}{}", self.url(), path(&self.key, Purpose::Feed, connection))
    }

    /// Makes a key for a door of the seller's own.
    ///
    /// # Errors
    /// If it can't be kept.
    pub async fn issue_key(&self, door: &ConnectionId, name: &str, scopes: &[Scope]) -> anyhow::Result<Secret<String>> {
        let scopes = scopes.iter().copied().collect();
        issue_key(&self.store(), &self.key, (door.clone(), name), scopes, SystemClock.now()).await
    }

    /// Ends the holds whose time has come, now.
    ///
    /// # Errors
    /// If they can't be listed, or the inbox takes no messages.
    pub async fn end_holds(&self) -> anyhow::Result<()> {
        Ok(self.poll.end_holds().await?)
    }

    /// Reads orders now, to the end. Returns the connections that couldn't be read, with the reason.
    ///
    /// # Errors
    /// If the connections can't be listed.
    pub async fn poll(&self, read: Read) -> anyhow::Result<Vec<(ConnectionId, String)>> {
        let Connections { known, unreadable } = self.store().all_connections().await?;
        let readings = known.values().map(|connection| async {
            let failed = read_to_the_end(&self.poll, connection, &read).await.err();
            failed.map(|error| (connection.id.clone(), error.to_string()))
        });
        let failed = futures::future::join_all(readings).await.into_iter().flatten();
        Ok(unreadable.into_iter().chain(failed).collect())
    }

    /// Reads the orders of one connection now. Returns why that failed, if it did.
    ///
    /// # Errors
    /// If the connection can't be looked up.
    pub async fn poll_one(&self, connection: &ConnectionId, read: Read) -> anyhow::Result<Option<String>> {
        let connection = self.store().connection(connection).await?.context("there is no such connection")?;
        Ok(read_to_the_end(&self.poll, &connection, &read).await.err().map(|error| error.to_string()))
    }

    /// Reconciles now.
    ///
    /// # Errors
    /// If the connections can't be listed.
    pub async fn reconcile(&self) -> anyhow::Result<Vec<Summary>> {
        let connections = self.store().connections().await?;
        let reconciled = connections.keys().map(|id| Box::pin(self.reconcile.reconcile(id)));
        Ok(futures::future::try_join_all(reconciled).await?)
    }

    /// Waits until nothing is under way: queues empty, stream read.
    ///
    /// # Errors
    /// If for `patience` there never was less under way than before.
    pub async fn settle(&self, patience: Duration) -> anyhow::Result<()> {
        let (mut calm, mut least, mut since) = (0, u64::MAX, Instant::now());
        while calm < 3 {
            let under_way = self.under_way().await?;
            if under_way < least {
                (least, since) = (under_way, Instant::now());
            }
            calm = if under_way == 0 && self.is_stream_read().await { calm + 1 } else { 0 };
            ensure!(since.elapsed() < patience, "things are still under way");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Messages that are under way, and pushes in hand.
    async fn under_way(&self) -> anyhow::Result<u64> {
        let mut sum = self.pushes.load(Ordering::Relaxed);
        for queue in ["inbox", "push.fifo", "deferred", "poll", "reconcile"] {
            sum += self.waiting(queue).await?;
        }
        Ok(sum)
    }

    async fn is_stream_read(&self) -> bool {
        let before = self.stream.times_idle();
        tokio::time::sleep(Duration::from_millis(60)).await;
        self.stream.times_idle() >= before + 2
    }

    /// Messages of a queue that are to come, being worked on, or put off.
    ///
    /// # Errors
    /// If the queue can't be asked.
    pub async fn waiting(&self, queue: &str) -> anyhow::Result<u64> {
        messages(&self.engine.sqs_client("watch"), self.engine.sqs_url(), queue).await
    }

    /// Where everything is; `simulators` by connection.
    ///
    /// # Errors
    /// If the connections can't be listed.
    pub async fn endpoints(&self, simulators: &BTreeMap<ConnectionId, String>) -> anyhow::Result<Endpoints> {
        let tables = crate::state::database::tables();
        let connections = self.store().connections().await?;
        let endpoints = connections.into_values().map(|connection| {
            let (id, channel) = (&connection.id, connection.channel());
            let endpoints = ConnectionEndpoints {
                channel: channel.to_string(),
                webhook: hook(channel).map(|_| self.hook_url(id, channel)),
                webhook_secret: signs(channel).then(|| self.hook_secret(id, channel).reveal().clone()),
                feed: feed(channel).map(|_| self.feed_url(id)),
                simulator: simulators.get(id).cloned(),
            };
            (id.to_string(), endpoints)
        });
        Ok(Endpoints {
            http: self.url().to_owned(),
            public: None,
            dynamodb: self.engine.dynamodb_url().to_owned(),
            sqs: self.engine.sqs_url().to_owned(),
            tables: TableNames { stock: tables.stock, customers: tables.customers },
            connections: endpoints.collect(),
        })
    }
}
