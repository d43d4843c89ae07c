//! How much overselling remains: the same buyers, at the same moments, before several ways to keep channels in step.
//!
//! Nothing goes wrong here but time: what one channel sold, another one doesn't know yet. Who buys, and what is held back, is the
//! same in both ways to find out: [`Way::Short`] plays the times alone, [`Way::Whole`] runs the real functions, and takes a
//! thousand times as long.

mod chart;
mod demand;
mod method;
mod oracle;
mod short;
mod table;
mod timer;
mod whole;

pub use chart::chart;
pub use demand::Market;
pub use method::Method;
pub use table::table;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that buyers made.
    pub orders: u32,
    /// Units that were sold and weren't there.
    pub oversold: u32,
    /// Buyers who found nothing on sale although there was some.
    pub turned_away: u32,
    /// Numbers that were told to channels.
    pub told: u32,
}

impl Tally {
    /// Adds another run's.
    pub fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.oversold += other.oversold;
        self.turned_away += other.turned_away;
        self.told += other.told;
    }

    /// `count` for every ten thousand orders.
    #[must_use]
    pub fn per_10_000(&self, count: u32) -> f64 {
        f64::from(count) * 10_000.0 / f64::from(self.orders.max(1))
    }

    /// What ten thousand orders cost, if a buyer turned away costs 1 and an oversell so much.
    #[must_use]
    pub fn cost(&self, oversell: u16) -> f64 {
        self.per_10_000(self.oversold) * f64::from(oversell) + self.per_10_000(self.turned_away)
    }
}

/// How to find out what comes of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the times alone.
    Short,
    /// By the real functions, queues and tables.
    Whole,
}

/// What came of each method in a market.
#[derive(Debug, Clone)]
pub struct Compared {
    /// In which.
    pub market: Market,
    /// In the order that was asked for.
    pub methods: Vec<(Method, Tally)>,
}

/// Runs many sellers' hours by each of these methods, on all cores.
///
/// # Errors
/// If the simulation itself fails.
pub fn compare(market: Market, methods: &[Method], seeds: &[u64], way: Way) -> anyhow::Result<Compared> {
    let of = |method: &Method| Ok((*method, all(market, *method, seeds, way)?));
    Ok(Compared { market, methods: methods.iter().map(of).collect::<anyhow::Result<_>>()? })
}

fn all(market: Market, method: Method, seeds: &[u64], way: Way) -> anyhow::Result<Tally> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let one = |seed| match way {
        Way::Short => short::run(market, seed, method),
        Way::Whole => whole::run(market, seed, method),
    };
    let share = |thread: usize| {
        let mine = seeds.iter().skip(thread).step_by(threads);
        mine.map(|seed| one(*seed)).collect::<anyhow::Result<Vec<_>>>()
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
