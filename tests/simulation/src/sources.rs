//! What wakes the functions: queues, the stream, schedules — as AWS does it, and as badly as it may.

use std::rc::Rc;
use std::time::Duration;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_lambda_events::streams::DynamoDbEventResponse;
use edin_platform::Clock as _;
use edin_store::stream::text;
use edin_trade::messages::Read;
use poll::{Event, Schedule};
use tokio::task::spawn_local;

use crate::aws::Aws;
use crate::clock::SimulatedClock;
use crate::dice::{Dice, Kind};
use crate::functions::Functions;
use crate::invocation::{self, End, Run};
use crate::plan::Schedules;
use crate::sabotage::Sabotage;
use crate::state::State;
use crate::trace::Trace;

/// The template's limits: how long a function lives, how long a message is hidden while it does, and how many it takes at once.
const INTAKE: Lives = Lives { function: "intake", gathers: 40, ..Lives::of(30, 180) };
const PUSH: Lives = Lives { function: "push", gathers: 40, ..Lives::of(120, 240) };
const DEFERRED: Lives = Lives { function: "fanout", gathers: 200, ..Lives::of(30, 180) };
const POLL: Lives = Lives { function: "poll", batch: 1, ..Lives::of(90, 540) };
const RECONCILE: Lives = Lives { function: "reconcile", batch: 1, ..Lives::of(900, 5_400) };
const FANOUT: Duration = Duration::from_secs(30);
const PROJECT: Duration = Duration::from_secs(60);
/// How often records of the stream are delivered that aren't done.
const DELIVERIES: u32 = 6;
/// SQS's largest batch, and the stream's.
const MESSAGES: u64 = 10;
const RECORDS: u64 = 100;
/// Once nothing happens any more, orders needn't be read more often.
const SELDOM: Duration = Duration::from_secs(60);
/// How many intakes run at once.
const INTAKES: usize = 3;
/// How many readings, and how many reconciliations.
const POLLS: usize = 4;

#[derive(Clone, Copy)]
struct Lives {
    function: &'static str,
    at_most: Duration,
    hidden: Duration,
    batch: u64,
    /// For up to so many milliseconds messages are gathered before it is woken.
    gathers: u64,
}

impl Lives {
    const fn of(seconds: u64, hidden: u64) -> Self {
        let (at_most, hidden) = (Duration::from_secs(seconds), Duration::from_secs(hidden));
        Self { function: "", at_most, hidden, batch: MESSAGES, gathers: 20 }
    }
}

/// What every source needs.
#[derive(Clone)]
pub struct Sources {
    /// The engines.
    pub aws: Aws,
    /// The functions.
    pub functions: Rc<Functions>,
    /// The time.
    pub clock: SimulatedClock,
    /// Chance.
    pub dice: Dice,
    /// What happened.
    pub trace: Trace,
    /// What is broken.
    pub sabotage: Sabotage,
    /// What is under way.
    pub state: Rc<State>,
}

impl Sources {
    /// Starts the queues and the stream, without what wakes pushes: somebody else asks for them.
    pub fn start_without_fanout(&self) {
        self.start_queues();
        self.start_stream(false);
    }

    fn start_queues(&self) {
        spawn_local(self.clone().inbox());
        spawn_local(self.clone().push());
        spawn_local(self.clone().deferred());
        spawn_local(self.clone().poll());
        spawn_local(self.clone().reconcile());
    }

    fn start_stream(&self, fans_out: bool) {
        for half in [0, 1] {
            if fans_out {
                spawn_local(self.clone().fan_out(half));
            }
            spawn_local(self.clone().project(half));
        }
    }

    /// Starts all of them.
    pub fn start(&self, schedules: Schedules) {
        self.start_queues();
        self.start_stream(self.sabotage != Sabotage::NeverFannedOut);
        for (read, every) in [(Read::Newest, schedules.newest), (Read::Changes, schedules.changes)] {
            if self.sabotage != Sabotage::NeverPolled {
                spawn_local(self.clone().read_on_schedule(read, every));
            }
        }
        if self.sabotage != Sabotage::NeverReconciled {
            spawn_local(self.clone().reconcile_on_schedule(schedules.reconcile));
        }
    }

    async fn pause(&self, site: &str, from: u64, below: u64) {
        tokio::time::sleep(Duration::from_millis(from + self.dice.below(below, site))).await;
    }

