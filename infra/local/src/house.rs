//! The house: engines, functions and what wakes them, in one process.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_sqs::types::QueueAttributeName;
use edin_channels::hook::{self, Networks, Purpose};
use edin_channels::ozon;
use edin_domain::{Channel, ConnectionId, Secret};
use edin_platform::channels::Channels;
use edin_platform::news::Heard;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Clock, Message, Queue, Secrets, SystemClock};
use edin_store::Store;
use fanout::Fanout;
use feed::Feed;
use intake::Intake;
use poll::{Poll, Reading};
use project::Project;
use push::Push;
use reconcile::{Reconcile, Summary};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use webhook::Receiver;

use crate::edge::{Edge, Routes};
use crate::endpoints::{ConnectionEndpoints, Endpoints, TableNames};
use crate::engine::Engine;
use crate::groups::Groups;
use crate::secrets;
use crate::sources::{Function, Source};
use crate::stream::{Consumers, Progress, Reader};

/// How the house is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the state is kept.
    pub state: PathBuf,
    /// Where the HTTP side listens.
    pub listen: SocketAddr,
    /// When polling and reconciliation happen by themselves.
    pub schedules: Schedules,
}

/// When things happen by themselves.
#[derive(Debug, Clone, Copy)]
pub struct Schedules {
    /// The newest orders are read so often.
    pub newest: Duration,
    /// Every order that changed is read so often.
    pub changes: Duration,
    /// The channels are reconciled so often.
    pub reconcile: Duration,
}

impl Options {
    /// The usual ones.
    #[must_use]
    pub fn new(state: &Path, listen: SocketAddr) -> Self {
        let schedules = Schedules {
            newest: Duration::from_secs(1),
            changes: Duration::from_secs(10),
            reconcile: Duration::from_secs(300),
        };
        Self { state: state.to_owned(), listen, schedules }
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
    watch: tokio::sync::broadcast::Sender<Arc<Vec<EventRecord>>>,
    _tasks: JoinSet<()>,
}

impl House {
    /// Starts everything over the state folder, which exists and has its secrets.
    ///
    /// # Errors
    /// If a port or a file can't be had.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("{} is taken; choose another with --listen", options.listen))?;
        let engine = Engine::start(&options.state).await?;
        let secrets = Secrets::File(Arc::new(options.state.join(secrets::FILE)));
        let key = secrets.get(DIGEST_KEY).await?;
        let maker = Maker { engine: &engine, secrets, key: key.clone(), clock: Arc::new(SystemClock) };
        let edge = Edge::start(listener, Routes { webhook: maker.webhook()?, feed: maker.feed() })?;
        let (poll, reconcile) = (Arc::new(maker.poll()), Arc::new(maker.reconcile()));
        let (watch, _) = tokio::sync::broadcast::channel(4_096);
        let reader = Reader::new(engine.streams(), engine.store("setup").stream_arn().await?, engine.trimmer()?);
        let stream = reader.progress();
        let mut tasks = JoinSet::new();
        let pushes = maker.spawn_queues(&mut tasks);
        maker.spawn_stream(&mut tasks, reader, watch.clone());
        spawn_schedules(&mut tasks, options.schedules, &poll, &reconcile);
        Ok(Self { state: options.state, engine, edge, key, poll, reconcile, stream, pushes, watch, _tasks: tasks })
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

    /// Every record of the stream from now on.
    #[must_use]
    pub fn watch(&self) -> tokio::sync::broadcast::Receiver<Arc<Vec<EventRecord>>> {
        self.watch.subscribe()
    }

    /// Where a connection's channel pushes to.
    #[must_use]
    pub fn hook_url(&self, connection: &ConnectionId, channel: Channel) -> String {
        format!("{}/hooks/{connection}/{}", self.url(), hook::token(&self.key, Purpose::Hook(channel), connection))
    }

    /// Where a connection's channel pulls its price list from.
    #[must_use]
    pub fn feed_url(&self, connection: &ConnectionId) -> String {
        format!("{}/feeds/{connection}.{}.xml", self.url(), hook::token(&self.key, Purpose::Feed, connection))
    }

    /// Reads orders now.
    ///
    /// # Errors
    /// If the connections can't be listed.
    pub async fn poll(&self, read: Reading) -> anyhow::Result<Vec<(ConnectionId, String)>> {
        Ok(self.poll.handle(poll::Event { connection: None, read }).await?)
    }

    /// Reconciles now.
    ///
    /// # Errors
    /// If the connections can't be listed.
    pub async fn reconcile(&self) -> anyhow::Result<Vec<Summary>> {
        Ok(self.reconcile.handle(reconcile::Event::default()).await?)
    }

