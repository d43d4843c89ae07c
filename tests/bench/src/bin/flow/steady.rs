//! A steady stream of sales: whether channels fall behind the longer it lasts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bench::machine::{busy_ms, cpu_ms, foreign_percent};
use bench::shop::{PATIENCE, Shop};
use bench::{count, now, round};
use serde::Serialize;

use crate::Flow;
use crate::watch::Watch;
use crate::whole::{Lag, Pace, Sent, is_correct, lags, produce};

/// What a run came to.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    part: &'static str,
    goods: u64,
    rate: u32,
    orders: usize,
    orders_per_s: f64,
    /// What of the lag the channels' own limits don't account for, of the sales of the first ten seconds and of the last ten.
    excess_first: BTreeMap<&'static str, Lag>,
    excess_last: BTreeMap<&'static str, Lag>,
    calls: u64,
    foreign_cpu_percent: f64,
    /// Every order took its unit, and each channel shows what is left.
    pub(crate) is_correct: bool,
}

/// Of sales at the beginning and at the end.
const EDGE: Duration = Duration::from_secs(10);
/// More than are on their way into the table at a time.
const PRODUCERS: usize = 64;

pub(crate) async fn run(flow: &Flow) -> anyhow::Result<Report> {
    let shop = Shop::open(flow.steady_goods, &flow.memory).await?;
    let house = Arc::new(shop.house().await?);
    let watch = Watch::start(house.watch());
    let calls = || shop.ozon.journal().calls + shop.wildberries.journal().calls;
    let (before, spent, busy, began) = (calls(), cpu_ms(std::process::id()), busy_ms(), now());
    let pace = Pace { lasts: Duration::from_secs(flow.steady_seconds), rate: Some(flow.rate) };
    let mut sent = produce(pace, flow.steady_goods, PRODUCERS, &house, &watch.seen()).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (spent, busy) = (cpu_ms(std::process::id()) - spent, busy_ms() - busy);
    house.settle(PATIENCE).await?;
    sent.sort_by_key(|sent| sent.began);
    let first = sent.first().context("nothing was sold")?.began;
    let last = sent.last().context("nothing was sold")?.began;
    let seen = watch.seen();
    let excess = |of: &dyn Fn(&Sent) -> bool| {
        let some: Vec<Sent> = sent.iter().filter(|sent| of(sent)).cloned().collect();
        lags(&some, &seen.lock(), &shop).map(|(_, [_, excess])| excess)
    };
    Ok(Report {
        part: "steady",
        goods: flow.steady_goods,
        rate: flow.rate,
        orders: sent.len(),
        orders_per_s: round(count(sent.len()) / seconds),
        excess_first: excess(&|sent| sent.began < first + EDGE)?,
        excess_last: excess(&|sent| sent.began + EDGE > last)?,
        calls: calls() - before,
        foreign_cpu_percent: foreign_percent(busy, spent, seconds * 1_000.0),
        is_correct: is_correct(&shop, &house, sent.len()).await?,
    })
}
