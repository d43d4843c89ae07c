//! A seller's hours by the times alone: when a sale is heard of, and when a channel takes a number. What is shown is worked out
//! by the same rules as everywhere.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use edin_domain::Timestamp;

use super::demand::Market;
use super::method::Method;
use super::{Tally, oracle};
use crate::plan::{Action, Place};
use goods::Good;

mod goods;

/// 2 March 2026, 06:00 UTC.
const OPENING: Timestamp = Timestamp::from_millis(1_772_431_200_000);
/// Channels are told of the opening stock this long before the first buyer comes.
const BEFORE: Duration = Duration::from_secs(1_800);
const SECOND: Duration = Duration::from_secs(1);
/// How often Wildberries and Kaspi are asked for orders.
const ASKED: Duration = Duration::from_secs(15);
/// How often Ozon takes a number of a good.
const OZONS_INTERVAL: Duration = Duration::from_secs(30);
const RECONCILED: Duration = Duration::from_secs(900);

/// What happens, at one moment in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// Somebody does something: by its place in the plan.
    Acts(usize),
    /// A sale is heard of.
    Heard(Shop, usize),
    /// A channel takes a number.
    Takes(Shop, usize),
    /// Kaspi asks for its price list.
    Asks,
    /// All numbers are looked at again.
    Looks,
}

/// A channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shop {
    Ozon,
    Wildberries,
    Kaspi,
}

/// What the events change.
struct Hours {
    method: Method,
    goods: Vec<Good>,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    tally: Tally,
}

/// Runs one seller's hours.
pub(super) fn run(market: Market, seed: u64, method: Method) -> anyhow::Result<Tally> {
    let plan = market.plan(seed);
    let beginning = OPENING.plus(BEFORE);
    let rates = market.rates();
    let known = |good: usize| match (method, rates.get(good)) {
        (Method::Knowing(_), Some(rates)) => oracle::demand(*rates).map(Some),
        _ => Ok(None),
    };
    let open = |(good, (units, _)): (usize, &(u32, u32))| Good::open(*units, known(good)?, OPENING);
    let goods = plan.stocks.iter().enumerate().map(open).collect::<anyhow::Result<Vec<_>>>()?;
    let mut hours = Hours { method, goods, events: BinaryHeap::new(), tally: Tally::default() };
    let lasts = plan.actions.last().map_or(BEFORE, |(at, _)| BEFORE + *at);
    hours.every(plan.pulls, Event::Asks, lasts);
    let looks = if let Method::Timer(every) = method { every } else { RECONCILED };
    hours.every(looks, Event::Looks, lasts);
    let acts =
        plan.actions.iter().enumerate().map(|(number, (at, _))| Reverse((beginning.plus(*at), Event::Acts(number))));
    hours.events.extend(acts);
    while let Some(Reverse((now, event))) = hours.events.pop() {
        match event {
            Event::Acts(number) => plan.actions.get(number).into_iter().for_each(|(_, action)| hours.act(action, now)),
            Event::Heard(shop, good) => hours.hears(shop, good, now),
            Event::Takes(shop, good) => hours.takes(shop, good, now),
            Event::Asks => (0..hours.goods.len()).for_each(|good| hours.takes(Shop::Kaspi, good, now)),
            Event::Looks => (0..hours.goods.len()).for_each(|good| hours.looks(good, now)),
        }
    }
    Ok(hours.tally)
}

impl Hours {
    fn every(&mut self, every: Duration, event: Event, lasts: Duration) {
        let moments = (0_u32..).map(|round| every * round).take_while(|at| *at <= lasts);
        self.events.extend(moments.map(|at| Reverse((OPENING.plus(at), event))));
    }

    fn act(&mut self, action: &Action, now: Timestamp) {
        match action {
            Action::Buy(place, basket) => basket.iter().for_each(|(good, _)| self.sells(Shop::at(*place), *good, now)),
            Action::Count(good, by) => {
                self.goods.get_mut(*good).into_iter().for_each(|it| it.counts(*by, now));
                self.news(*good, now);
            }
            _ => {}
        }
    }

    fn sells(&mut self, shop: Shop, good: usize, now: Timestamp) {
        let Some(it) = self.goods.get_mut(good) else { return };
        if !it.buys(shop) {
            self.tally.turned_away += u32::from(it.there > 0);
            return;
        }
        self.tally.orders += 1;
        self.tally.oversold += u32::from(it.there < 0);
        self.events.push(Reverse((self.heard_at(shop, now), Event::Heard(shop, good))));
    }

    /// Ozon tells of orders by itself; the others are asked. A connector on a timer asks all of them, when it is time.
    fn heard_at(&self, shop: Shop, now: Timestamp) -> Timestamp {
        let next = |every: Duration| {
            let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
            Timestamp::from_millis((now.millis() / every + 1) * every)
        };
        match (self.method, shop) {
            (Method::Timer(every), _) => next(every),
            (_, Shop::Ozon) => now.plus(SECOND),
            (_, Shop::Wildberries | Shop::Kaspi) => next(ASKED).plus(SECOND),
        }
    }

    fn hears(&mut self, shop: Shop, good: usize, now: Timestamp) {
        self.goods.get_mut(good).into_iter().for_each(|it| it.hears(shop, now));
        self.news(good, now);
    }

    /// Channels are told as soon as they may be, if something has changed for them; by a timer, when it is time.
    fn news(&mut self, good: usize, now: Timestamp) {
        if !matches!(self.method, Method::Timer(_)) {
            self.looks(good, now);
        }
    }

    fn looks(&mut self, good: usize, now: Timestamp) {
        let Some(it) = self.goods.get_mut(good) else { return };
        for shop in [Shop::Ozon, Shop::Wildberries] {
            let may = it
                .shelf(shop)
                .told_at
                .map_or(now, |told| told.plus(if shop == Shop::Ozon { OZONS_INTERVAL } else { SECOND }));
            if it.is_due(shop, self.method, now) {
                it.shelf(shop).is_asked = true;
                self.events.push(Reverse((may.max(now.plus(SECOND)), Event::Takes(shop, good))));
            }
        }
    }

    fn takes(&mut self, shop: Shop, good: usize, now: Timestamp) {
        let Some(it) = self.goods.get_mut(good) else { return };
        it.takes(shop, self.method, now);
        self.tally.told += u32::from(shop != Shop::Kaspi);
    }
}

impl Shop {
    const fn at(place: Place) -> Self {
        match place {
            Place::Ozon => Self::Ozon,
            Place::Wildberries => Self::Wildberries,
            // The demand that is compared here has three shops.
            Place::Kaspi(_) | Place::Another(_) => Self::Kaspi,
        }
    }
}