    /// Waits until a queue may have something new to hand out.
    async fn wait_for(&self, queue: &str) {
        let now = self.clock.now();
        let next = self.aws.queues.next_at(queue).filter(|at| *at > now).map(|at| at.since(now));
        let patience = next.unwrap_or(Duration::from_secs(60)).min(Duration::from_secs(60));
        tokio::select! {
            biased;
            () = self.aws.written.notified() => {}
            () = tokio::time::sleep(patience.max(Duration::from_millis(1))) => {}
        }
    }

    async fn inbox(self) {
        self.queue("inbox", INTAKE, INTAKES, async |functions, event| {
            let intake = functions.intake.take(|| functions.make_intake());
            let answer = Box::pin(intake.handle(event)).await;
            functions.intake.put_back(intake);
            answer
        })
        .await;
    }

    async fn deferred(self) {
        self.queue("deferred", DEFERRED, 2, async |functions, event| {
            let fanout = functions.fanout.take(|| functions.make_fanout());
            let answer = Box::pin(fanout.handle_deferred(event)).await;
            functions.fanout.put_back(fanout);
            answer
        })
        .await;
    }

    async fn poll(self) {
        self.queue("poll", POLL, POLLS, async |functions, event| {
            let poll = functions.poll.take(|| functions.make_poll());
            let answer = Box::pin(poll.handle_queue(event)).await;
            functions.poll.put_back(poll);
            answer
        })
        .await;
    }

    async fn reconcile(self) {
        self.queue("reconcile", RECONCILE, POLLS, async |functions, event| {
            let reconcile = functions.reconcile.take(|| functions.make_reconcile());
            let answer = Box::pin(reconcile.handle_queue(event)).await;
            functions.reconcile.put_back(reconcile);
            answer
        })
        .await;
    }

    /// Wakes a function with messages of a standard queue, so many of it at once.
    async fn queue(
        self,
        name: &'static str,
        lives: Lives,
        at_once: usize,
        work: impl AsyncFn(&Functions, SqsEvent) -> SqsBatchResponse + Copy + 'static,
    ) {
        loop {
            let waiting = self.aws.queues.visible(name, self.clock.now());
            if waiting.is_empty() || self.state.running(name) >= at_once {
                self.wait_for(name).await;
                continue;
            }
            self.pause(name, 5, lives.gathers).await;
            let batch = self.some_of(self.aws.queues.visible(name, self.clock.now()), lives);
            let source = self.clone();
            let run = self.state.enter(name);
            spawn_local(async move {
                source.deliver(name, lives, batch, work).await;
                drop(run);
            });
        }
    }

    async fn push(self) {
        loop {
            let groups = self.aws.queues.groups("push.fifo", self.clock.now());
            if groups.is_empty() {
                self.wait_for("push.fifo").await;
                continue;
            }
            for mut group in groups {
                group.truncate(self.up_to(MESSAGES, "push batch"));
                let source = self.clone();
                let messages = source.take("push.fifo", &group, PUSH);
                let run = self.state.enter("push");
                spawn_local(async move {
                    source.pause("push", 5, 40).await;
                    source
                        .settle("push.fifo", PUSH, group, messages, async |functions, event| {
                            let push = functions.push.take(|| functions.make_push());
                            let answer = Box::pin(push.handle(event)).await;
                            functions.push.put_back(push);
                            answer
                        })
                        .await;
                    drop(run);
                });
            }
        }
    }

    fn up_to(&self, most: u64, site: &str) -> usize {
        usize::try_from(1 + self.dice.below(most, site)).unwrap_or(1)
    }

    /// Some messages of a standard queue, in any order.
    fn some_of(&self, mut waiting: Vec<u64>, lives: Lives) -> Vec<u64> {
        let mut batch = Vec::new();
        for _ in 0..self.up_to(lives.batch, lives.function) {
            if waiting.is_empty() {
                break;
            }
            let below = u64::try_from(waiting.len()).unwrap_or(1);
            let which = usize::try_from(self.dice.below(below, "which message")).unwrap_or(0);
            batch.push(waiting.swap_remove(which));
        }
        batch
    }

    fn take(&self, queue: &str, numbers: &[u64], lives: Lives) -> Vec<SqsMessage> {
        let doubled = !queue.ends_with(".fifo") && self.dice.falls(Kind::MessageDoubled, queue);
        let hidden = if doubled { Duration::ZERO } else { lives.hidden };
        let messages = self.aws.queues.take(queue, numbers, self.clock.now(), hidden);
        if self.sabotage == Sabotage::AcknowledgedBeforeCommit {
            numbers.iter().for_each(|number| self.aws.queues.delete(queue, *number));
        }
        messages
    }

