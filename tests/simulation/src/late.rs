//! Who shows more than there is for longer than its limits account for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use edin_domain::Timestamp;
use edin_platform::Clock as _;
use simulators::{Event, Journal};

use crate::aws::Aws;
use crate::channels::Channels;
use crate::check::{Broken, there_is};
use crate::clock::SimulatedClock;
use crate::goods::{Good, OZON, WILDBERRIES};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);
/// Longer than a number takes from the table to a channel's door when everybody wants to get through it.
const ON_THE_WAY: Duration = Duration::from_secs(4);
/// How soon after a number each channel takes the next one for the same good.
const INTERVALS: [(&str, Duration); 2] = [(OZON, Duration::from_secs(30)), (WILDBERRIES, Duration::ZERO)];

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
        let journals = [channels.ozon.journal(), channels.wildberries.journal()];
        for good in &goods {
            let names = [good.sku.clone(), simulators::wildberries::chrt_id(good).to_string()];
            let (shown, there) = (channels.shown(good), there_is(good, &aws.store()).await?);
            let now = clock.now();
            let channels = INTERVALS.into_iter().zip(&journals).zip(&names).zip(shown.into_iter().zip(there));
            for ((((connection, interval), journal), name), (shown, there)) in channels {
                let key = (connection, good.sku.clone());
                if shown.is_none_or(|shown| i64::from(shown) <= there) {
                    wrong_since.remove(&key);
                    continue;
                }
                let since = *wrong_since.entry(key.clone()).or_insert(now);
                let due = told_last(journal, name).map_or(since, |told| since.max(told.plus(interval)));
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

/// When a channel was last told a number of a good.
fn told_last(journal: &Journal, name: &str) -> Option<Timestamp> {
    journal.events.iter().rev().find_map(|event| match event {
        Event::Told { at, good, .. } if good == name => Some(*at),
        Event::Told { .. } | Event::Sold { .. } | Event::Violation { .. } => None,
    })
}
