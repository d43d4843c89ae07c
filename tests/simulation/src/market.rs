//! How much overselling remains: the same buyers, at the same moments, before four ways to keep channels in step.
//!
//! Nothing goes wrong here but time: what one channel sold, another one doesn't know yet.

use std::fmt;
use std::time::Duration;

use edin_domain::{Cause, ConnectionId, Sku};
use edin_platform::messages::pushes;
use fastrand::Rng;
use poll::Reading;
use tokio::task::LocalSet;

use crate::dice::Weather;
use crate::plan::{Action, Kind, Place, Plan};
use crate::run::Running;
use crate::seller::{KASPI, OZON, WILDBERRIES};
use crate::sources::{Schedules, Sources};
use crate::{check, run};

/// How the channels are kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Every so often, orders of all channels are read, then all numbers are told: what a connector on a timer does.
    Timer(Duration),
    /// As Edin does it, without a buffer.
    Events,
    /// As Edin does it, with an adaptive buffer.
    Adaptive,
}

impl Sync {
    /// Those that are compared.
    pub const ALL: [Self; 4] =
        [Self::Timer(Duration::from_secs(900)), Self::Timer(Duration::from_secs(60)), Self::Events, Self::Adaptive];
}

impl fmt::Display for Sync {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timer(every) => write!(formatter, "timer, every {} min", every.as_secs() / 60),
            Self::Events => formatter.write_str("event-driven"),
            Self::Adaptive => formatter.write_str("event-driven, adaptive buffer"),
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that buyers made.
    pub orders: u64,
    /// Units that were sold and weren't there.
    pub oversold: i64,
    /// Buyers who found nothing on sale although there was some.
    pub turned_away: u64,
    /// Numbers that were told to channels.
    pub told: u64,
    /// Calls that were made to channels.
    pub calls: u64,
}

impl Tally {
    /// Adds another run's.
    pub fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.oversold += other.oversold;
        self.turned_away += other.turned_away;
        self.told += other.told;
        self.calls += other.calls;
    }

    /// `count` for every ten thousand orders.
    #[must_use]
    pub fn per_10_000(&self, count: f64) -> f64 {
        count * 10_000.0 / f64::from(u32::try_from(self.orders.max(1)).unwrap_or(u32::MAX))
    }
}

const GOODS: usize = 8;
const HOURS: u64 = 3;
const BUYERS: usize = 150;

/// Wildberries knows at once and keeps the last unit; Ozon takes a number every thirty seconds; Kaspi asks once an hour. None of
/// the simulated storefronts lags behind its channel.
const BUFFERS: [(&str, &str); 3] = [
    (OZON, "storefront_seconds = 1\npolicy = { buffer = { risk = 10, most = 100, last_unit = false } }"),
    (WILDBERRIES, "storefront_seconds = 1\npolicy = { buffer = { risk = 10, most = 100, last_unit = true } }"),
    (KASPI, "storefront_seconds = 3600\npolicy = { buffer = { risk = 10, most = 100, last_unit = false } }"),
];

/// Three hours: one good sells as much as all others together, some begin with little, and more of each comes in now and then.
fn plan(seed: u64) -> Plan {
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    let stocks = (0..GOODS).map(|_| (rng.u32(1..12), 0)).collect();
    let mut moment = || Duration::from_millis(rng.u64(0..HOURS * 3_600_000));
    let mut times: Vec<Duration> = (0..BUYERS).map(|_| moment()).collect();
    times.sort();
    let good = |rng: &mut Rng| if rng.bool() { 0 } else { rng.usize(0..GOODS) };
    let place = |rng: &mut Rng| match rng.u8(0..5) {
        0 | 1 => Place::Ozon,
        2 | 3 => Place::Wildberries,
        _ => Place::Kaspi(0),
    };
    let mut buy = |at| (at, Action::Buy(place(&mut rng), vec![(good(&mut rng), 1)]));
    let mut actions: Vec<(Duration, Action)> = times.into_iter().map(&mut buy).collect();
    for hour in 0..HOURS {
        for good in 0..GOODS {
            let at = Duration::from_millis(hour * 3_600_000 + rng.u64(0..3_600_000));
            let more = if good == 0 { rng.i64(8..25) } else { rng.i64(0..4) };
            actions.push((at, Action::Count(good, more)));
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    Plan {
        kind: Kind::Whole,
        weather: Weather::new(),
        schedules: Schedules {
            newest: Duration::from_secs(15),
            changes: Duration::from_secs(300),
            reconcile: Duration::from_secs(900),
        },
        pulls: Duration::from_secs(3_600),
        stocks,
        actions,
        rests_after: None,
        ..Plan::of(seed)
    }
}

/// Runs one seller's three hours.
///
/// # Errors
/// If the simulation itself fails.
pub fn compare(seed: u64, sync: Sync) -> anyhow::Result<Tally> {
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    LocalSet::new().block_on(&runtime, simulate(plan(seed), sync))
}

/// Runs many sellers' three hours, on all cores.
///
/// # Errors
/// If the simulation itself fails.
pub fn compare_all(seeds: &[u64], sync: Sync) -> anyhow::Result<Tally> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = |thread: usize| {
        let mine = seeds.iter().skip(thread).step_by(threads);
        mine.map(|seed| compare(*seed, sync)).collect::<anyhow::Result<Vec<_>>>()
    };
    let mut sum = Tally::default();
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        for one in started {
            let tallies = one.join().map_err(|_| anyhow::anyhow!("a run panicked"))??;
            tallies.into_iter().for_each(|tally| sum.add(tally));
        }
        Ok(sum)
    })
}

