//! What a buffer that foresees should hold back, and what that was worked out from.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::stock::Stock;
use crate::buffer::{Adaptive, Buffer, Costs};
use crate::bundle;
use crate::demand::{Age, Demand, Pace, Rate, Rates, Weighed, reserve, weigh};
use crate::{ConnectionId, LocationId, Sku, Timestamp};

/// What a buffer should hold back, and what that was worked out from: what `edin why` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Foresight {
    /// How fast other channels sell it: of a bundle, the component that they sell fastest, or the one that decides if costs were
    /// weighed. In millionths of a unit an hour.
    pub elsewhere: Rate,
    /// How long the channel may go on selling what is gone, in ms.
    pub lag_ms: u64,
    /// Units that should be held back for that, whatever the policy's bounds are.
    pub wanted: i64,
    /// What was weighed: of a bundle, the component that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighed: Option<Weighed>,
}

/// What is sold where, when somebody asks what to hold back of it.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What one unit takes.
    pub components: &'a BTreeMap<Sku, u32>,
    /// Whose own sales don't count as sold elsewhere.
    pub connection: &'a ConnectionId,
    /// The locations that its warehouse sells from.
    pub locations: &'a [LocationId],
    /// The time to which demand is faded.
    pub now: Timestamp,
}

impl Stock {
    /// What a buffer makes of demand; nothing if it is fixed. `measured` is how long it took lately until the channel took a number.
    #[must_use]
    pub fn foresight(
        &self,
        of: Sight<'_>,
        buffer: Buffer,
        pace: Pace,
        measured: Option<Duration>,
    ) -> Option<Foresight> {
        match buffer {
            Buffer::Fixed(_) => None,
            Buffer::Adaptive(adaptive) => Some(self.foresee(of, adaptive, pace.lag(measured))),
            Buffer::Weighed(costs) => Some(self.weigh(of, costs, pace.age(measured))),
        }
    }

    /// What to hold back to keep a risk within that lag. At most as many units as are sellable.
    fn foresee(&self, of: Sight<'_>, adaptive: Adaptive, lag: Duration) -> Foresight {
        let Sight { components, connection, locations, now } = of;
        let rate =
            |sku: &Sku| self.demand(sku).map(|demand| demand.elsewhere(connection, locations, now)).unwrap_or_default();
        let left = bundle::sellable(components, |sku| {
            self.available(sku, locations) - i64::from(reserve(rate(sku).expected(lag), adaptive.risk))
        });
        Foresight {
            elsewhere: components.keys().map(rate).max().unwrap_or_default(),
            lag_ms: millis(lag),
            wanted: self.sellable(components, locations) - left,
            weighed: None,
        }
    }

    /// What to hold back for the least cost, of a number that gets so old. Each component is weighed as if it were sold alone.
    fn weigh(&self, of: Sight<'_>, costs: Costs, age: Age) -> Foresight {
        let weighed = of.components.iter().map(|(sku, units)| {
            let rates = self.rates(sku, of);
            let weighed = weigh(self.available(sku, of.locations), rates, age, costs);
            (weighed.shown.checked_div(i64::from(*units)).unwrap_or(0), rates.elsewhere, weighed)
        });
        let least = weighed.min_by_key(|(shown, ..)| *shown);
        let shown = least.map_or(0, |(shown, ..)| shown);
        Foresight {
            elsewhere: least.map(|(_, elsewhere, _)| elsewhere).unwrap_or_default(),
            lag_ms: millis(age.longest()),
            wanted: self.sellable(of.components, of.locations) - shown,
            weighed: least.map(|(.., weighed)| weighed),
        }
    }

    fn rates(&self, sku: &Sku, Sight { connection, locations, now, .. }: Sight<'_>) -> Rates {
        self.demand(sku).unwrap_or(&Demand::default()).rates(connection, self.of(sku, locations), now)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
