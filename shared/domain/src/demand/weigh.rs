//! How many units a channel should show: as many as cost least.

use serde::Serialize;

use super::age::Age;
use super::poisson::Below;
use super::rate::Rate;
use crate::buffer::Costs;

/// How fast a good is sold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// By this channel.
    pub here: Rate,
    /// By all others.
    pub elsewhere: Rate,
}

/// The number that costs least, and what is to be expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// How fast this channel sells it, in millionths of a unit an hour.
    pub here: Rate,
    /// Units to show.
    pub shown: i64,
    /// What happens to buyers then.
    pub chances: Chances,
    /// What would happen to them if all were shown that can be sold.
    pub of_all: Chances,
}

/// What happens to the next buyer here, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Chances {
    /// Gets what is gone.
    pub oversold: u32,
    /// Finds nothing, although there is some.
    pub turned_away: u32,
}

/// So much is expected at most, in millionths of a unit. Nobody sells ten thousand of a good within a lag; it bounds the work.
const MOST_EXPECTED: u64 = 10_000_000_000;
/// Nothing is held back to save less than this of a buyer turned away.
const NOTHING: f64 = 1e-6;

/// How many of `sellable` units to show: the largest number that costs no more than another, but for next to nothing. Where
/// sales are known at once, the last unit is always on sale: if everybody left it to the others, nobody would sell it.
#[must_use]
pub fn weigh(sellable: i64, rates: Rates, age: Age, costs: Costs) -> Weighed {
    let sellable = sellable.max(0);
    let lags: Vec<Lag> = age.each().into_iter().map(|age| Lag::of(rates, age)).collect();
    let chances = match usize::try_from(sellable) {
        Ok(units) if lags.iter().any(|lag| lag.may_sell(units)) => chances(&lags, units),
        _ => Vec::new(),
    };
    let cost = |(shown, chances): (i64, &Chance)| match shown {
        0 => chances.cost(costs) * patience(rates, age),
        _ => chances.cost(costs),
    };
    let numbers = || (0..).zip(&chances).skip(usize::from(age.is_known_at_once()));
    let enough = numbers().map(cost).fold(f64::INFINITY, f64::min) + NOTHING * f64::from(costs.turned_away);
    let best = numbers().filter(|number| cost(*number) <= enough).last();
    Weighed {
        here: rates.here,
        shown: best.map_or(sellable, |(shown, _)| shown),
        chances: best.map(|(_, chances)| chances.in_millionths()).unwrap_or_default(),
        of_all: chances.last().map(Chance::in_millionths).unwrap_or_default(),
    }
}

/// Where nothing is shown, nothing is sold, and the units lie there for longer: until others have sold them. So many times more
/// buyers find nothing here. A channel that asks is done with a number when it asks again.
fn patience(Rates { here, elsewhere }: Rates, age: Age) -> f64 {
    match age {
        Age::About(_) => 1.0 + here.units() / elsewhere.units().max(f64::MIN_POSITIVE),
        Age::UpTo(_) => 1.0,
    }
}

/// What happens to the next buyer here.
#[derive(Debug, Clone, Copy, Default)]
struct Chance {
    oversold: f64,
    turned_away: f64,
}

impl Chance {
    fn cost(self, costs: Costs) -> f64 {
        f64::from(costs.oversell) * self.oversold + f64::from(costs.turned_away) * self.turned_away
    }

    #[expect(clippy::as_conversions, reason = "a chance is from 0 to 1, and there is no other way to a whole number")]
    fn in_millionths(&self) -> Chances {
        let whole = |chance: f64| (chance * 1e6).round() as u32;
        Chances { oversold: whole(self.oversold), turned_away: whole(self.turned_away) }
    }
}

/// What is sold while a number gets so old.
struct Lag {
    here: Below,
    elsewhere: Below,
}

impl Lag {
    fn of(rates: Rates, age: std::time::Duration) -> Self {
        let below = |rate: Rate| Below::of(rate.expected(age).min(MOST_EXPECTED));
        Self { here: below(rates.here), elsewhere: below(rates.elsewhere) }
    }

