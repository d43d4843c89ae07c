//! The whole way: from the inbox until every channel that is told by a call knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use bench::machine::{busy_ms, cpu_ms, foreign_percent};
use bench::orders::order;
use bench::shop::{PATIENCE, Shop};
use bench::tables::good;
use bench::{count, figure, now, percentile, round};
use edin_domain::{Sku, Timestamp};
use edin_local::house::House;
use edin_platform::{Clock, Message, SystemClock};
use serde::Serialize;
use simulators::Good;
use tokio::task::JoinSet;

use crate::Flow;
use crate::watch::{Seen, State, Watch};

/// What a run came to.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    part: &'static str,
    shape: &'static str,
    producers: usize,
    orders: usize,
    orders_per_s: f64,
    /// From the inbox until the stream shows the order.
    recorded: Lag,
    /// From the inbox until the channel acknowledged a number that knows of it.
    acknowledged: BTreeMap<&'static str, Lag>,
    /// What of that the channel's own limits don't account for, by its own journal.
    excess: BTreeMap<&'static str, Lag>,
    pushes: u64,
    violations: usize,
    cpu_ms_per_order: f64,
    foreign_cpu_percent: f64,
    /// Every order took its unit, and each channel shows what is left.
    pub(crate) is_correct: bool,
}

/// Milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Lag {
    p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// How many it was measured of.
    of: usize,
}

/// An order that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    order: String,
    at: Timestamp,
    pub(crate) began: Instant,
}

/// The connections that are told by a call.
const OZON: &str = "ozon-main";
const WILDBERRIES: &str = "wb-main";
/// A level opens with this version, and nobody sells from Astana here.
const OPENED: u64 = 1;
/// What a channel's number is computed from besides Almaty's level.
const BESIDES: [(&str, u64); 2] = [(OZON, OPENED), (WILDBERRIES, 0)];

pub(crate) async fn run(flow: &Flow, shape: &'static str, goods: u64, producers: usize) -> anyhow::Result<Report> {
    let shop = Shop::open(goods, &flow.memory).await?;
    let house = Arc::new(shop.house().await?);
    let watch = Watch::start(house.watch());
    let calls = shop.ozon.journal().calls + shop.wildberries.journal().calls;
    let (spent, busy, began) = (cpu_ms(std::process::id()), busy_ms(), now());
    let pace = Pace { lasts: Duration::from_secs(flow.seconds), rate: None };
    let sent = produce(pace, goods, producers, &house, &watch.seen()).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (spent, busy) = (cpu_ms(std::process::id()) - spent, busy_ms() - busy);
    house.settle(PATIENCE).await?;
    let (recorded, [acknowledged, excess]) = lags(&sent, &watch.seen().lock(), &shop)?;
    let pushes = shop.ozon.journal().calls + shop.wildberries.journal().calls - calls;
    Ok(Report {
        part: "whole",
        shape,
        producers,
        orders: sent.len(),
        orders_per_s: round(count(sent.len()) / seconds),
        recorded,
        acknowledged,
        excess,
        pushes,
        violations: shop.ozon.journal().violations().count() + shop.wildberries.journal().violations().count(),
        cpu_ms_per_order: round(figure(spent) / count(sent.len()).max(1.0)),
        foreign_cpu_percent: foreign_percent(busy, spent, seconds * 1_000.0),
        is_correct: is_correct(&shop, &house, sent.len()).await?,
    })
}

/// How fast orders are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// For how long.
    pub(crate) lasts: Duration,
    /// So many a second; as many as can be, if none is said.
    pub(crate) rate: Option<u32>,
}

