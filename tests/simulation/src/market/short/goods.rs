//! A good: what there is of it, what Edin knows of it, and what each channel shows.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::demand::{Demand, Pace};
use edin_domain::listing::{Policy, Standing};
use edin_domain::offer::{Sight, Stock};
use edin_domain::shown::Shown;
use edin_domain::stock::{Change, Level, Place};
use edin_domain::{Cause, ConnectionId, LocationId, Sku, Timestamp};

use super::super::method::Method;
use super::Shop;
use crate::goods::{KASPI, OZON, WILDBERRIES};

pub(super) struct Good {
    /// Units that there really are.
    pub(super) there: i64,
    level: Level,
    /// What was sold of it, as Edin knows.
    demand: Demand,
    stock: Stock,
    components: BTreeMap<Sku, u32>,
    locations: [LocationId; 1],
    ozon: Shelf,
    wildberries: Shelf,
    kaspi: Shelf,
}

/// What a channel shows of a good.
pub(super) struct Shelf {
    connection: ConnectionId,
    pace: Pace,
    /// Units on sale.
    shown: u32,
    /// Units that it sold and that nobody has heard of.
    unheard: u32,
    pub(super) told_at: Option<Timestamp>,
    /// The version of the stock behind its number.
    told_of: u64,
    /// Whether it is to take a number as soon as it may.
    pub(super) is_asked: bool,
    /// How long it took lately until it had a number.
    lags: Shown,
}

impl Good {
    /// Counted just now; channels show nothing yet. What is known of its demand, if that is known beforehand.
    pub(super) fn open(units: u32, known: Option<Demand>, now: Timestamp) -> anyhow::Result<Self> {
        let (sku, location) = (Sku::new("GOOD")?, LocationId::new("almaty")?);
        let shelf = |connection, interval: Option<u64>, storefront| {
            let interval: Option<Duration> = interval.map(Duration::from_secs);
            let [heard, storefront] = [20, storefront].map(Duration::from_secs);
            anyhow::Ok(Shelf {
                connection: ConnectionId::new(connection)?,
                pace: Pace { heard, interval, storefront },
                shown: 0,
                unheard: 0,
                told_at: None,
                told_of: 0,
                is_asked: false,
                lags: Shown::default(),
            })
        };
        let level = Level {
            place: Place { sku: sku.clone(), location: location.clone() },
            on_hand: units.into(),
            reserved: 0,
            available: units.into(),
            version: 1,
            cause: Cause::new("count")?,
            changed_at: now,
            opened_at: now,
            changes: Vec::new(),
            own: BTreeMap::new(),
        };
        let mut good = Self {
            there: units.into(),
            level,
            demand: known.unwrap_or_default(),
            stock: Stock::default(),
            components: [(sku, 1)].into(),
            locations: [location],
            ozon: shelf(OZON, Some(30), 1)?,
            wildberries: shelf(WILDBERRIES, Some(0), 1)?,
            kaspi: shelf(KASPI, None, 3_600)?,
        };
        good.learns();
        Ok(good)
    }

    pub(super) fn shelf(&mut self, shop: Shop) -> &mut Shelf {
        match shop {
            Shop::Ozon => &mut self.ozon,
            Shop::Wildberries => &mut self.wildberries,
            Shop::Kaspi => &mut self.kaspi,
        }
    }

    /// Somebody buys one, if it is shown.
    pub(super) fn buys(&mut self, shop: Shop) -> bool {
        let shelf = self.shelf(shop);
        let Some(left) = shelf.shown.checked_sub(1) else { return false };
        (shelf.shown, shelf.unheard) = (left, shelf.unheard + 1);
        self.there -= 1;
        true
    }

    /// Somebody counts, and finds more.
    pub(super) fn counts(&mut self, more: i64, now: Timestamp) {
        self.there += more;
        self.changes(Change { order: "count".to_owned(), on_hand: more, reserved: 0 }, now);
    }

    /// A sale is heard of.
    pub(super) fn hears(&mut self, shop: Shop, now: Timestamp) {
        let shelf = self.shelf(shop);
        shelf.unheard -= 1;
        let order = format!("{}/1", shelf.connection);
        self.changes(Change { order, on_hand: 0, reserved: 1 }, now);
    }

    fn changes(&mut self, change: Change, now: Timestamp) {
        let level = &mut self.level;
        level.on_hand += change.on_hand;
        level.reserved += change.reserved;
        level.available = level.on_hand - level.reserved;
        level.version += 1;
        level.changed_at = now;
        level.changes = vec![change];
        if let Some(demand) = self.demand.with([&self.level]) {
            self.demand = demand;
        }
        self.learns();
    }

    fn learns(&mut self) {
        let sku = self.level.place.sku.clone();
        self.stock.extend([self.level.clone()]);
        self.stock.extend([(sku, self.demand.clone())]);
    }

    /// Whether a channel that is told should be told something else than it shows.
    pub(super) fn is_due(&mut self, shop: Shop, method: Method, now: Timestamp) -> bool {
        let offered = self.offered(shop, method, now);
        let shelf = self.shelf(shop);
        !shelf.is_asked && (shelf.told_at.is_none() || offered != shelf.shown + shelf.unheard)
    }

    /// A channel takes the number that it should show. What it sold meanwhile, it has taken off itself.
    pub(super) fn takes(&mut self, shop: Shop, method: Method, now: Timestamp) {
        let offered = self.offered(shop, method, now);
        let (version, changed_at) = (self.level.version, self.level.changed_at);
        let shelf = self.shelf(shop);
        if shelf.told_at.is_some() && shelf.told_of != version {
            shelf.lags.lag_ms = shelf.lags.lag_with(u64::try_from(now.since(changed_at).as_millis()).ok());
        }
        shelf.shown = offered.saturating_sub(shelf.unheard);
        (shelf.told_at, shelf.told_of, shelf.is_asked) = (Some(now), version, false);
    }

    fn offered(&mut self, shop: Shop, method: Method, now: Timestamp) -> u32 {
        let shelf = match shop {
            Shop::Ozon => &self.ozon,
            Shop::Wildberries => &self.wildberries,
            Shop::Kaspi => &self.kaspi,
        };
        let sight =
            Sight { components: &self.components, connection: &shelf.connection, locations: &self.locations, now };
        let measured = shelf.lags.lag_ms.map(Duration::from_millis);
        let buffer = method.buffer(shelf.connection.as_str());
        let foresight = self.stock.foresight(sight, buffer, shelf.pace, measured);
        let wanted = foresight.map_or(0, |foresight| foresight.wanted);
        let policy = Policy { buffer, ..Policy::default() };
        policy.offer(Standing::Selling, self.level.available, wanted).quantity
    }
}
