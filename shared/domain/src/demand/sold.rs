//! What was sold of a SKU, fading with time: the sums from which rates come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fading::faded;
use super::rate::Rate;
use super::weigh::Rates;
use crate::stock::{Change, Level};
use crate::{ConnectionId, LocationId, Timestamp};

/// A good that nothing is known of yet is taken for one that sells two an hour here, in thousandths of what a quarter of an hour
/// would have brought: at first, its last units are sold where it is known at once that they are.
const GUESS_HERE: u64 = 500;
/// And twice as many elsewhere.
const GUESS_ELSEWHERE: u64 = 1_000;

/// What was sold of one SKU lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// Rises by one with every write.
    pub version: u64,
    /// By the location that it was taken from.
    pub sold: BTreeMap<LocationId, Sold>,
}

/// What was sold from one location lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    counted: Counted,
    /// When the level was opened: nothing can have been sold before.
    since: Timestamp,
    /// When the sums were what they are.
    at: Timestamp,
    /// Thousandths of units, by the connection that sold them.
    thousandths: BTreeMap<ConnectionId, u64>,
}

impl Demand {
    /// With what these changes sold; none if they sold nothing that wasn't counted before.
    #[must_use]
    pub fn with<'a>(&self, changed: impl IntoIterator<Item = &'a Level>) -> Option<Self> {
        let mut after = self.clone();
        let mut is_news = false;
        for level in changed.into_iter().filter(|level| sells(level)) {
            is_news |= after.sold.entry(level.place.location.clone()).or_default().count(level);
        }
        after.version += 1;
        is_news.then_some(after)
    }

    /// How fast connections other than this one sell from these locations.
    #[must_use]
    pub fn elsewhere(&self, connection: &ConnectionId, locations: &[LocationId], now: Timestamp) -> Rate {
        let here = self.sold.iter().filter(|(location, _)| locations.contains(location));
        here.map(|(_, sold)| sold.elsewhere(connection, now)).sum()
    }

    /// How fast a connection, and how fast all others, sell from these levels. Of what is opened just now, a guess.
    #[must_use]
    pub fn rates<'a>(
        &self,
        connection: &ConnectionId,
        levels: impl IntoIterator<Item = &'a Level>,
        now: Timestamp,
    ) -> Rates {
        let (mut own, mut all, mut opened) = (0_u64, 0_u64, now);
        for level in levels {
            let Some(sold) = self.sold.get(&level.place.location) else {
                opened = opened.min(level.opened_at);
                continue;
            };
            opened = opened.min(sold.since);
            own = own.saturating_add(sold.left(now, |by| by == connection));
            all = all.saturating_add(sold.left(now, |_| true));
        }
        let watched = now.since(opened);
        Rates {
            here: Rate::guessing(GUESS_HERE, own, watched),
            elsewhere: Rate::guessing(GUESS_ELSEWHERE, all.saturating_sub(own), watched),
        }
    }
}

/// Whether the last change of a level sold something. A cancel takes nothing back from demand: somebody wanted it.
#[must_use]
pub fn sells(level: &Level) -> bool {
    level.changes.iter().any(|change| sale(change).is_some())
}

/// Who sold how many units by a part of a change; none if it is no sale.
fn sale(change: &Change) -> Option<(ConnectionId, u64)> {
    let (connection, _) = change.order.split_once('/')?;
    let units = u64::try_from(change.reserved).ok().filter(|units| *units > 0)?;
    Some((ConnectionId::new(connection).ok()?, units))
}

impl Sold {
    /// Counts the last change of a level, once. Whether it did.
    fn count(&mut self, level: &Level) -> bool {
        if !self.counted.is_first(level.version) {
            return false;
        }
        let at = level.changed_at.max(self.at);
        for sum in self.thousandths.values_mut() {
            *sum = faded(*sum, at.since(self.at));
        }
        (self.since, self.at) = (level.opened_at, at);
        for (connection, units) in level.changes.iter().filter_map(sale) {
            let sum = self.thousandths.entry(connection).or_default();
            *sum = sum.saturating_add(faded(units.saturating_mul(1_000), at.since(level.changed_at)));
        }
        self.thousandths.retain(|_, sum| *sum > 0);
        true
    }

    fn elsewhere(&self, connection: &ConnectionId, now: Timestamp) -> Rate {
        Rate::keeping_up(self.left(now, |by| by != connection), now.since(self.since))
    }

    /// What is left of the sums of these connections.
    fn left(&self, now: Timestamp, of: impl Fn(&ConnectionId) -> bool) -> u64 {
        let sums = self.thousandths.iter().filter(|(by, _)| of(by));
        let sum = sums.fold(0_u64, |sum, (_, thousandths)| sum.saturating_add(*thousandths));
        faded(sum, now.since(self.at))
    }
}

/// Which versions of a level were counted: the highest, and which of the 64 up to it. The stream may deliver a version again,
/// and one that was set aside comes late. One that is older than the window doesn't count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    highest: u64,
    /// The lowest bit is the highest version.
    window: u64,
}