async fn simulate(plan: Plan, sync: Sync) -> anyhow::Result<Tally> {
    let settings = match sync {
        Sync::Adaptive => &BUFFERS[..],
        Sync::Timer(_) | Sync::Events => &[],
    };
    let Running { mut world, sources, way, clock, seller: _seller, logs: _logs } = run::open(&plan, settings).await?;
    match sync {
        Sync::Timer(every) => {
            world.channels.ozon.set_hook(None);
            sources.start_without_fanout();
            tokio::task::spawn_local(on_a_timer(
                sources.clone(),
                every,
                world.goods.iter().map(|it| it.sku.clone()).collect(),
            ));
        }
        Sync::Events | Sync::Adaptive => sources.start(plan.schedules),
    }
    tokio::task::spawn_local(crate::world::pull(world.channels.clone(), plan.pulls, sources.trace.clone()));
    let mut tally = Tally::default();
    // All channels show the opening stock before the first buyer comes.
    tokio::time::sleep(Duration::from_secs(1_800)).await;
    let beginning = tokio::time::Instant::now();
    for (at, action) in &plan.actions {
        tokio::time::sleep_until(beginning + *at).await;
        let missed = world.missed;
        world.act(action, &sources.aws).await?;
        if let Action::Buy(_, basket) = action
            && world.missed > missed
            && basket.iter().all(|(good, units)| world.is_there(*good, *units))
        {
            tally.turned_away += 1;
        }
    }
    tokio::time::sleep(Duration::from_secs(1_800)).await;
    let oversells = check::oversells(&sources.aws, edin_platform::Clock::now(&clock)).await?;
    tally.orders = u64::try_from(world.witness.sold().len())?;
    tally.oversold = oversells.iter().map(|oversell| oversell.units).sum();
    tally.told = u64::try_from(world.witness.sent().len())?;
    tally.calls = way.calls();
    Ok(tally)
}

/// Reads all orders, gives them a moment, tells all numbers; and again.
async fn on_a_timer(sources: Sources, every: Duration, skus: Vec<String>) {
    for round in 0_u32.. {
        let began = tokio::time::Instant::now();
        let poll = sources.functions.make_poll();
        for read in [Reading::Newest, Reading::Changes] {
            let _ = poll.handle(poll::Event { connection: None, read, every_seconds: None }).await;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Err(error) = tell_all(&sources, &skus, round).await {
            sources.trace.note("timer", error);
        }
        tokio::time::sleep_until(began + every).await;
    }
}

async fn tell_all(sources: &Sources, skus: &[String], round: u32) -> anyhow::Result<()> {
    let queue = sources.aws.queue("push.fifo");
    for connection in [OZON, WILDBERRIES] {
        let cause = Cause::new(format!("timer-{round}"))?;
        let skus = skus.iter().map(|sku| Ok((Sku::new(sku)?, cause.clone()))).collect::<anyhow::Result<Vec<_>>>()?;
        queue.send(pushes(&ConnectionId::new(connection)?, &skus, &format!("timer-{round}"))?).await?;
    }
    sources.aws.written.notify_waiters();
    Ok(())
}
