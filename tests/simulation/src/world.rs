//! A seller with everything around them, and what really happened to them: the side that Edin is judged by.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Context as _;
use edin_domain::document::{Document, DocumentKind, DocumentLine};
use edin_domain::listing::{Listing, ListingKey};
use edin_domain::{Cause, ConnectionId, LocationId, Sku, Timestamp, WarehouseId};
use edin_platform::Clock as _;
use edin_store::catalogue::Batch;
use edin_store::commit::Stamp;
use simulators::{Opened, Sale, SoldOut, Warehouse, wildberries};

use crate::aws::Aws;
use crate::channels::Channels;
use crate::clock::SimulatedClock;
use crate::doors::Doors;
use crate::goods::{Good, KASPI, OZON, OZON_SHELF, STORES, WILDBERRIES, WILDBERRIES_SHELF};
use crate::plan::{Action, Place};
use crate::sold::{Sold, Units};
use crate::step::{self, Step};
use crate::trace::Trace;
use crate::witness::Witness;

/// The world outside Edin.
pub struct World {
    /// The channels.
    pub channels: Channels,
    /// What is sold.
    pub goods: Vec<Good>,
    /// Who sees what is sold.
    pub witness: Witness,
    /// What was counted last in Almaty and in Astana, by SKU: the opening and what was found since.
    pub counted: BTreeMap<(String, &'static str), i64>,
    /// Listings that the seller ended, by connection, warehouse and SKU.
    pub ended: BTreeSet<(&'static str, String, String)>,
    /// The seller's own doors, if there are any.
    pub doors: Option<Doors>,
    /// How many came to them.
    visits: usize,
    /// How often something was to be bought and wasn't shown.
    pub missed: u64,
    /// How many stock documents were written.
    documents: u64,
    clock: SimulatedClock,
    trace: Trace,
}

const ALMATY: &str = "almaty";
const ASTANA: &str = "astana";

impl World {
    /// Before the first sale.
    #[must_use]
    pub fn new(channels: Channels, goods: Vec<Good>, clock: SimulatedClock, trace: Trace, witness: Witness) -> Self {
        let stocks = goods.iter().filter_map(|good| Some((good.sku.clone(), good.stock?)));
        let counted = stocks.flat_map(|(sku, (almaty, astana))| {
            [((sku.clone(), ALMATY), i64::from(almaty)), ((sku, ASTANA), i64::from(astana))]
        });
        let (counted, ended) = (counted.collect(), BTreeSet::new());
        let (doors, visits, missed, documents) = (None, 0, 0, 0);
        Self { channels, counted, ended, doors, visits, goods, witness, missed, documents, clock, trace }
    }

    /// Does something.
    ///
    /// # Errors
    /// If a count or an end can't be written.
    pub async fn act(&mut self, action: &Action, aws: &Aws) -> anyhow::Result<()> {
        self.trace.note("world", action);
        match action {
            Action::Buy(place, basket) => self.buy(*place, basket).await,
            Action::Advance(order) => self.with(*order, Step::Advance).await,
            Action::Cancel(order) => self.with(*order, Step::Cancel).await,
            Action::CancelUnit(order) => self.with(*order, Step::CancelUnit).await,
            Action::GiveBack(order) => self.with(*order, Step::GiveBack).await,
            Action::Edit(place, good, units) => self.edit(*place, *good, *units),
            Action::Count(good, by) => return self.count(*good, *by, aws).await,
            Action::Break(place) => self.set_down(*place, true),
            Action::Mend(place) => self.set_down(*place, false),
            Action::CountLate(is_late) => self.count_late(*is_late),
            Action::End(place, good) => return self.end(*place, *good, aws).await,
            Action::Poison(queue) => poison(aws, queue, self.clock.now()),
            Action::Visit(visit) => {
                self.visits += 1;
                let goods: Vec<String> = self.goods.iter().map(|good| good.sku.clone()).collect();
                self.doors.iter().for_each(|doors| doors.visit(visit, self.visits, &goods));
            }
        }
        Ok(())
    }

    async fn buy(&mut self, place: Place, basket: &[(usize, u32)]) {
        let goods: Vec<(Good, u32)> =
            basket.iter().filter_map(|(good, units)| Some((self.goods.get(*good)?.clone(), *units))).collect();
        let items: Vec<(&str, u32)> = goods.iter().map(|(good, units)| (good.sku.as_str(), *units)).collect();
        let (connection, sale) = match place {
            Place::Ozon => (OZON, self.channels.ozon.buy_basket(&items, OZON_SHELF).await),
            Place::Kaspi(store) => (KASPI, self.at_kaspi(store, &items)),
            Place::Wildberries => {
                let first = goods.first().map(|(good, _)| wildberries::chrt_id(good)).unwrap_or_default();
                (WILDBERRIES, self.channels.wildberries.buy(first, WILDBERRIES_SHELF))
            }
            Place::Another(index) => match self.channels.another(index) {
                Some((stand, warehouse)) => (stand.enrolment().connection, at_shelf(stand, &warehouse, &goods).await),
                None => return,
            },
        };
        let Ok(Sale { order, at }) = sale else {
            self.missed += 1;
            return;
        };
        let has_baskets = self.channels.stage.of(connection).is_some_and(|stand| stand.baskets().is_ok());
        let bought = match has_baskets {
            false => goods.first().map(|(good, _)| (good.sku.clone(), 1)).into_iter().collect(),
            true => goods.into_iter().map(|(good, units)| (good.sku, units)).collect::<Vec<_>>(),
        };
        self.trace.note("world", format_args!("sold {connection}/{order}: {bought:?}"));
        let lines =
            bought.into_iter().map(|(sku, units)| (sku, Units { ordered: units, ..Units::default() })).collect();
        self.witness.bought(Sold { connection, id: order, at, lines, step: 0, is_off: false });
    }

    fn at_kaspi(&self, store: usize, items: &[(&str, u32)]) -> Result<Sale, SoldOut> {
        self.channels.kaspi.buy_basket(items, STORES.get(store).copied().unwrap_or_default())
    }

    async fn with(&mut self, order: usize, step: Step) {
        let mut all = self.witness.sold();
        let Some(index) = order.checked_rem(all.len()) else { return };
        let mut sold = all.swap_remove(index);
        step::take(&self.channels, &self.goods, &mut sold, step).await;
        self.trace.note(
            "world",
            format_args!("{step:?} {}/{} → step {} off {}", sold.connection, sold.id, sold.step, sold.is_off),
        );
        self.witness.changed(index, sold);
    }

    fn edit(&self, place: Place, good: usize, units: u32) {
        let Some(good) = self.goods.get(good) else { return };
        let Some((connection, warehouse)) = self.listed_at(place) else { return };
        if self.ended.contains(&(connection, warehouse, good.sku.clone())) {
            return;
        }
        match place {
            Place::Ozon => self.channels.ozon.edit(&good.sku, OZON_SHELF, units),
            Place::Wildberries => self.channels.wildberries.edit(wildberries::chrt_id(good), WILDBERRIES_SHELF, units),
            Place::Kaspi(_) | Place::Another(_) => {}
        }
    }

    /// The connection and the warehouse of a place.
    fn listed_at(&self, place: Place) -> Option<(&'static str, String)> {
        Some(match place {
            Place::Ozon => (OZON, OZON_SHELF.to_string()),
            Place::Wildberries => (WILDBERRIES, WILDBERRIES_SHELF.to_string()),
            Place::Kaspi(store) => (KASPI, (*STORES.get(store)?).to_owned()),
            Place::Another(index) => {
                let (stand, warehouse) = self.channels.another(index)?;
                (stand.enrolment().connection, warehouse.name)
            }
        })
    }

    /// The seller ends a listing, for sure.
    async fn end(&mut self, place: Place, good: usize, aws: &Aws) -> anyhow::Result<()> {
        let Some(good) = self.goods.get(good) else { return Ok(()) };
        let Some((connection, warehouse)) = self.listed_at(place) else { return Ok(()) };
        let key = ListingKey {
            connection: ConnectionId::new(connection)?,
            warehouse: WarehouseId::new(&warehouse)?,
            sku: Sku::new(&good.sku)?,
        };
        let now = self.clock.now();
        let ended = |known: Option<Listing>| {
            let listing = known.with_context(|| format!("{} isn't listed at {connection}", key.sku))?;
            anyhow::Ok(Listing { ended_at: Some(now), ..listing })
        };
        aws.store().edit_listing(&Batch::default(), &key, ended).await?;
        self.ended.insert((connection, warehouse, good.sku.clone()));
        Ok(())
    }

    /// Somebody counts, and says so at once and for sure: people try again until it is written.
    async fn count(&mut self, good: usize, by: i64, aws: &Aws) -> anyhow::Result<()> {
        let Some(good) = self.goods.get(good).filter(|good| good.stock.is_some()) else { return Ok(()) };
        let counted = self.counted.entry((good.sku.clone(), ALMATY)).or_default();
        *counted += by;
        let (sku, location) = (Sku::new(&good.sku)?, LocationId::new(ALMATY)?);
        self.documents += 1;
        let document = Document {
            number: self.documents.to_string(),
            kind: DocumentKind::Correction,
            author: "world".to_owned(),
            reason: None,
            at: self.clock.now(),
            lines: vec![DocumentLine { sku, location, to: None, units: by }],
        };
        let stamp = Stamp { cause: Cause::new("count")?, at: self.clock.now() };
        aws.store().post(&document, &stamp).await?;
        Ok(())
    }

    fn set_down(&self, place: Place, is_down: bool) {
        let stand = self.listed_at(place).and_then(|(connection, _)| self.channels.stage.of(connection));
        stand.into_iter().for_each(|stand| stand.faults(&mut |faults| faults.down = is_down));
    }

    /// Mends whatever is down.
    pub fn mend(&self) {
        self.channels.stage.faults(|faults| faults.down = false);
        self.count_late(false);
    }

    fn count_late(&self, is_late: bool) {
        let wildberries = &self.channels.wildberries;
        wildberries.faults(|faults| faults.counts_late = is_late);
        if !is_late {
            wildberries.catch_up();
        }
    }

    /// Whether so many of a simple good are really there, by all that was sold anywhere.
    #[must_use]
    pub fn is_there(&self, good: usize, units: u32) -> bool {
        let Some(good) = self.goods.get(good) else { return false };
        let counted: i64 = self.counted.iter().filter(|((sku, _), _)| *sku == good.sku).map(|(_, units)| units).sum();
        let sold = self.witness.sold();
        let taken = sold.iter().filter_map(|sold| sold.lines.get(&good.sku)).map(|line| {
            i64::from(line.ordered) - i64::from(line.cancelled.min(line.ordered)) - i64::from(line.returned)
        });
        counted - taken.sum::<i64>() >= i64::from(units)
    }
}

/// Waits until Kaspi has pulled its list again and again.
pub async fn pull(channels: Channels, every: Duration, trace: Trace) {
    loop {
        let pulled = channels.kaspi.pull().await;
        trace.note("kaspi", format_args!("pulled {pulled:?}"));
        tokio::time::sleep(every).await;
    }
}

/// A basket, or where there are none one unit of its first good.
async fn at_shelf(stand: &Opened, warehouse: &Warehouse, goods: &[(Good, u32)]) -> Result<Sale, SoldOut> {
    let basket: Vec<(&Good, u32)> = goods.iter().map(|(good, units)| (good, *units)).collect();
    match (stand.baskets(), basket.first()) {
        (Ok(baskets), _) => baskets.buy(&basket, &warehouse.name).await,
        (Err(_), Some((good, _))) => stand.buy(good, &warehouse.name).await,
        (Err(_), None) => Err(SoldOut),
    }
}

/// The text by which what was made unreadable on purpose is known.
pub const POISON: &str = "poison";

fn poison(aws: &Aws, queue: &str, now: Timestamp) {
    let body = format!("{{\"{POISON}\": \"{}\"", now.millis());
    let group = queue.ends_with(".fifo").then_some("ozon-main/stock");
    aws.queues.put(queue, &body, group, now);
    aws.written.notify_waiters();
}
