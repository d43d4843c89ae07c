//! What happens in a run, by its seed: who buys, packs, cancels and meddles when, and how bad the weather is.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use fastrand::Rng;

use crate::dice::{self, Kind as Fault, Weather};
use crate::doors::{Step, Visit};
use crate::sabotage::Sabotage;

/// How often the schedules fire.
#[derive(Debug, Clone, Copy)]
pub struct Schedules {
    /// The newest orders.
    pub newest: Duration,
    /// All orders that changed.
    pub changes: Duration,
    /// Reconciliation.
    pub reconcile: Duration,
}

/// Where something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Ozon.
    Ozon,
    /// Wildberries.
    Wildberries,
    /// Kaspi's first store, or its second.
    Kaspi(usize),
    /// A shelf of a channel that does nothing but what all of them do, by its number.
    Another(usize),
}

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody buys, if it is shown: goods by their place in the assortment, and units.
    Buy(Place, Vec<(usize, u32)>),
    /// An order goes one step on.
    Advance(usize),
    /// An order is cancelled.
    Cancel(usize),
    /// One unit of an order is cancelled.
    CancelUnit(usize),
    /// What was sent comes home; of an order that hasn't left, a unit that was called off is wanted after all.
    GiveBack(usize),
    /// Somebody changes a number by hand in a channel's cabinet.
    Edit(Place, usize, u32),
    /// Somebody counts a good again, and finds so many more or fewer in Almaty.
    Count(usize, i64),
    /// A channel breaks down.
    Break(Place),
    /// A channel is mended.
    Mend(Place),
    /// Wildberries begins to count its own sales late, or ends that and counts them.
    CountLate(bool),
    /// Something unreadable comes into a queue.
    Poison(&'static str),
    /// The seller ends a listing.
    End(Place, usize),
    /// Somebody comes to a door of the seller's own.
    Visit(Visit),
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

/// A whole run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its seed.
    pub seed: u64,
    /// What it puts to the test.
    pub kind: Kind,
    /// What goes wrong by itself, and how often.
    pub weather: Weather,
    /// Faults that mustn't fall, to cut a run down.
    pub forbidden: BTreeSet<dice::Fault>,
    /// How often the schedules fire.
    pub schedules: Schedules,
    /// How often Kaspi pulls the price list.
    pub pulls: Duration,
    /// Opening stock in Almaty and Astana of each simple good.
    pub stocks: Vec<(u32, u32)>,
    /// Whether the seller has doors of his own.
    pub has_doors: bool,
    /// Whether Wildberries gives a cancelled unit back to what it shows.
    pub gives_back_cancelled: bool,
    /// What is done when, from the beginning.
    pub actions: Vec<(Duration, Action)>,
    /// After so many actions everything comes to rest and is checked, and goes on.
    pub rests_after: Option<usize>,
    /// What is broken on purpose.
    pub sabotage: Sabotage,
}

/// How much happens in how long.
struct Shape {
    minutes: u64,
    actions: usize,
    newest: u64,
}

/// Which part of the house a run puts to the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// All of it, as it is deployed.
    Whole,
    /// What a sale at Ozon goes through, without its safety nets: nothing is polled and nothing reconciled. Calls that never
    /// come, numbers edited by hand and rows that a channel refuses are left out, for nothing but the nets catches those. But
    /// functions die often.
    Bare,
    /// Nothing goes wrong but time, and nobody cancels: a channel may sell again at once what was called off there, before anybody
    /// else can know that it is free. So every oversell must be explained by a sale that its channel made before it could know.
    Calm,
    /// A channel's limits: schedules that fire twice want to read orders oftener than any channel allows, while sales are pushed.
    Storm,
    /// A storm in which nothing else goes wrong: polling and pushing compete, and no channel may show more than there is for longer
    /// than its limits account for.
    Rush,
}

impl Kind {
    /// Whether nothing goes wrong but time, so that each oversell must be explained.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        match self {
            Self::Calm | Self::Rush => true,
            Self::Whole | Self::Bare | Self::Storm => false,
        }
    }
}

impl Shape {
    fn any(rng: &mut Rng) -> Self {
        match rng.usize(0..4) {
            0 => Self { minutes: 4, actions: 70, newest: 10 },
            1 => Self { minutes: 20, actions: 80, newest: 20 },
            2 => Self { minutes: 60, actions: 70, newest: 60 },
            _ => Self { minutes: 300, actions: 60, newest: 240 },
        }
    }
}

const GOODS: usize = 4;
/// Later than any run ends.
const NEVER: Duration = Duration::from_secs(400 * 24 * 3_600);