    /// Waits until nothing is under way: queues empty, stream read.
    ///
    /// # Errors
    /// If that isn't so within `patience`.
    pub async fn settle(&self, patience: Duration) -> anyhow::Result<()> {
        let quiet = async {
            let mut calm = 0;
            while calm < 3 {
                calm = if self.is_quiet().await? { calm + 1 } else { 0 };
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(())
        };
        tokio::time::timeout(patience, quiet).await.context("things are still under way")?
    }

    async fn is_quiet(&self) -> anyhow::Result<bool> {
        let before = self.stream.times_idle();
        if self.pushes.load(Ordering::Relaxed) > 0 {
            return Ok(false);
        }
        for queue in ["inbox", "push.fifo", "deferred"] {
            if self.waiting(queue).await? > 0 {
                return Ok(false);
            }
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
        Ok(self.stream.times_idle() >= before + 2)
    }

    /// Messages of a queue that are to come, being worked on, or put off.
    ///
    /// # Errors
    /// If the queue can't be asked.
    pub async fn waiting(&self, queue: &str) -> anyhow::Result<u64> {
        let request = self.engine.sqs_client("watch").get_queue_attributes().queue_url(self.engine.queue_url(queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await?;
        let numbers = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let attributes = answer.attributes.unwrap_or_default();
        Ok(numbers.iter().filter_map(|name| attributes.get(name)?.parse::<u64>().ok()).sum())
    }

    /// Where everything is; `simulators` by connection.
    ///
    /// # Errors
    /// If the connections can't be listed.
    pub async fn endpoints(&self, simulators: &BTreeMap<ConnectionId, String>) -> anyhow::Result<Endpoints> {
        let tables = crate::engine::tables();
        let connections = self.store().connections().await?;
        let endpoints = connections.into_values().map(|connection| {
            let (id, channel) = (&connection.id, connection.channel());
            let endpoints = ConnectionEndpoints {
                channel: channel.name().to_owned(),
                webhook: (channel == Channel::Ozon).then(|| self.hook_url(id, channel)),
                feed: (channel == Channel::Kaspi).then(|| self.feed_url(id)),
                simulator: simulators.get(id).cloned(),
            };
            (id.to_string(), endpoints)
        });
        Ok(Endpoints {
            http: self.url().to_owned(),
            dynamodb: self.engine.dynamodb_url().to_owned(),
            sqs: self.engine.sqs_url().to_owned(),
            tables: TableNames { stock: tables.stock, customers: tables.customers },
            connections: endpoints.collect(),
        })
    }
}

/// Makes the functions as their `main.rs` would.
struct Maker<'a> {
    engine: &'a Engine,
    secrets: Secrets,
    key: Secret<String>,
    clock: Arc<dyn Clock>,
}

impl Maker<'_> {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn channels(&self, function: &'static str) -> Channels {
        Channels::new(self.engine.store(function), self.secrets.clone(), self.clock())
    }

    /// Pushes may come from where Ozon's do, and from this machine, where its simulator is.
    fn webhook(&self) -> anyhow::Result<Receiver> {
        let networks = ozon::NETWORKS.iter().chain(&["127.0.0.0/8"]).map(|network| network.parse());
        Ok(Receiver {
            inbox: self.engine.queue("webhook", "inbox"),
            key: self.key.clone(),
            networks: Networks { ozon: networks.collect::<Result<_, _>>()? },
            clock: self.clock(),
        })
    }

    fn feed(&self) -> Feed {
        let (secrets, key) = (self.secrets.clone(), self.key.clone());
        Feed { store: self.engine.store("feed"), secrets, key, clock: self.clock() }
    }

    fn intake(&self) -> Intake {
        Intake { store: self.engine.store("intake"), clock: self.clock() }
    }

    fn fanout(&self) -> Fanout {
        Fanout {
            store: self.engine.store("fanout"),
            push: self.engine.queue("fanout", "push.fifo"),
            deferred: self.engine.queue("fanout", "deferred"),
            clock: self.clock(),
        }
    }

    fn push(&self) -> Push {
        Push {
            store: self.engine.store("push"),
            channels: self.channels("push"),
            inbox: self.engine.queue("push", "inbox"),
            deferred: self.engine.queue("push", "deferred"),
            heard: Heard::default(),
            clock: self.clock(),
        }
    }

    fn poll(&self) -> Poll {
        Poll {
            store: self.engine.store("poll"),
            channels: self.channels("poll").one_call_at_a_time(),
            inbox: self.engine.queue("poll", "inbox"),
            heard: Heard::default(),
            clock: self.clock(),
        }
    }

    fn reconcile(&self) -> Reconcile {
        Reconcile {
            store: self.engine.store("reconcile"),
            channels: self.channels("reconcile"),
            inbox: self.engine.queue("reconcile", "inbox"),
            push: self.engine.queue("reconcile", "push.fifo"),
            heard: Heard::default(),
            clock: self.clock(),
        }
    }

    fn source(&self, queue: &str) -> Source {
        Source { client: self.engine.sqs_client("source"), url: self.engine.queue_url(queue) }
    }

    /// So many instances a queue as the template allows, in small. Returns how many pushes are in hand.
    fn spawn_queues(&self, tasks: &mut JoinSet<()>) -> Arc<AtomicU64> {
        for _ in 0..2 {
            let (source, intake) = (self.source("inbox"), self.intake());
            tasks.spawn(async move { source.run(intake).await });
        }
        let groups = Groups::new(self.source("push.fifo"), self.engine.queue("source", "push-dead.fifo"));
        let (in_hand, push) = (groups.in_hand(), Arc::new(self.push()));
        tasks.spawn(async move { groups.run(push).await });
        let (source, fanout) = (self.source("deferred"), self.fanout());
        tasks.spawn(async move { source.run(fanout).await });
        in_hand
    }

    fn spawn_stream(
        &self,
        tasks: &mut JoinSet<()>,
        reader: Reader,
        watch: tokio::sync::broadcast::Sender<Arc<Vec<EventRecord>>>,
    ) {
        let project = Project { store: self.engine.store("project"), key: self.key.clone(), clock: self.clock() };
        let consumers =
            Wired { fanout: self.fanout(), project, dead: self.engine.queue("source", "stream-dead"), watch };
        tasks.spawn(async move { reader.run(&consumers).await });
    }
}

impl Function for Intake {
    async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        Box::pin(Self::handle(self, event)).await
    }
}

impl Function for Push {
    async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        Box::pin(Self::handle(self, event)).await
    }
}

