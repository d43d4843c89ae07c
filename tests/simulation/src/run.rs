//! One run, from the seed to the verdict.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use edin_platform::Clock as _;
use simulators::Network;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

use crate::aws::Aws;
use crate::aws::queues::QUEUES;
use crate::channels::Way;
use crate::check::{self, Broken};
use crate::clock::SimulatedClock;
use crate::dice::{Dice, Fault};
use crate::doors::{self, Doors};
use crate::edge::{self, Edge};
use crate::functions::Functions;
use crate::late;
use crate::plan::{Kind, Plan};
use crate::seller::{Seller, assortment, open_channels};
use crate::sources::Sources;
use crate::state::State;
use crate::trace::Trace;
use crate::witness::Witness;
use crate::world::{self, POISON, World};

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What doesn't hold; empty if all does.
    pub broken: Broken,
    /// The faults that fell.
    pub faults: Vec<Fault>,
    /// Orders that buyers made.
    pub orders: usize,
    /// Oversells that came to light, and units of them.
    pub oversells: (usize, i64),
    /// Calls that Edin made to channels.
    pub channel_calls: u64,
    /// Calls that it made to AWS.
    pub aws_calls: u64,
    /// How long it lasted, by its own clock.
    pub lasted: Duration,
    /// What happened.
    pub trace: Vec<String>,
}

/// How long things may take to come right once faults have stopped: a refused number is offered again after an hour.
const ROUNDS: usize = 24;
const ROUND: Duration = Duration::from_secs(330);
/// All places are told their first numbers.
const OPENING: Duration = Duration::from_secs(60);
/// The last numbers of a rush are on their way.
const AFTERWARDS: Duration = Duration::from_secs(40);

/// Runs a plan.
///
/// # Errors
/// If the simulation itself fails.
pub fn run(plan: &Plan) -> anyhow::Result<Outcome> {
    fastrand::seed(plan.seed);
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
    LocalSet::new().block_on(&runtime, simulate(plan))
}

/// A seller's house and world, before anything happens.
pub struct Running {
    /// What Edin doesn't see.
    pub world: World,
    /// What wakes the functions.
    pub sources: Sources,
    /// The way to the channels.
    pub way: Arc<Way>,
    /// The time.
    pub clock: SimulatedClock,
    /// Its files live as long as this.
    pub seller: Seller,
    /// What functions log goes to the trace as long as this lives.
    pub logs: tracing::subscriber::DefaultGuard,
}

/// Sets everything up. `settings` are lines of each connection's table in its file, by connection.
///
/// # Errors
/// If the simulation itself fails.
pub async fn open(plan: &Plan, settings: &[(&str, &str)]) -> anyhow::Result<Running> {
    let clock = SimulatedClock::start();
    simulators::go_by(move || clock.now());
    let dice = Dice::new(plan.seed, plan.weather.clone(), plan.forbidden.clone());
    let trace = Trace::new(clock);
    let logs = trace.take_logs();
    let goods = assortment(&plan.stocks);
    let witness = Witness::new(goods.clone());
    let name = format!("{}-{:?}", plan.seed, std::thread::current().id());
    let aws = Aws::open(name, clock, dice.clone(), trace.clone(), plan.sabotage, witness.clone())?;
    let doors = if plan.has_doors { doors::CONNECTIONS } else { "" };
    let (outer, calls) = Edge::open();
    let wire = edge::wire(outer);
    let network = Network::Within(Arc::clone(&wire));
    let channels = open_channels(&goods, network, plan.gives_back_cancelled).await?;
    let seller = Seller::move_in(goods.clone(), &channels, (settings, doors), &aws, clock).await?;
    let luck = (dice.clone(), trace.clone(), plan.sabotage);
    let way = Arc::new(Way::new(&channels, goods.clone(), luck, aws.clone(), witness.clone()));
    let functions =
        Rc::new(Functions::new(aws.clone(), seller.secrets.clone(), seller.key.clone(), clock, Arc::clone(&way))?);
    spawn_local(edge::answer(calls, Rc::clone(&functions), dice.clone(), trace.clone()));
    let (sabotage, state) = (plan.sabotage, Rc::new(State::default()));
    let mut world = World::new(channels, goods, clock, trace.clone(), witness);
    if plan.has_doors {
        world.doors = Some(Doors::open(wire, &seller.key, &aws.store(), clock, trace.clone()).await?);
    }
    let sources = Sources { aws, functions, clock, dice, trace, sabotage, state };
    Ok(Running { world, sources, way, clock, seller, logs })
}