impl Counted {
    /// Whether a version wasn't counted yet. It is now.
    fn is_first(&mut self, version: u64) -> bool {
        if let Some(ahead) = version.checked_sub(self.highest).filter(|ahead| *ahead > 0) {
            let moved = u32::try_from(ahead).ok().and_then(|ahead| self.window.checked_shl(ahead));
            (self.highest, self.window) = (version, moved.unwrap_or(0) | 1);
            return true;
        }
        let bit = u32::try_from(self.highest - version).ok().and_then(|behind| 1_u64.checked_shl(behind));
        let bit = bit.filter(|bit| self.window & bit == 0);
        self.window |= bit.unwrap_or(0);
        bit.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::stock::Place;
    use crate::{Cause, Sku};
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn location(name: &str) -> LocationId {
        LocationId::new(name).unwrap()
    }

    fn connection(id: &str) -> ConnectionId {
        ConnectionId::new(id).unwrap()
    }

    /// Version `version` of a level that was opened at zero: an order of a connection that reserved so many.
    fn level(version: u64, by: &str, reserved: i64, at: Duration) -> Level {
        Level {
            place: Place { sku: Sku::new("TEA").unwrap(), location: location("almaty") },
            on_hand: 100,
            reserved,
            available: 100 - reserved,
            version,
            cause: Cause::new("e").unwrap(),
            changed_at: Timestamp::from_millis(0).plus(at),
            opened_at: Timestamp::from_millis(0),
            changes: vec![Change { order: format!("{by}/1-{version}"), on_hand: 0, reserved }],
            own: BTreeMap::new(),
        }
    }

    fn after(levels: &[Level]) -> Demand {
        levels.iter().fold(Demand::default(), |demand, level| demand.with([level]).unwrap_or(demand))
    }

    fn rate(demand: &Demand, at: Duration) -> String {
        demand.elsewhere(&connection("wb"), &[location("almaty")], Timestamp::from_millis(0).plus(at)).to_string()
    }

    #[test]
    fn an_even_demand_is_found_to_be_what_it_is_from_its_first_hours_on() {
        let every = HOUR / 12;
        let sales: Vec<Level> = (1..=60).map(|n| level(u64::from(n), "ozon", 1, every * n - every / 2)).collect();
        for n in [6, 12, 24, 60] {
            let rate = rate(&after(&sales[..n]), every * u32::try_from(n).unwrap());
            assert!(["11.99", "12.00"].iter().any(|near| rate.starts_with(near)), "{rate} after {n} sales, 12 an hour");
        }
    }

    #[test]
    fn demand_fades_when_nothing_is_sold() {
        let demand = after(&[level(2, "ozon", 8, HOUR * 100)]);
        let rates = [100, 101, 102, 120].map(|hours| rate(&demand, HOUR * hours));
        assert_eq!(rates, ["5.545", "2.772", "1.386", "0.000"]);
    }

    #[test]
    fn what_a_channel_sells_itself_and_what_lies_elsewhere_is_no_demand_elsewhere() {
        let demand = after(&[level(2, "wb", 8, HOUR)]);
        assert_eq!(rate(&demand, HOUR), "0.000");
        let demand = after(&[level(2, "ozon", 8, HOUR)]);
        let astana = demand.elsewhere(&connection("wb"), &[location("astana")], Timestamp::from_millis(0).plus(HOUR));
        assert_eq!(astana, Rate::default());
    }

    #[test]
    fn demand_here_is_told_from_demand_elsewhere() {
        let (wb, seen) = (connection("wb"), Timestamp::from_millis(0).plus(HOUR * 100));
        let sold = [level(2, "ozon", 8, HOUR * 100), level(3, "wb", 2, HOUR * 100)];
        let rates = |demand: Demand, at| {
            let Rates { here, elsewhere } = demand.rates(&wb, &sold[..1], at);
            [here, elsewhere].map(|rate| rate.to_string())
        };
        assert_eq!(rates(after(&sold), seen), ["1.386", "5.545"]);
        assert_eq!(rates(Demand::default(), seen), ["0.000", "0.000"]);
        assert_eq!(rates(Demand::default(), Timestamp::from_millis(0)), ["2.000", "4.000"], "nothing is known yet");
    }

    #[test]
    fn only_what_is_newly_promised_to_an_order_is_a_sale() {
        let cancel = level(2, "ozon", -1, HOUR);
        let mut count = level(3, "ozon", 1, HOUR);
        "opening".clone_into(&mut count.changes[0].order);
        let shipped = Change { on_hand: -1, ..level(4, "ozon", 0, HOUR).changes[0].clone() };
        let shipped = Level { changes: vec![shipped], ..level(4, "ozon", 0, HOUR) };
        assert_eq!(Demand::default().with([&cancel, &count, &shipped]), None);
    }

    #[test]
    fn a_version_that_is_older_than_the_window_does_not_count() {
        let demand = after(&[level(100, "ozon", 1, HOUR)]);
        assert!(demand.with([&level(36, "ozon", 1, HOUR)]).is_none());
        assert!(demand.with([&level(37, "ozon", 1, HOUR)]).is_some());
    }

    proptest! {
        #[test]
        fn a_version_counts_once_however_often_in_what_order_and_in_what_batches_it_comes(
            order in Just((2..40_u64).collect::<Vec<_>>()).prop_shuffle(),
            again in proptest::collection::vec(0_usize..38, 0..60),
            cut in 1_usize..20,
        ) {
            let at = |version: u64| HOUR / 60 * u32::try_from(version).unwrap();
            let of = |version: u64| level(version, "ozon", i64::try_from(version % 3).unwrap(), at(version));
            let straight = after(&(2..40).map(of).collect::<Vec<_>>());
            let deliveries: Vec<Level> = order.iter().copied().chain(again.iter().map(|index| order[*index])).map(of).collect();
            let batches = deliveries.chunks(cut);
            let shuffled = batches.fold(Demand::default(), |demand, batch| demand.with(batch).unwrap_or(demand));
            let (one, other) = (&straight.sold[&location("almaty")], &shuffled.sold[&location("almaty")]);
            prop_assert_eq!(one.counted, other.counted);
            let sums = |sold: &Sold| sold.thousandths.get(&connection("ozon")).copied().unwrap_or(0);
            // Each sale and each fading rounds to a thousandth of a unit.
            prop_assert!(sums(one).abs_diff(sums(other)) <= 80, "{one:?} {other:?}");
        }
    }
}
