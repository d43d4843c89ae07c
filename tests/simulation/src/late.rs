//! Who shows more than there is for longer than its limits account for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use edin_domain::Timestamp;
use edin_platform::Clock as _;
use judge::shelf::There;
use simulators::{Event, Opened, Warehouse};

use crate::aws::Aws;
use crate::channels::Channels;
use crate::check::Broken;
use crate::clock::SimulatedClock;
use crate::goods::Good;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);
/// Longer than a number takes from the table to a channel's door when everybody wants to get through it.
const ON_THE_WAY: Duration = Duration::from_secs(4);

/// What was found.
pub type Found = Rc<RefCell<Broken>>;

/// Compares what is shown with what there is, again and again, for so long.
///
/// # Errors
/// If the table can't be read.
pub async fn watch(
    channels: Channels,
    goods: Vec<Good>,
    aws: Aws,
    clock: SimulatedClock,
    (found, lasts): (Found, Duration),
) -> anyhow::Result<()> {
    let mut wrong_since: BTreeMap<(&str, String), Timestamp> = BTreeMap::new();
    let until = clock.now().plus(lasts);
    while clock.now() < until {
        tokio::time::sleep(EVERY).await;
        for good in &goods {
            let there = There::of(good, &aws.store()).await?;
            let now = clock.now();
            for (stand, interval, warehouse) in told(&channels) {
                let (connection, there) = (stand.enrolment().connection, there.at(warehouse.locations));
                let key = (connection, good.sku.clone());
                let shown = stand.shown(good, &warehouse.name);
                if shown.is_none_or(|shown| i64::from(shown) <= there) {
                    wrong_since.remove(&key);
                    continue;
                }
                let since = *wrong_since.entry(key.clone()).or_insert(now);
                let due = told_last(stand, good).map_or(since, |told| since.max(told.plus(interval)));
                if now > due.plus(ON_THE_WAY) {
                    let late = now.since(due);
                    let what = format!(
                        "{connection} shows {shown:?} of {}, not {there}, {late:?} after it could have been told",
                        good.sku
                    );
                    found.borrow_mut().push(what);
                    wrong_since.remove(&key);
                }
            }
        }
    }
    Ok(())
}

/// The shelves that are told stock, and how soon after a number each takes the next one for the same good.
fn told(channels: &Channels) -> impl Iterator<Item = (&Opened, Duration, Warehouse)> {
    channels.stage.shelves().filter_map(|(stand, warehouse)| {
        let interval = edin_channels::facts(&stand.channel())?.stock.interval()?;
        Some((stand, interval, warehouse))
    })
}

/// When a channel was last told a number of a good.
fn told_last(stand: &Opened, good: &Good) -> Option<Timestamp> {
    let called = stand.calls(good);
    stand.journal().events.iter().rev().find_map(|event| match event {
        Event::Told { at, good, .. } if *good == called => Some(*at),
        Event::Told { .. } | Event::Sold { .. } | Event::Violation { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By how much the clocks of two machines may differ.
    const MARGIN: Duration = Duration::from_millis(100);

    /// The watch forgives as long as the channels' facts say, so what they say is held here.
    #[test]
    fn a_channel_takes_the_next_number_as_soon_as_it_documents() {
        for (channel, seconds) in [("ozon", 30), ("wildberries", 0), ("yandex_market", 0)] {
            let facts = edin_channels::facts(&edin_domain::ChannelName::new(channel).unwrap()).unwrap();
            let documented = Duration::from_secs(seconds);
            let interval = facts.stock.interval().unwrap();
            assert!((documented..=documented + MARGIN).contains(&interval), "{channel}: {interval:?}");
        }
    }
}