async fn simulate(plan: &Plan) -> anyhow::Result<Outcome> {
    let Running { mut world, sources, way, clock, seller: _seller, logs: _logs } = open(plan, &[]).await?;
    let opened_at = clock.now();
    sources.start(plan.schedules);
    spawn_local(world::pull(world.channels.clone(), plan.pulls, sources.trace.clone()));
    let late = late::Found::default();
    if plan.kind == Kind::Rush {
        let (channels, goods, aws) = (world.channels.clone(), world.goods.clone(), sources.aws.clone());
        let lasts = OPENING + plan.actions.last().map_or(Duration::ZERO, |(at, _)| *at) + AFTERWARDS;
        spawn_local(late::watch(channels, goods, aws, clock, (late.clone(), lasts)));
    }
    let mut beginning = tokio::time::Instant::now() + OPENING;
    let mut broken = Broken::new();
    for (done, (at, action)) in plan.actions.iter().enumerate() {
        if plan.rests_after == Some(done) {
            let resting = tokio::time::Instant::now();
            broken.extend(come_to_rest(&world, &sources).await?);
            beginning += resting.elapsed();
            sources.dice.go_on();
        }
        tokio::time::sleep_until(beginning + *at).await;
        world.act(action, &sources.aws).await?;
    }
    broken.extend(come_to_rest(&world, &sources).await?);
    let oversells = check::oversells(&sources.aws, clock.now()).await?;
    if plan.kind.is_judged() {
        broken.extend(check::unexplained(&oversells));
    }
    broken.append(&mut late.borrow_mut());
    Ok(Outcome {
        broken,
        faults: sources.dice.fallen(),
        orders: world.witness.sold().len(),
        oversells: (oversells.len(), oversells.iter().map(|oversell| oversell.units).sum()),
        channel_calls: way.calls(),
        aws_calls: sources.aws.calls(),
        lasted: clock.now().since(opened_at),
        trace: sources.trace.lines(),
    })
}

/// Stops all faults, and waits until everything holds, or doesn't after so long.
async fn come_to_rest(world: &World, sources: &Sources) -> anyhow::Result<Broken> {
    let Sources { aws, dice, trace, clock, .. } = sources;
    trace.note("world", "the faults stop");
    dice.calm();
    world.mend();
    let mut broken = Broken::new();
    for round in 0..ROUNDS {
        aws.queues.hurry(clock.now());
        aws.written.notify_waiters();
        tokio::time::sleep(ROUND).await;
        let wrongly_dead = check::dead_letters(aws);
        if !wrongly_dead.is_empty() {
            return Ok(wrongly_dead);
        }
        for queue in QUEUES {
            aws.queues.redrive(queue, |kept| !kept.body.contains(POISON), clock.now());
        }
        aws.written.notify_waiters();
        sources.redrive_stream().await;
        world.channels.kaspi.pull().await.map_err(anyhow::Error::msg)?;
        if !is_idle_soon(sources).await {
            broken = vec!["something is still under way".to_owned()];
            continue;
        }
        broken = check::all(world, aws).await?;
        trace.note("check", format_args!("round {round}: {broken:?}"));
        if broken.is_empty() || !world.witness.broken().is_empty() {
            break;
        }
    }
    Ok(broken)
}

/// Whether there is a moment in which nobody works and nothing waits.
async fn is_idle_soon(sources: &Sources) -> bool {
    for _ in 0..300 {
        if !sources.state.is_busy() && QUEUES.iter().all(|queue| sources.aws.queues.all(queue).is_empty()) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    false
}