impl Plan {
    /// The run of a seed: of ten, five of the whole house, two of those with doors, two bare, one storm, one rush, one calm.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let plan = Self::whole(seed);
        match seed % 10 {
            0 | 5 => plan.bare(),
            1 => plan.storm(),
            6 => plan.rush(),
            3 => plan.calm(),
            2 | 7 => plan.with_doors(),
            _ => plan,
        }
    }

    /// The same where the seller has doors of his own.
    #[must_use]
    pub fn with_doors(mut self) -> Self {
        // By dice of their own, so that all else happens as it would without them.
        let mut rng = Rng::with_seed(self.seed ^ 0xD0_0125);
        let length = self.actions.last().map_or(Duration::from_secs(60), |(at, _)| *at);
        let visits = self.actions.len();
        self.actions.extend((0..visits).map(|_| (some_time(&mut rng, length), Action::Visit(visit(&mut rng, length)))));
        self.actions.sort_by_key(|(at, _)| *at);
        self.has_doors = true;
        self
    }

    /// The same without safety nets.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.kind = Kind::Bare;
        self.schedules = Schedules { newest: NEVER, changes: NEVER, reconcile: NEVER };
        let left_out = [Fault::HookLost, Fault::HookAnswerLost, Fault::RowRefused, Fault::ChannelBroken];
        left_out.iter().for_each(|kind| _ = self.weather.remove(kind));
        if !self.weather.is_empty() {
            self.weather.extend([(Fault::DiesBefore, 250), (Fault::DiesAfter, 250)]);
        }
        let at_ozon = |action: &mut Action| match action {
            Action::Buy(place, _) => {
                *place = Place::Ozon;
                true
            }
            Action::Advance(_) | Action::Cancel(_) | Action::Count(..) | Action::Poison(_) => true,
            Action::CancelUnit(_)
            | Action::GiveBack(_)
            | Action::Edit(..)
            | Action::Break(_)
            | Action::Mend(_)
            | Action::CountLate(_)
            | Action::Visit(_)
            | Action::End(..) => false,
        };
        self.actions.retain_mut(|(_, action)| at_ozon(action));
        self
    }

    /// The same when all goes well.
    #[must_use]
    pub fn calm(mut self) -> Self {
        self.kind = Kind::Calm;
        self.weather.clear();
        let is_usual = |action: &Action| match action {
            Action::Buy(..) | Action::Advance(_) | Action::GiveBack(_) => true,
            Action::Count(_, more) => *more > 0,
            Action::Cancel(_)
            | Action::CancelUnit(_)
            | Action::Break(_)
            | Action::Mend(_)
            | Action::Edit(..)
            | Action::CountLate(_)
            | Action::Poison(_)
            | Action::Visit(_)
            | Action::End(..) => false,
        };
        self.actions.retain(|(_, action)| is_usual(action));
        self
    }

    /// The same within half a minute.
    #[must_use]
    pub fn storm(mut self) -> Self {
        self.kind = Kind::Storm;
        let quarter = Duration::from_millis(250);
        self.schedules = Schedules { newest: quarter, changes: quarter * 20, ..self.schedules };
        self.weather.insert(Fault::ScheduleTwice, 5_000);
        let longer = self.actions.last().map_or(1, |(at, _)| u32::try_from(at.as_secs() / 30).unwrap_or(1)).max(1);
        self.actions.iter_mut().for_each(|(at, _)| *at /= longer);
        self
    }

    /// The same in a hurry, when all goes well.
    #[must_use]
    pub fn rush(self) -> Self {
        Self { kind: Kind::Rush, ..self.calm().storm() }
    }

    fn whole(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let shape = Shape::any(&mut rng);
        let stocks = (0..GOODS).map(|_| (rng.u32(0..14), rng.u32(0..8))).collect();
        let length = Duration::from_secs(shape.minutes * 60);
        let mut actions: Vec<(Duration, Action)> =
            (0..shape.actions).map(|_| (some_time(&mut rng, length), action(&mut rng))).collect();
        actions.extend(outages(&mut rng, length));
        actions.sort_by_key(|(at, _)| *at);
        let mut plan = Self {
            seed,
            kind: Kind::Whole,
            weather: weather(&mut rng),
            forbidden: BTreeSet::new(),
            schedules: Schedules {
                newest: Duration::from_secs(shape.newest),
                changes: Duration::from_secs((shape.newest * 5).max(60)),
                reconcile: Duration::from_secs(rng.u64(300..2_400)),
            },
            pulls: Duration::from_secs(rng.u64(600..3_600)),
            stocks,
            has_doors: false,
            gives_back_cancelled: rng.bool(),
            rests_after: (rng.u8(0..4) == 0).then_some(actions.len() / 2),
            actions,
            sabotage: Sabotage::None,
        };
        plan.actions.extend(ending(&mut rng, length));
        plan.actions.sort_by_key(|(at, _)| *at);
        plan
    }

    /// The same with something broken.
    #[must_use]
    pub fn sabotaged(self, sabotage: Sabotage) -> Self {
        Self { sabotage, ..self }
    }
}