    async fn deliver(
        &self,
        queue: &'static str,
        lives: Lives,
        numbers: Vec<u64>,
        function: impl AsyncFnOnce(&Functions, SqsEvent) -> SqsBatchResponse,
    ) {
        if numbers.is_empty() {
            return;
        }
        let messages = self.take(queue, &numbers, lives);
        self.settle(queue, lives, numbers, messages, function).await;
    }

    /// Runs a function with messages, and deletes those that it did.
    async fn settle(
        &self,
        queue: &'static str,
        lives: Lives,
        numbers: Vec<u64>,
        messages: Vec<SqsMessage>,
        function: impl AsyncFnOnce(&Functions, SqsEvent) -> SqsBatchResponse,
    ) {
        let ids: Vec<String> = messages.iter().filter_map(|message| message.message_id.clone()).collect();
        self.trace.note(lives.function, format_args!("{queue} {}", ids.join(" ")));
        let mut event = SqsEvent::default();
        event.records = messages;
        let began = self.aws.moment().await;
        let Run { end, was_disturbed } =
            invocation::run(lives.function, lives.at_most, began, function(&self.functions, event)).await;
        let failed: Vec<String> = match end {
            End::Answered(answer) => answer.batch_item_failures.into_iter().map(|it| it.item_identifier).collect(),
            End::Died | End::TimedOut => ids.clone(),
        };
        let lost = self.dice.falls(Kind::VerdictLost, queue);
        self.trace.note(
            lives.function,
            format_args!("{queue} failed: {failed:?}{}", if lost { ", verdict lost" } else { "" }),
        );
        for (number, id) in numbers.into_iter().zip(ids) {
            let comes_again = lost
                || failed.contains(&id)
                || (!queue.ends_with(".fifo") && self.dice.falls(Kind::MessageTwice, queue));
            match comes_again {
                true => self.aws.queues.keep(queue, number, was_disturbed || lost || !failed.contains(&id)),
                false => self.aws.queues.delete(queue, number),
            }
        }
        self.aws.written.notify_waiters();
    }

    async fn fan_out(self, half: u64) {
        let kinds = ["LEVEL#", "LISTING#", "ITEM"];
        self.read("fanout", FANOUT, half, &kinds, async |functions, event| {
            let fanout = functions.fanout.take(|| functions.make_fanout());
            let answer = Box::pin(fanout.handle_stream(event)).await;
            functions.fanout.put_back(fanout);
            answer
        })
        .await;
    }

    async fn project(self, half: u64) {
        let kinds = ["LEVEL#", "ORDER"];
        self.read("project", PROJECT, half, &kinds, async |functions, event| {
            let project = functions.project.take(|| functions.make_project());
            let answer = Box::pin(project.handle(event)).await;
            functions.project.put_back(project);
            answer
        })
        .await;
    }

    /// Reads one half of the stream for ever: a key's records in order, in batches cut anywhere, again from where they failed.
    async fn read(
        &self,
        function: &'static str,
        at_most: Duration,
        half: u64,
        kinds: &[&str],
        handle: impl AsyncFn(&Functions, StreamEvent) -> DynamoDbEventResponse,
    ) {
        let (mut waiting, mut read): (Vec<EventRecord>, usize) = (Vec::new(), 0);
        let (mut deliveries, mut at_once) = (0, RECORDS);
        loop {
            match self.aws.records(read).await {
                Ok(fresh) => {
                    read += fresh.len();
                    waiting.extend(fresh.into_iter().filter(|record| belongs(record, half, kinds)));
                }
                Err(error) => self.trace.note(function, format_args!("the stream can't be read: {error}")),
            }
            self.state.stream_waits(function, half, waiting.len());
            if waiting.is_empty() {
                tokio::select! {
                    biased;
                    () = self.aws.written.notified() => {}
                    () = tokio::time::sleep(Duration::from_secs(60)) => {}
                }
                continue;
            }
            self.pause(function, 20, 200).await;
            let most = at_once.min(u64::try_from(waiting.len()).unwrap_or(1));
            let count = self.up_to(most, function);
            let mut event = StreamEvent::default();
            event.records = waiting.iter().take(count).cloned().collect();
            self.trace.note(function, format_args!("{count} of {} records", waiting.len()));
            let end =
                invocation::run(function, at_most, (0, self.clock.now()), handle(&self.functions, event)).await.end;
            let failed = match end {
                End::Answered(answer) => answer.batch_item_failures.into_iter().find_map(|it| it.item_identifier),
                End::Died | End::TimedOut => waiting.first().and_then(|record| record.change.sequence_number.clone()),
            };
            let again = self.dice.falls(Kind::RecordAgain, function);
            let ends_here = |record: &EventRecord| failed.is_some() && record.change.sequence_number == failed;
            let done = match failed {
                _ if again => 0,
                None => count,
                Some(_) if self.sabotage == Sabotage::StreamNotRepeated => count,
                Some(_) => waiting.iter().take(count).position(ends_here).unwrap_or(0),
            };
            if done == 0 && !again {
                deliveries += 1;
                at_once = at_once.min(u64::try_from(count).unwrap_or(1)).div_ceil(2);
                self.pause("stream again", 200, 2_000).await;
            }
            waiting.drain(..done);
            if done > 0 {
                (deliveries, at_once) = (0, RECORDS);
            }
            if deliveries >= DELIVERIES {
                self.trace.note(function, "a record is given up");
                let given_up: Vec<_> = waiting.drain(..1).collect();
                self.state.give_up(function, given_up);
                (deliveries, at_once) = (0, RECORDS);
            }
        }
    }

