//! A seller's hours with the real functions, queues and tables: some ten seconds of a processor each, most of it in the tables.

use std::time::Duration;

use edin_platform::Clock as _;
use tokio::task::{LocalSet, spawn_local};

use super::demand::Market;
use super::method::Method;
use super::{Tally, oracle, timer};
use crate::aws::Aws;
use crate::plan::{Action, Plan};
use crate::run::{Running, open};
use crate::world::World;
use crate::{check, world};

/// All channels show the opening stock before the first buyer comes, and all is heard of after the last.
const AROUND: Duration = Duration::from_secs(1_800);

/// Runs one seller's hours.
pub(super) fn run(market: Market, seed: u64, method: Method) -> anyhow::Result<Tally> {
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    LocalSet::new().block_on(&runtime, simulate(market, seed, method))
}

async fn simulate(market: Market, seed: u64, method: Method) -> anyhow::Result<Tally> {
    let plan = market.plan(seed);
    let settings = method.settings();
    let settings: Vec<_> = settings.iter().map(|(connection, lines)| (*connection, lines.as_str())).collect();
    let Running { mut world, sources, clock, seller: _seller, logs: _logs, .. } = open(&plan, &settings).await?;
    match method {
        Method::Timer(every) => {
            world.channels.ozon.set_hook(None);
            sources.start_without_fanout();
            let skus = world.goods.iter().map(|good| good.sku.clone()).collect();
            spawn_local(timer::run(sources.clone(), every, skus));
        }
        Method::Knowing(_) => {
            oracle::tell(&sources.aws.store(), &world.goods, &market.rates()).await?;
            sources.start(plan.schedules);
        }
        _ => sources.start(plan.schedules),
    }
    spawn_local(world::pull(world.channels.clone(), plan.pulls, sources.trace.clone()));
    tokio::time::sleep(AROUND).await;
    let turned_away = sell(&plan, &mut world, &sources.aws).await?;
    tokio::time::sleep(AROUND).await;
    let oversells = check::oversells(&sources.aws, clock.now()).await?;
    Ok(Tally {
        orders: world.witness.sold().len().try_into()?,
        oversold: oversells.iter().map(|oversell| oversell.units).sum::<i64>().try_into()?,
        turned_away,
        told: world.witness.sent().len().try_into()?,
    })
}

/// Lets everybody buy, and counts those who find nothing on sale although there is some.
async fn sell(plan: &Plan, world: &mut World, aws: &Aws) -> anyhow::Result<u32> {
    let beginning = tokio::time::Instant::now();
    let mut turned_away = 0;
    for (at, action) in &plan.actions {
        tokio::time::sleep_until(beginning + *at).await;
        let missed = world.missed;
        world.act(action, aws).await?;
        if let Action::Buy(_, basket) = action
            && world.missed > missed
            && basket.iter().all(|(good, units)| world.is_there(*good, *units))
        {
            turned_away += 1;
        }
    }
    Ok(turned_away)
}
