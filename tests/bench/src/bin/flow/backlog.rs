//! A full inbox, and intake alone.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bench::machine::{busy_ms, cpu_ms, foreign_percent, peak_memory_kib};
use bench::orders::order;
use bench::shop::DATABASE;
use bench::tables::{Tables, good, keep_cutting_the_stream};
use bench::{figure, now, round};
use edin_local::aws::engine::{Engine, tables};
use edin_local::aws::pulse::Pulse;
use edin_local::aws::sources::{Function, Source};
use edin_platform::{Clock, Message, Metrics, Queue, SystemClock};
use edin_trade::record::Recorder;
use intake::Intake;
use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::Flow;

/// What working it off came to.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    part: &'static str,
    shape: &'static str,
    messages: u64,
    instances: usize,
    seconds: f64,
    orders_per_s: f64,
    cpu_ms_per_order: f64,
    /// Of the whole process, with the engine and the queue, before and after.
    peak_mib_before: f64,
    peak_mib: f64,
    foreign_cpu_percent: f64,
    /// Every order is in the table, once, and its unit is reserved.
    pub(crate) is_correct: bool,
}

const FIRST_ORDER: u64 = 800_000_000;
const SENT_AT_ONCE: u64 = 1_000;
const LOOK_EVERY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) async fn work_off(flow: &Flow, shape: &'static str, goods: u64) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir_in(&flow.memory)?;
    let file = folder.path().join(DATABASE);
    let stage = bench::shop::stage().await?;
    Tables::open(&file).await?.stock(goods, &stage, async |_| Ok(())).await?;
    let engine = Engine::start(folder.path()).await?;
    fill(&engine.queue("setup", "inbox"), flow.backlog, goods).await?;
    let memory = || round(figure(peak_memory_kib(std::process::id())) / 1_024.0);
    let (peak_mib_before, spent, busy, began) = (memory(), cpu_ms(std::process::id()), busy_ms(), now());
    let mut tasks = JoinSet::new();
    keep_cutting_the_stream(&file)?;
    for _ in 0..flow.instances {
        let source =
            Source { client: engine.sqs_client("source"), url: engine.queue_url("inbox"), pulse: Pulse::default() };
        let (store, metrics) = (engine.store("intake"), Metrics::None);
        let intake = Instance(Intake {
            recorder: Recorder::new(store, metrics, Arc::new(SystemClock)),
            poll: engine.queue("intake", "poll"),
        });
        tasks.spawn(async move { source.run(intake).await });
    }
    until_empty(&engine).await?;
    let (seconds, spent, busy) = (began.elapsed().as_secs_f64(), cpu_ms(std::process::id()) - spent, busy_ms() - busy);
    let peak_mib = memory();
    tasks.shutdown().await;
    drop(engine);
    Ok(Report {
        part: "backlog",
        shape,
        messages: flow.backlog,
        instances: flow.instances,
        seconds: round(seconds),
        orders_per_s: round(figure(flow.backlog) / seconds),
        cpu_ms_per_order: round(figure(spent) / figure(flow.backlog)),
        peak_mib_before,
        peak_mib,
        foreign_cpu_percent: foreign_percent(busy, spent, seconds * 1_000.0),
        is_correct: is_correct(&Tables::open(&file).await?, flow.backlog)?,
    })
}

/// Intake, as a queue wakes it.
struct Instance(Intake);

impl Function for Instance {
    async fn handle(&self, event: aws_lambda_events::sqs::SqsEvent) -> aws_lambda_events::sqs::SqsBatchResponse {
        Box::pin(self.0.handle(event)).await
    }
}

async fn fill(inbox: &Queue, messages: u64, goods: u64) -> anyhow::Result<()> {
    for begin in (0..messages).step_by(usize::try_from(SENT_AT_ONCE)?) {
        let some = (begin..messages.min(begin + SENT_AT_ONCE)).map(|index| {
            let good = good(index % goods);
            let told = order(FIRST_ORDER + index, &good.sku, good.price, SystemClock.now())?;
            Ok(Message::json(&told)?)
        });
        inbox.send(some.collect::<anyhow::Result<_>>()?).await?;
    }
    Ok(())
}

async fn until_empty(engine: &Engine) -> anyhow::Result<()> {
    let client = engine.sqs_client("watch");
    let empty = async {
        loop {
            let request = client.get_queue_attributes().queue_url(engine.queue_url("inbox"));
            let answer = request.attribute_names(aws_sdk_sqs::types::QueueAttributeName::All).send().await?;
            let attributes = answer.attributes.unwrap_or_default();
            let waits = attributes.iter().filter(|(name, _)| name.as_str().starts_with("ApproximateNumberOf"));
            if waits.filter(|(_, number)| number.as_str() != "0").count() == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, empty).await.context("the backlog was not worked off")?
}

fn is_correct(engine: &Tables, messages: u64) -> anyhow::Result<bool> {
    let (mut orders, mut reserved) = (HashSet::new(), 0);
    engine.each(&tables().stock, |item| {
        let text = |name: &str, kind: &str| item.get(name).and_then(|value| Value::as_str(value.get(kind)?));
        match text("sk", "S") {
            Some("ORDER") => _ = orders.insert(text("pk", "S").map(str::to_owned)),
            Some(sk) if sk.starts_with("LEVEL#") => {
                reserved += text("reserved", "N").and_then(|units| units.parse::<u64>().ok()).unwrap_or_default();
            }
            _ => {}
        }
    })?;
    Ok(u64::try_from(orders.len())? == messages && reserved == messages)
}
