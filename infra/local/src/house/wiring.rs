//! What wakes the functions: the queues and the stream.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::streams::DynamoDbEventResponse;
use edin_platform::{Message, Queue};
use fanout::Fanout;
use intake::Intake;
use poll::Poll;
use project::Project;
use push::Push;
use reconcile::Reconcile;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::functions::Maker;
use crate::aws::groups::Groups;
use crate::aws::mapping::Consumers;
use crate::aws::sources::{Function, Source};
use crate::aws::stream::Reader;
use crate::aws::watch::Vitals;

/// A deferred message is held up to a second, until its moment; others must not wait for it.
const DEFERRED: usize = 4;
/// So long the stream may stay unread, while a function works off what is read already.
const OVER_THE_STREAM: Duration = Duration::from_secs(120);

impl Maker<'_> {
    /// So many instances a queue as the template allows, in small. Returns how many pushes are in hand.
    pub(super) fn spawn_queues(&self, tasks: &mut JoinSet<()>) -> Arc<AtomicU64> {
        for _ in 0..2 {
            let (source, intake) = (self.source("inbox"), self.intake());
            tasks.spawn(source.pulse.clone().of(async move { source.run(intake).await }));
        }
        let source = self.source("push.fifo");
        let (pulse, push, in_hand) = (source.pulse.clone(), Arc::new(self.push()), Arc::<AtomicU64>::default());
        let groups = Groups {
            source,
            dead: self.engine.queue("source", "push-dead.fifo"),
            keeping: self.engine.keeping(),
            pulses: self.pulses.clone(),
            in_hand: Arc::clone(&in_hand),
        };
        tasks.spawn(pulse.of(async move { groups.run(push).await }));
        for _ in 0..DEFERRED {
            let (source, fanout) = (self.source("deferred"), self.fanout());
            tasks.spawn(source.pulse.clone().of(async move { source.run(fanout).await }));
        }
        let (source, poll) = (self.source("poll"), self.poll());
        tasks.spawn(source.pulse.clone().of(async move { source.run(poll).await }));
        let (source, reconcile) = (self.source("reconcile"), self.reconcile());
        tasks.spawn(source.pulse.clone().of(async move { source.run(reconcile).await }));
        in_hand
    }

    /// The stream's two mappings.
    pub(super) fn spawn_stream(
        &self,
        tasks: &mut JoinSet<()>,
        reader: Reader,
        watch: broadcast::Sender<Arc<Vec<EventRecord>>>,
    ) {
        let dead = self.engine.queue("source", "stream-dead");
        let consumers = Wired { fanout: self.fanout(), project: self.project(), dead, watch };
        let pulse = self.pulses.of("the stream is not read", Some(OVER_THE_STREAM));
        let reader = reader.with(pulse.clone());
        tasks.spawn(pulse.of(async move { reader.run(&consumers).await }));
    }

    fn source(&self, queue: &str) -> Source {
        let pulse = self.pulses.of(format!("the queue {queue} is not read"), None);
        Source { client: self.engine.sqs_client("source"), url: self.engine.queue_url(queue), pulse }
    }

    /// What is asked when somebody wants to know how the house is.
    pub(super) fn vitals(&self, pushes: &Arc<AtomicU64>) -> Vitals {
        Vitals {
            store: self.engine.store("watch"),
            sqs: self.engine.sqs_client("watch"),
            sqs_url: self.engine.sqs_url().to_owned(),
            pulses: self.pulses.clone(),
            pushes: Arc::clone(pushes),
        }
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

impl Function for Poll {
    async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        Box::pin(self.handle_queue(event)).await
    }
}

impl Function for Reconcile {
    async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        Box::pin(self.handle_queue(event)).await
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
    watch: broadcast::Sender<Arc<Vec<EventRecord>>>,
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