    /// Whether so many may be sold, for all that counts.
    fn may_sell(&self, units: usize) -> bool {
        units < self.here.reach() + self.elsewhere.reach()
    }

    /// How likely the next buyer gets what is gone, by the number that was shown, from none up to all: `shown` is more than
    /// were sold here, and as many as there are were sold here and elsewhere.
    fn oversold(&self, units: usize) -> impl Iterator<Item = f64> {
        let one_more =
            (0..units).map(move |shown| self.here.exactly(shown) * (1.0 - self.elsewhere.than(units - shown)));
        std::iter::once(0.0).chain(one_more).scan(0.0, |sum, one_more| {
            *sum += one_more;
            Some(*sum)
        })
    }

    /// How likely the next buyer finds nothing, although there is some: all that was shown was sold here, and of what was held
    /// back, not all elsewhere.
    fn turned_away(&self, units: usize) -> impl Iterator<Item = f64> {
        (0..=units).map(move |shown| (1.0 - self.here.than(shown)) * self.elsewhere.than(units - shown))
    }
}

/// What happens to the next buyer, by the number that was shown: the average over the ages.
fn chances(lags: &[Lag], units: usize) -> Vec<Chance> {
    let ages = f64::from(u32::try_from(lags.len()).unwrap_or(1));
    let mut chances = vec![Chance::default(); units + 1];
    for lag in lags {
        for (chance, (oversold, turned_away)) in chances.iter_mut().zip(lag.oversold(units).zip(lag.turned_away(units)))
        {
            chance.oversold += oversold / ages;
            chance.turned_away += turned_away / ages;
        }
    }
    chances
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_hours(1);
    const USUAL: Costs = Costs { oversell: 5, turned_away: 1 };

    fn rates(here: u32, elsewhere: u32) -> Rates {
        Rates { here: Rate::of(here, HOUR), elsewhere: Rate::of(elsewhere, HOUR) }
    }

    fn shown(sellable: i64, rates: Rates, age: Age, oversell: u16) -> i64 {
        weigh(sellable, rates, age, Costs { oversell, ..USUAL }).shown
    }

    #[test]
    fn a_channel_that_asks_once_an_hour_gets_what_others_leave() {
        let hour = Age::UpTo(HOUR);
        for (elsewhere, numbers) in
            [(0, [1, 2, 3, 5, 10, 40]), (1, [1, 2, 3, 4, 9, 40]), (6, [0, 1, 1, 2, 4, 40]), (22, [0, 0, 0, 0, 1, 16])]
        {
            let found = [1, 2, 3, 5, 10, 40].map(|sellable| shown(sellable, rates(6, elsewhere), hour, 5));
            assert_eq!(found, numbers, "6 an hour here, {elsewhere} elsewhere");
        }
    }

    #[test]
    fn a_channel_that_is_told_at_once_sells_the_last_unit_too() {
        let seconds = |seconds| Age::About(Duration::from_secs(seconds));
        assert_eq!([5, 20].map(|cost| shown(1, rates(11, 17), seconds(12), cost)), [1, 1]);
        assert_eq!([5, 20].map(|cost| shown(1, rates(11, 17), seconds(1_200), cost)), [0, 0]);
        assert_eq!(shown(1, rates(1_000, 1_000), seconds(60), 10_000), 1, "whatever it costs");
    }

    #[test]
    fn what_is_expected_is_said() {
        let found = weigh(2, rates(1, 1), Age::About(HOUR), Costs { oversell: 2, turned_away: 1 });
        // Shown 1: gone if none was sold here and two elsewhere. Turned away: one was sold here, none elsewhere.
        let (none, two_or_more) = (0.367_879_44, 0.264_241_11);
        assert_eq!(found.shown, 1);
        assert_eq!(
            found.chances,
            Chance { oversold: none * two_or_more, turned_away: (1.0 - none) * none }.in_millionths()
        );
        assert_eq!((found.of_all.oversold, found.of_all.turned_away), (329_753, 0));
    }

    #[test]
    fn the_work_is_bounded_whatever_is_sold() {
        let most = Rates { here: Rate::of(u32::MAX, HOUR / 1_000), elsewhere: Rate::of(u32::MAX, HOUR / 1_000) };
        assert_eq!(shown(i64::MAX, most, Age::UpTo(HOUR), 5), i64::MAX);
        let elsewhere = Rates { here: Rate::default(), ..most };
        assert_eq!(shown(5_000, elsewhere, Age::UpTo(HOUR), 5), 0);
        assert_eq!(shown(-3, most, Age::UpTo(HOUR), 5), 0);
    }

    /// What happens to the next buyer by adding up each pair of numbers that can be sold here and elsewhere.
    fn by_pairs(units: u32, shown: u32, here: f64, elsewhere: f64) -> (f64, f64) {
        let chance = |mean: f64, number: u32| (1..=number).fold((-mean).exp(), |all, n| all * mean / f64::from(n));
        let (mut oversold, mut turned_away) = (0.0, 0.0);
        for sold_here in 0..60 {
            for sold_elsewhere in 0..60 {
                let both = chance(here, sold_here) * chance(elsewhere, sold_elsewhere);
                match sold_here < shown {
                    true if sold_here + sold_elsewhere >= units => oversold += both,
                    false if shown + sold_elsewhere < units => turned_away += both,
                    _ => {}
                }
            }
        }
        (oversold, turned_away)
    }

    fn any_age() -> impl Strategy<Value = Age> {
        (1_u64..7_200, any::<bool>()).prop_map(|(seconds, asks)| match (Duration::from_secs(seconds), asks) {
            (age, true) => Age::UpTo(age),
            (age, false) => Age::About(age),
        })
    }

    proptest! {
        #[test]
        fn the_chances_are_the_sums_over_all_that_can_be_sold(units in 0_u32..12, here in 0_u32..10, elsewhere in 0_u32..10) {
            let found = chances(&[Lag::of(rates(here, elsewhere), HOUR)], usize::try_from(units).unwrap());
            for (shown, found) in (0..).zip(found) {
                let (oversold, turned_away) = by_pairs(units, shown, here.into(), elsewhere.into());
                prop_assert!((found.oversold - oversold).abs() < 1e-12, "{found:?} {oversold}");
                prop_assert!((found.turned_away - turned_away).abs() < 1e-12, "{found:?} {turned_away}");
            }
        }

        #[test]
        fn never_more_is_shown_than_can_be_sold(
            sellable in -10_i64..300, here in 0_u32..200, elsewhere in 0_u32..200, age in any_age(), oversell: u16,
        ) {
            let shown = shown(sellable, rates(here, elsewhere), age, oversell);
            prop_assert!((0..=sellable.max(0)).contains(&shown));
        }

        #[test]
        fn a_dearer_oversell_never_shows_more(
            sellable in 0_i64..80, here in 0_u32..60, elsewhere in 0_u32..60, age in any_age(), oversell in 0_u16..100, dearer in 0_u16..100,
        ) {
            let shown = |oversell| shown(sellable, rates(here, elsewhere), age, oversell);
            prop_assert!(shown(oversell + dearer) <= shown(oversell));
        }

        #[test]
        fn nothing_is_held_back_for_what_nobody_sells_elsewhere(
            sellable in 0_i64..300, here in 0_u32..200, age in any_age(), oversell: u16,
        ) {
            prop_assert_eq!(shown(sellable, rates(here, 0), age, oversell), sellable);
        }

        #[test]
        fn one_more_sellable_unit_never_shows_less(
            sellable in 0_i64..80, here in 0_u32..60, elsewhere in 0_u32..60, age in any_age(), oversell in 0_u16..100,
        ) {
            let shown = |sellable| shown(sellable, rates(here, elsewhere), age, oversell);
            prop_assert!(shown(sellable) <= shown(sellable + 1));
        }
    }
}
