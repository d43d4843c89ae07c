//! Who wants what, when and where: the same for every method that is compared.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;

use crate::dice::Weather;
use crate::plan::{Action, Kind, Place, Plan, Schedules};

/// What a seller sells, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Market {
    /// Little stock of eight goods, one of which sells as much as all others together.
    Scarce,
    /// Two hundred goods with a stock of 5 to 50, each sold once a minute to once a day.
    Everyday,
}

/// How fast a good is sold at each place, in thousandths of a unit an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rates {
    pub(super) ozon: u64,
    pub(super) wildberries: u64,
    pub(super) kaspi: u64,
}

impl Market {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Scarce, Self::Everyday];

    /// A seller's hours.
    pub(super) fn plan(self, seed: u64) -> Plan {
        let (stocks, actions) = match self {
            Self::Scarce => scarce(seed),
            Self::Everyday => everyday(seed),
        };
        Plan {
            kind: Kind::Whole,
            weather: Weather::new(),
            schedules: Schedules {
                newest: Duration::from_secs(15),
                changes: Duration::from_secs(300),
                reconcile: Duration::from_secs(900),
            },
            pulls: HOUR,
            stocks,
            actions,
            rests_after: None,
            has_doors: false,
            ..Plan::of(seed)
        }
    }

    /// How fast each good is really sold.
    pub(super) fn rates(self) -> Vec<Rates> {
        match self {
            Self::Scarce => (0..GOODS).map(|good| Rates::of(if good == 0 { 28_125 } else { 3_125 })).collect(),
            Self::Everyday => (0..MANY_GOODS).map(|good| Rates::of(60_000 / minutes(good))).collect(),
        }
    }
}

impl Rates {
    /// A fifth is sold at Kaspi, the rest at the other two alike.
    const fn of(all: u64) -> Self {
        Self { ozon: all * 2 / 5, wildberries: all * 2 / 5, kaspi: all / 5 }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Scarce => "scarce goods",
            Self::Everyday => "everyday goods",
        })
    }
}

type Stocks = Vec<(u32, u32)>;
type Actions = Vec<(Duration, Action)>;

const HOUR: Duration = Duration::from_secs(3_600);
const GOODS: usize = 8;
const HOURS: u64 = 3;
const BUYERS: usize = 150;

/// Three hours: one good sells as much as all others together, some begin with little, and more of each comes in now and then.
fn scarce(seed: u64) -> (Stocks, Actions) {
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    let stocks = (0..GOODS).map(|_| (rng.u32(1..12), 0)).collect();
    let mut moment = || Duration::from_millis(rng.u64(0..HOURS * 3_600_000));
    let mut times: Vec<Duration> = (0..BUYERS).map(|_| moment()).collect();
    times.sort();
    let good = |rng: &mut Rng| if rng.bool() { 0 } else { rng.usize(0..GOODS) };
    let mut buy = |at| (at, Action::Buy(place(&mut rng), vec![(good(&mut rng), 1)]));
    let mut actions: Actions = times.into_iter().map(&mut buy).collect();
    for hour in 0..HOURS {
        for good in 0..GOODS {
            let at = Duration::from_millis(hour * 3_600_000 + rng.u64(0..3_600_000));
            let more = if good == 0 { rng.i64(8..25) } else { rng.i64(0..4) };
            actions.push((at, Action::Count(good, more)));
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    (stocks, actions)
}

fn place(rng: &mut Rng) -> Place {
    match rng.u8(0..5) {
        0 | 1 => Place::Ozon,
        2 | 3 => Place::Wildberries,
        _ => Place::Kaspi(0),
    }
}

const MANY_GOODS: usize = 200;
/// From one sale of a good to the next, on the average, in minutes: each of these for as many goods as another.
const MINUTES: [u64; 11] = [1, 2, 5, 10, 20, 45, 90, 180, 360, 720, 1_440];

fn minutes(good: usize) -> u64 {
    MINUTES.into_iter().cycle().nth(good % MINUTES.len()).unwrap_or(1)
}

/// Three hours: each good has a pace of its own, and 5 to 50 more of it come in once.
fn everyday(seed: u64) -> (Stocks, Actions) {
    let mut rng = Rng::with_seed(seed ^ 0xda11);
    let stocks = (0..MANY_GOODS).map(|_| (rng.u32(5..51), 0)).collect();
    let mut actions = Actions::new();
    for good in 0..MANY_GOODS {
        let usual = Duration::from_secs(60 * minutes(good));
        let mut at = usual.mul_f64(waiting(&mut rng));
        while at < HOUR * 3 {
            actions.push((at, Action::Buy(place(&mut rng), vec![(good, 1)])));
            at += usual.mul_f64(waiting(&mut rng));
        }
        let delivered = Duration::from_millis(rng.u64(0..HOURS * 3_600_000));
        actions.push((delivered, Action::Count(good, rng.i64(5..51))));
    }
    actions.sort_by_key(|(at, _)| *at);
    (stocks, actions)
}

/// How long it takes until the next buyer comes, where it is 1 on the average.
fn waiting(rng: &mut Rng) -> f64 {
    -(1.0 - rng.f64()).ln()
}