/// Each producer sends its next order when its last one is in the table, and not before its time has come.
pub(crate) async fn produce(
    pace: Pace,
    goods: u64,
    producers: usize,
    house: &Arc<House>,
    seen: &Arc<Seen>,
) -> anyhow::Result<Vec<Sent>> {
    let beginning = now();
    let deadline = beginning + pace.lasts;
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..producers {
        let (next, house, seen) = (Arc::clone(&next), Arc::clone(house), Arc::clone(seen));
        tasks.spawn(async move {
            let (inbox, mut sent) = (house.inbox(), Vec::new());
            while now() < deadline {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if let Some(rate) = pace.rate {
                    let due = Duration::from_secs(number) / rate;
                    tokio::time::sleep_until((beginning + due).into()).await;
                }
                let (good, at, began) = (good(number % goods), SystemClock.now(), now());
                let told = order(900_000_000 + number, &good.sku, good.price, at)?;
                inbox.send(vec![Message::json(&told)?]).await?;
                let order = format!("kaspi-main/{}", 900_000_000 + number);
                tokio::time::timeout(PATIENCE, seen.recorded(&order)).await?;
                sent.push(Sent { order, at, began });
            }
            anyhow::Ok(sent)
        });
    }
    let mut all = Vec::new();
    while let Some(sent) = tasks.join_next().await {
        all.extend(sent??);
    }
    Ok(all)
}

/// What each sale took until it was recorded; until each connection knew; and what of it that one's limits don't account for.
pub(crate) fn lags(
    sent: &[Sent],
    state: &State,
    shop: &Shop,
) -> anyhow::Result<(Lag, [BTreeMap<&'static str, Lag>; 2])> {
    ensure!(state.missed == 0, "{} batches of the stream were missed", state.missed);
    let recorded = sent.iter().filter_map(|sent| Some(state.recorded.get(&sent.order)?.duration_since(sent.began)));
    let recorded = Lag::of(recorded.map(|lag| lag.as_secs_f64() * 1_000.0).collect());
    let lag = |sent: &Sent, known: Timestamp| Some(known.since(sent.at));
    let whole = BESIDES.map(|(connection, besides)| (connection, until_known(sent, state, (connection, besides), lag)));
    let goods: BTreeMap<String, Good> = (0..shop.goods).map(good).map(|good| (good.sku.clone(), good)).collect();
    let excess = BESIDES.map(|(connection, besides)| {
        let stand = shop.stage.of(connection);
        let uptake = stand.and_then(|stand| stand.uptake());
        let excess = |sent: &Sent, known: Timestamp| {
            let sold = goods.get(state.versions.get(&sent.order)?.0.as_str())?;
            uptake.as_ref()?.excess(&stand?.calls(sold), sent.at, known)
        };
        (connection, until_known(sent, state, (connection, besides), excess))
    });
    Ok((recorded, [whole, excess].map(|lags| lags.into_iter().collect())))
}

/// Of each sale what `lag` makes of the moment when the connection acknowledged a number that was computed from what it left.
fn until_known(
    sent: &[Sent],
    state: &State,
    (connection, besides): (&str, u64),
    lag: impl Fn(&Sent, Timestamp) -> Option<Duration>,
) -> Lag {
    let of = |sent: &Sent| {
        let (sku, version) = state.versions.get(&sent.order)?;
        let told = state.acknowledged.get(&(connection.to_owned(), sku.clone()))?;
        let known = told.iter().filter(|(_, known)| *known >= version + besides).map(|(at, _)| *at).min()?;
        Some(lag(sent, known)?.as_secs_f64() * 1_000.0)
    };
    Lag::of(sent.iter().filter_map(of).collect())
}

impl Lag {
    pub(crate) fn of(mut lags: Vec<f64>) -> Self {
        Self { p50_ms: percentile(&mut lags, 50), p99_ms: percentile(&mut lags, 99), of: lags.len() }
    }
}

pub(crate) async fn is_correct(shop: &Shop, house: &House, orders: usize) -> anyhow::Result<bool> {
    let (store, mut reserved, mut is_shown) = (house.store(), 0, true);
    for good in (0..shop.goods).map(good) {
        let partition = store.partition(&Sku::new(&good.sku)?).await?;
        let almaty: i64 = partition.levels.iter().map(|level| level.reserved).sum();
        let (most, more) = good.stock.unwrap_or_default();
        let left = |of: u32| u32::try_from(i64::from(of) - almaty).unwrap_or_default();
        reserved += almaty;
        is_shown &= almaty == 0 || shop.ozon.shown(&good.sku, simulators::ozon::WAREHOUSE) == Some(left(most + more));
        is_shown &= almaty == 0
            || shop.wildberries.shown(simulators::wildberries::chrt_id(&good), simulators::wildberries::WAREHOUSE)
                == Some(left(most));
    }
    Ok(is_shown && usize::try_from(reserved)? == orders)
}
