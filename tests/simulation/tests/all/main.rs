//! The simulator in the gate: a fixed set of seeds and some that nobody has tried, that the same seed is the same run, and that
//! breaks made on purpose are noticed.

use std::process::Command;

use simulation::dice::Kind as Fault;
use simulation::many::{Sum, run_all};
use simulation::{Plan, Sabotage, run};

/// So many seeds; `cargo run --release -p simulation -- --seeds 5000` runs more.
const SEEDS: u64 = 40;
/// Seeds beyond those that showed a fault once.
const ONCE_BROKEN: [u64; 8] = [119, 90_112, 90_123, 90_143, 90_310, 720_059, 223_536_621, 403_683_470];
const WHY: &str = "cargo run --release -p simulation -- --seed N shows why";

#[test]
fn whatever_goes_wrong_comes_right() {
    let sum = sum_of((1..=SEEDS).chain(ONCE_BROKEN)).unwrap();
    println!("{sum}");
    assert!(sum.broken.is_empty(), "{WHY}: {:#?}", sum.broken);
    assert!(sum.orders > 700 && sum.judged > 10 && sum.faults.len() == Fault::ALL.len(), "too little happened: {sum}");
}

/// Code comes to fit the seeds that it is always tried with. So each commit is tried with others.
#[test]
fn whatever_goes_wrong_in_new_ways_comes_right() {
    let from = of_this_commit();
    let sum = sum_of(from..from + SEEDS).unwrap();
    println!("--from {from} --seeds {SEEDS}: {sum}");
    assert!(sum.broken.is_empty(), "{WHY}: {:#?}", sum.broken);
}

fn sum_of(seeds: impl Iterator<Item = u64>) -> anyhow::Result<Sum> {
    run_all(&seeds.map(Plan::of).collect::<Vec<_>>(), |_, outcome| outcome.broken.is_empty())
}

/// The first of a range of seeds, by the commit that is checked out; where there is none, always the same.
fn of_this_commit() -> u64 {
    let head = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let hash = head.map(|head| String::from_utf8_lossy(&head.stdout).into_owned()).unwrap_or_default();
    hash.get(..8).and_then(|hash| u64::from_str_radix(hash, 16).ok()).unwrap_or(1_000_000)
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [2, 5, 7] {
        let (one, other) = (run(&Plan::of(seed)).unwrap(), run(&Plan::of(seed)).unwrap());
        let differs = one.trace.iter().zip(&other.trace).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.trace.len(), other.trace.len(), "seed {seed}");
    }
}

/// What is broken, and a seed that noticed it. What a seed does changes with the code, so others are tried after it; a break that
/// none of them notices means that the simulator went blind.
const NOTICED: [(Sabotage, u64); 10] = [
    (Sabotage::OrdersWithoutCondition, 11),
    (Sabotage::LevelsWithoutVersion, 1),
    (Sabotage::AcknowledgedBeforeCommit, 1),
    (Sabotage::MessageTrusted, 1),
    (Sabotage::OrdersUnreadAroundWrites, 4),
    (Sabotage::LimiterOpen, 1),
    (Sabotage::StreamNotRepeated, 5),
    (Sabotage::NeverPolled, 1),
    (Sabotage::NeverReconciled, 2),
    (Sabotage::NeverFannedOut, 5),
];

/// Breaks that few seeds in a hundred notice: trying them takes longer than all the rest. By hand,
/// `cargo run --release -p simulation -- --sabotage OrdersWithoutVersion --seeds 300` does.
const RARE: [Sabotage; 2] = [Sabotage::OrdersWithoutVersion, Sabotage::TwoHundredBelieved];

/// So many are tried for a break that its own seed doesn't notice.
const MOST_SEEDS: u64 = 60;

#[test]
fn breaks_made_on_purpose_are_noticed() {
    let tried = NOTICED.iter().map(|(sabotage, _)| *sabotage).chain(RARE);
    assert!(Sabotage::ALL.into_iter().all(|sabotage| tried.clone().any(|known| known == sabotage)));
    for (sabotage, seed) in NOTICED {
        let seeds = std::iter::once(seed).chain(1..=MOST_SEEDS);
        let plans: Vec<Plan> = seeds.map(|seed| Plan::of(seed).sabotaged(sabotage)).collect();
        let sum = run_all(&plans, |_, outcome| outcome.broken.is_empty()).unwrap();
        println!("{sabotage:?}: {:?}", sum.broken);
        assert!(!sum.broken.is_empty(), "{sabotage:?} isn't noticed by any of {} seeds", plans.len());
    }
}