    /// Delivers the records that were given up once more, as `edin redrive` does.
    pub async fn redrive_stream(&self) {
        for (function, record) in self.state.given_up() {
            let mut event = StreamEvent::default();
            event.records = vec![record];
            let functions = &self.functions;
            let answer = match function {
                "fanout" => functions.make_fanout().handle_stream(event).await,
                _ => functions.make_project().handle(event).await,
            };
            self.trace.note(function, format_args!("redriven: {:?}", answer.batch_item_failures));
        }
    }

    /// Has orders read at their times.
    async fn read_on_schedule(self, read: Read, every: Duration) {
        let name = if read == Read::Newest { "newest" } else { "changes" };
        let due = Schedule { read, every_seconds: None };
        loop {
            tokio::time::sleep(if self.dice.is_calm() { every.max(SELDOM) } else { every }).await;
            for _ in 0..self.times(name) {
                self.wake("poll", POLL, async |functions| {
                    let poll = functions.poll.take(|| functions.make_poll());
                    let asked = Box::pin(poll.handle(Event::Schedule(due.clone()))).await;
                    functions.poll.put_back(poll);
                    asked.map(|_| ()).map_err(|error| error.to_string())
                })
                .await;
            }
        }
    }

    async fn reconcile_on_schedule(self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            for _ in 0..self.times("reconcile") {
                self.wake("reconcile", RECONCILE, async |functions| {
                    let reconcile = functions.reconcile.take(|| functions.make_reconcile());
                    let asked = Box::pin(reconcile.ask_for_all()).await;
                    functions.reconcile.put_back(reconcile);
                    asked.map_err(|error| error.to_string())
                })
                .await;
            }
        }
    }

    /// Runs a function as its schedule does: what fails is left to the next time.
    async fn wake(
        &self,
        function: &'static str,
        lives: Lives,
        work: impl AsyncFnOnce(&Functions) -> Result<(), String>,
    ) {
        let run = self.state.enter(function);
        let woken = invocation::run(function, lives.at_most, (0, self.clock.now()), work(&self.functions)).await;
        match woken.end {
            End::Answered(done) => self.trace.note(function, format_args!("its schedule: {done:?}")),
            End::Died | End::TimedOut => self.trace.note(function, "its schedule ended early"),
        }
        drop(run);
        self.aws.written.notify_waiters();
    }

    /// How often a schedule fires this time.
    fn times(&self, schedule: &str) -> u32 {
        match () {
            () if self.dice.falls(Kind::ScheduleMissed, schedule) => 0,
            () if self.dice.falls(Kind::ScheduleTwice, schedule) => 2,
            () => 1,
        }
    }
}

/// Whether a function's mapping hands out a record, in this half of the stream.
fn belongs(record: &EventRecord, half: u64, kinds: &[&str]) -> bool {
    let pk = text(&record.change.keys, "pk").unwrap_or_default();
    let digest: u64 = pk.bytes().fold(7_u64, |digest, byte| digest.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let sk = text(&record.change.keys, "sk").unwrap_or_default();
    digest % 2 == half && kinds.iter().any(|kind| sk.starts_with(kind))
}