impl Function for Fanout {
    async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        Box::pin(self.handle_deferred(event)).await
    }
}

/// The functions that the stream wakes.
struct Wired {
    fanout: Fanout,
    project: Project,
    dead: Queue,
    watch: tokio::sync::broadcast::Sender<Arc<Vec<EventRecord>>>,
}

impl Consumers for Wired {
    async fn fan_out(&self, event: StreamEvent) -> DynamoDbEventResponse {
        Box::pin(self.fanout.handle_stream(event)).await
    }

    async fn project(&self, event: StreamEvent) -> DynamoDbEventResponse {
        Box::pin(self.project.handle(event)).await
    }

    async fn set_aside(&self, records: &[EventRecord]) {
        let messages = records.iter().map(Message::json).collect::<Result<_, _>>();
        match messages {
            Ok(messages) => {
                if let Err(error) = self.dead.send(messages).await {
                    tracing::error!(%error, "records could not be set aside");
                }
            }
            Err(error) => tracing::error!(%error, "records can not be written down"),
        }
    }

    fn watch(&self, records: &[EventRecord]) {
        let _ = self.watch.send(Arc::new(records.to_vec()));
    }
}

fn spawn_schedules(tasks: &mut JoinSet<()>, schedules: Schedules, poll: &Arc<Poll>, reconcile: &Arc<Reconcile>) {
    for (every, read) in [(schedules.newest, Reading::Newest), (schedules.changes, Reading::Changes)] {
        let (poll, busy) = (Arc::clone(poll), Arc::new(Mutex::new(BTreeSet::new())));
        tasks.spawn(each(every, async move || match poll.store.connections().await {
            Ok(connections) => connections.into_keys().for_each(|id| poll_alone(&poll, &busy, id, read)),
            Err(error) => tracing::warn!(%error, "polling failed"),
        }));
    }
    let reconcile = Arc::clone(reconcile);
    tasks.spawn(each(schedules.reconcile, async move || {
        if let Err(error) = reconcile.handle(reconcile::Event::default()).await {
            tracing::warn!(%error, "reconciliation failed");
        }
    }));
}

/// Reads one connection beside the others, unless it is being read: a slow channel keeps nobody waiting.
fn poll_alone(poll: &Arc<Poll>, busy: &Arc<Mutex<BTreeSet<ConnectionId>>>, id: ConnectionId, read: Reading) {
    if !busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone()) {
        return;
    }
    let (poll, busy) = (Arc::clone(poll), Arc::clone(busy));
    tokio::spawn(async move {
        if let Err(error) = poll.handle(poll::Event { connection: Some(id.clone()), read }).await {
            tracing::warn!(connection = %id, %error, "polling failed");
        }
        busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    });
}

async fn each(every: Duration, work: impl AsyncFn()) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        work().await;
    }
}
