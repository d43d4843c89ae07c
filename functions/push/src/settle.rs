//! What is known of a listing after the channel has said what became of it.

use std::collections::BTreeSet;
use std::time::Duration;

use edin_channels::client::Outcome;
use edin_domain::listing::ListingKey;
use edin_domain::shown::{Rejection, Shown};
use edin_domain::{Sku, Timestamp};

use crate::Item;
use crate::lane::Row as _;
use crate::sight::Row;

/// A number that needs a person is offered again after this, in case one came by.
const REFUSED: Duration = Duration::from_secs(3_600);
/// A call without an answer is made again after this, where the channel has no longer interval.
const UNANSWERED: Duration = Duration::from_secs(3);

/// What to note of a listing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settled {
    item: Item,
    quantity: u32,
    components: BTreeSet<Sku>,
    interval: Duration,
    now: Timestamp,
    /// When it must be looked at again.
    pub(crate) again: Option<Timestamp>,
}

impl Settled {
    pub(crate) fn sku(&self) -> Sku {
        self.item.0.sku.clone()
    }

    /// The listing, and the number that its channel was told.
    pub(crate) fn told(&self) -> (ListingKey, u32) {
        (self.item.0.clone(), self.quantity)
    }

    pub(crate) fn into_item(self) -> Item {
        self.item
    }
}

/// Which goods a write may have put back on sale.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Doubtful {
    /// Nobody knows.
    Everything,
    /// What is made of these.
    These(BTreeSet<Sku>),
}

/// Notes what became of a row.
pub(crate) fn settled(row: &Row, outcome: Outcome, interval: Duration, now: Timestamp) -> Settled {
    let next = (!interval.is_zero()).then(|| now.plus(interval));
    let (shown, again) = match outcome {
        Outcome::Taken => {
            let lag_ms = row.shown.lag_with(row.lag(now));
            (Shown { acknowledged: Some(row.due.acknowledged(now)), not_before: next, rejected: None, lag_ms }, None)
        }
        Outcome::Later { after, .. } => {
            let until = now.plus(after);
            (Shown { not_before: Some(until), rejected: None, ..row.shown.clone() }, Some(until))
        }
        Outcome::Refused { code, message } => {
            let rejected = Some(Rejection { quantity: row.due.offer.quantity, at: now, code, message });
            (Shown { not_before: Some(now.plus(REFUSED)), rejected, ..row.shown.clone() }, None)
        }
        Outcome::Unknown => {
            let until = now.plus(interval.max(UNANSWERED));
            let lag_ms = row.shown.lag_ms;
            (Shown { acknowledged: None, not_before: Some(until), rejected: None, lag_ms }, Some(until))
        }
    };
    let quantity = row.due.offer.quantity;
    Settled { item: (row.key.clone(), shown), quantity, components: row.components.clone(), interval, now, again }
}

/// Casts doubt on what was written while the channel sold the same goods.
pub(crate) fn doubt(all: &mut [Settled], doubtful: &Doubtful) {
    for settled in all {
        let doubted = match doubtful {
            Doubtful::Everything => true,
            Doubtful::These(goods) => !settled.components.is_disjoint(goods),
        };
        if doubted && settled.item.1.acknowledged.take().is_some() {
            let soonest = settled.now.plus(settled.interval.max(Duration::from_secs(1)));
            settled.again = Some(settled.item.1.not_before.unwrap_or(soonest));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::connection::Telling;
    use edin_domain::listing::{Listing, ListingKey, OwnPolicy, Policy, Standing};
    use edin_domain::offer::Due;
    use edin_domain::shown::{Acknowledged, Decision};
    use edin_domain::stock::Tally;
    use edin_domain::{Cause, ConnectionId, WarehouseId};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const INTERVAL: Duration = Duration::from_secs(30);

    fn row() -> Row {
        let sku = Sku::new("TEA").unwrap();
        let key = ListingKey {
            connection: ConnectionId::new("ozon-main").unwrap(),
            warehouse: WarehouseId::new("1").unwrap(),
            sku: sku.clone(),
        };
        let listing = Listing {
            key: key.clone(),
            ids: BTreeMap::new(),
            policy: OwnPolicy::default(),
            standing: Standing::Selling,
            ended_at: None,
        };
        let offer = Policy::default().offer(Standing::Selling, 4, 0);
        let (tally, telling, decision) = (Tally::default(), Telling::All, Decision::Push);
        let due = Due { offer, foresight: None, tally, version: 7, changed_at: None, telling, decision };
        Row { key, listing, components: [sku].into(), due, shown: Shown::default(), cause: Cause::new("e").unwrap() }
    }

    #[test]
    fn a_number_that_was_taken_is_remembered_with_the_stock_behind_it() {
        let (_, shown) = settled(&row(), Outcome::Taken, INTERVAL, NOW).into_item();
        assert_eq!(shown.acknowledged.map(|told| (told.quantity, told.version)), Some((4, 7)));
        assert_eq!(shown.not_before, Some(NOW.plus(INTERVAL)));
    }

    #[test]
    fn the_lag_of_a_number_that_was_taken_is_remembered_and_outlives_a_call_without_an_answer() {
        let mut row = row();
        row.due.changed_at = Some(NOW.minus(Duration::from_millis(700)));
        row.shown.acknowledged = Some(Acknowledged { version: 6, ..row.due.acknowledged(NOW) });
        let (_, shown) = settled(&row, Outcome::Taken, INTERVAL, NOW).into_item();
        assert_eq!(shown.lag_ms, Some(700));
        row.shown = shown;
        let (_, shown) = settled(&row, Outcome::Unknown, INTERVAL, NOW).into_item();
        assert_eq!(shown.lag_ms, Some(700));
    }

    #[test]
    fn a_call_without_an_answer_leaves_doubt_and_is_made_again() {
        let settled = settled(&row(), Outcome::Unknown, INTERVAL, NOW);
        assert_eq!(settled.again, Some(NOW.plus(INTERVAL)));
        assert_eq!(settled.into_item().1.acknowledged, None);
    }

    #[test]
    fn a_sale_during_the_write_casts_doubt_on_its_goods_alone() {
        let taken = settled(&row(), Outcome::Taken, INTERVAL, NOW);
        let (mut other, mut same) = ([taken.clone()], [taken]);
        doubt(&mut other, &Doubtful::These([Sku::new("CUP").unwrap()].into()));
        assert_eq!((other[0].again, other[0].item.1.acknowledged.is_some()), (None, true));
        doubt(&mut same, &Doubtful::These([Sku::new("TEA").unwrap()].into()));
        assert_eq!((same[0].again, same[0].item.1.acknowledged), (Some(NOW.plus(INTERVAL)), None));
    }
}