fn some_time(rng: &mut Rng, length: Duration) -> Duration {
    Duration::from_millis(rng.u64(0..u64::try_from(length.as_millis()).unwrap_or(1)))
}

fn place(rng: &mut Rng) -> Place {
    match rng.u8(0..6) {
        0 | 1 => Place::Ozon,
        2 | 3 => Place::Wildberries,
        4 => Place::Kaspi(rng.usize(0..2)),
        _ => Place::Another(rng.usize(0..1_000)),
    }
}

fn action(rng: &mut Rng) -> Action {
    match rng.u32(0..100) {
        0..50 => Action::Buy(place(rng), basket(rng)),
        50..70 => Action::Advance(rng.usize(0..1_000)),
        70..78 => Action::Cancel(rng.usize(0..1_000)),
        78..82 => Action::CancelUnit(rng.usize(0..1_000)),
        82..88 => Action::GiveBack(rng.usize(0..1_000)),
        88..92 => Action::Edit(place(rng), rng.usize(0..=GOODS), rng.u32(0..9)),
        92..97 => Action::Count(rng.usize(0..GOODS), rng.i64(-2..6)),
        _ => Action::Poison(rng.choice(["inbox", "push.fifo", "deferred", "poll", "reconcile"]).unwrap_or("inbox")),
    }
}

/// Mostly one unit of one good; the last good is the bundle.
fn basket(rng: &mut Rng) -> Vec<(usize, u32)> {
    let lines = if rng.u8(0..5) == 0 { 2 } else { 1 };
    let mut goods: Vec<usize> = (0..=GOODS).collect();
    rng.shuffle(&mut goods);
    goods.truncate(lines);
    goods.into_iter().map(|good| (good, if rng.u8(0..3) == 0 { 2 } else { 1 })).collect()
}

/// What is held lasts for a minute mostly, and for most of the run sometimes.
fn visit(rng: &mut Rng, length: Duration) -> Visit {
    let lasts = |rng: &mut Rng| match rng.u8(0..4) {
        0 => Duration::from_secs(2) + some_time(rng, length),
        _ => Duration::from_secs(rng.u64(2..120)),
    };
    match rng.u32(0..100) {
        0..45 => Visit::Hold(basket(rng), lasts(rng)),
        45..55 => Visit::Sell(basket(rng)),
        _ => {
            let which = rng.usize(0..1_000);
            let step = match rng.u8(0..8) {
                0 => Step::Longer(lasts(rng)),
                1..4 => Step::Order,
                4 => Step::Release,
                5 => Step::Ship,
                6 => Step::Cancel,
                _ => Step::Return,
            };
            Visit::Again(which, step)
        }
    }
}

/// A channel is down for a while: minutes mostly, sometimes most of the run.
fn outages(rng: &mut Rng, length: Duration) -> Vec<(Duration, Action)> {
    let mut all = Vec::new();
    while rng.u8(0..3) == 0 {
        let (place, from) = (place(rng), some_time(rng, length));
        let until = from + some_time(rng, length);
        all.extend([(from, Action::Break(place)), (until.min(length), Action::Mend(place))]);
    }
    if rng.u8(0..4) == 0 {
        let from = some_time(rng, length);
        all.extend([(from, Action::CountLate(true)), ((from + length / 10).min(length), Action::CountLate(false))]);
    }
    all
}

/// In one run of four the seller ends a listing.
fn ending(rng: &mut Rng, length: Duration) -> Option<(Duration, Action)> {
    (rng.u8(0..4) == 0).then(|| (some_time(rng, length), Action::End(place(rng), rng.usize(0..=GOODS))))
}

/// One run in eight has no faults at all; in the others each kind is absent, rare or frequent.
fn weather(rng: &mut Rng) -> Weather {
    if rng.u8(0..8) == 0 {
        return Weather::new();
    }
    let often = |rng: &mut Rng, kind: Fault| match (kind, rng.u8(0..6)) {
        (_, 0..=2) => 0,
        (Fault::MessageLate, chance) => u32::from(chance) * 40,
        (
            Fault::HookLost
            | Fault::HookAnswerLost
            | Fault::HookTwice
            | Fault::MessageTwice
            | Fault::MessageDoubled
            | Fault::VerdictLost,
            chance,
        ) => u32::from(chance) * 200,
        (Fault::ScheduleMissed | Fault::ScheduleTwice | Fault::RecordAgain, chance) => u32::from(chance) * 200,
        (Fault::DiesBefore | Fault::DiesAfter | Fault::AwsSlow, chance) => u32::from(chance) * 25,
        (_, chance) => u32::from(chance) * 60,
    };
    Fault::ALL.into_iter().map(|kind| (kind, often(rng, kind))).filter(|(_, often)| *often > 0).collect()
}
