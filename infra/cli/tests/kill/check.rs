//! What must hold in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure};
use edin_demo::shop::goods::Good;
use edin_domain::order::{Order, OrderKey};
use edin_domain::stock::{Entry, Level};
use edin_domain::{ConnectionId, OrderId, Sku, Timestamp};
use edin_local::aws::engine::{remote_store, tables};
use edin_local::state::endpoints::Endpoints;
use edin_store::Store;
use simulators::{Event, Journal};

use crate::crowd::{Counted, Sold};
use crate::market::{KASPI, Market, OZON, WILDBERRIES};

/// Whatever comes about has come about by then: Ozon takes a number for the same good once in 30 s.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(300);
/// More records than a reader leaves behind itself.
const LEFT: i64 = 400;

/// The tables, against what really happened.
pub(crate) struct Books {
    market: Arc<Market>,
    store: Store,
    sold: Vec<Sold>,
    counted: Counted,
}

/// Waits until each shelf shows what there is in the beginning.
pub(crate) async fn until_opening_stock_is_shown(market: &Market) -> anyhow::Result<()> {
    until_empty("goods that aren't shown yet", async || {
        let missing = market.goods.iter().filter(|good| market.shown(good).contains(&None));
        Ok(missing.map(|good| good.sku.clone()).collect())
    })
    .await
}

impl Books {
    pub(crate) fn new(
        market: &Arc<Market>,
        endpoints: &Endpoints,
        sold: Vec<Sold>,
        counted: Counted,
    ) -> anyhow::Result<Self> {
        ensure!(!sold.is_empty(), "nothing was sold");
        Ok(Self { market: Arc::clone(market), store: remote_store(&endpoints.dynamodb), sold, counted })
    }

    /// Polling finds every order, and what became of it, whatever queue lost it.
    pub(crate) async fn until_every_sale_is_recorded(&self) -> anyhow::Result<()> {
        until_empty("sales that are recorded wrong", async || {
            let orders = self.orders().await?;
            Ok(self.sold.iter().filter_map(|sold| difference(sold, orders.get(&key(sold).ok()?))).collect())
        })
        .await
    }

    /// Every shelf shows what its locations have.
    pub(crate) async fn until_every_shelf_is_right(&self) -> anyhow::Result<()> {
        until_empty("shelves that show a wrong number", async || {
            let mut wrong = Vec::new();
            for good in &self.market.goods {
                let (expected, shown) = (self.sellable(good).await?.map(Some), self.market.shown(good));
                if shown.map(|units| units.map(i64::from)) != expected {
                    wrong.push(format!("{} shows {shown:?}, not {expected:?}", good.sku));
                }
            }
            Ok(wrong)
        })
        .await
    }

    /// The ledger leads from nothing to the levels as they are, step by step.
    pub(crate) async fn until_the_ledger_is_complete(&self) -> anyhow::Result<()> {
        until_empty("gaps in the ledger", async || {
            let mut gaps = Vec::new();
            for good in &self.market.goods {
                let sku = Sku::new(&good.sku)?;
                let rows = self.store.ledger(&sku).await?;
                for level in self.store.partition(&sku).await?.levels {
                    let its = rows.iter().filter(|(location, _)| *location == level.place.location);
                    gaps.extend(gap(its.map(|(_, row)| row), &level).map(|gap| format!("{:?}: {gap}", level.place)));
                }
            }
            Ok(gaps)
        })
        .await
    }

    /// Each level is what was counted, less what the orders took.
    pub(crate) async fn check_levels(&self) -> anyhow::Result<()> {
        let orders = self.orders().await?;
        for ((sku, location), counted) in &self.counted {
            let (open, left) = taken(&orders, sku, location);
            let levels = self.store.partition(&Sku::new(sku)?).await?.levels;
            let level = levels.iter().find(|level| level.place.location.as_str() == *location);
            let is = level.map(|level| (level.on_hand, level.reserved, level.available));
            let expected = (counted - left, open, counted - left - open);
            ensure!(
                is == Some(expected),
                "{sku} at {location}: on hand, reserved, available are {is:?}, not {expected:?}"
            );
        }
        Ok(())
    }

    /// No channel's rule was broken, but where nobody could have kept it.
    pub(crate) fn check_rules(&self, kills: &[Timestamp]) -> anyhow::Result<()> {
        for journal in [self.market.ozon.journal(), self.market.wildberries.journal(), self.market.kaspi.journal()] {
            let excused = |broken: &&Event| is_forgotten(broken, &journal, kills) || self.is_too_late(broken);
            let broken: Vec<&Event> = violations(&journal).filter(|broken| !excused(broken)).collect();
            ensure!(broken.is_empty(), "rules of a channel were broken: {broken:?}");
        }
        Ok(())
    }

    /// The file is whole, holds the orders that were made and no other, and its stream doesn't grow for ever.
    pub(crate) fn check_file(&self, state: &Path) -> anyhow::Result<()> {
        let file = rusqlite::Connection::open(state.join("edin.db"))?;
        let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        ensure!(verdict == "ok", "the file is damaged: {verdict}");
        let mut orders = file.prepare(&format!(r#"SELECT pk FROM "{}" WHERE sk = 'S:ORDER'"#, tables().stock))?;
        let there: BTreeSet<String> = orders.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let made = self.sold.iter().map(|sold| format!("S:ORDER#{}#{}", sold.connection, sold.id)).collect();
        ensure!(there == made, "these orders are not in both: {:?}", there.symmetric_difference(&made));
        let left: i64 = file.query_row("SELECT count(*) FROM _stream_records", [], |row| row.get(0))?;
        ensure!(left <= LEFT, "{left} records are left in the stream");
        Ok(())
    }

    /// A buyer called an order off, or the seller accepted and packed it in the cabinet, between our look at it and our
    /// acceptance. Kaspi refuses that and punishes nothing.
    fn is_too_late(&self, broken: &Event) -> bool {
        let Event::Violation { what, .. } = broken else { return false };
        let by_others = self.sold.iter().filter(|sold| sold.connection == KASPI && sold.has_moved());
        by_others
            .map(|sold| format!("POST /v2/orders: 400, the order {} is ", sold.id))
            .any(|late| what.starts_with(&late))
    }

    async fn orders(&self) -> anyhow::Result<BTreeMap<OrderKey, Order>> {
        let keys = self.sold.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        Ok(self.store.orders(keys).await?)
    }

    /// What can be sold in Almaty and Astana together, in Almaty (twice), and in Astana: a bundle as its scarcest part.
    async fn sellable(&self, good: &Good) -> anyhow::Result<[i64; 4]> {
        let itself = [(good.sku.clone(), 1)];
        let parts = if good.components.is_empty() { itself.as_slice() } else { good.components.as_slice() };
        let mut least = [i64::MAX; 4];
        for (sku, units) in parts {
            let levels = self.store.partition(&Sku::new(sku)?).await?.levels;
            let at = |location: &str| {
                let here = levels.iter().filter(|level| level.place.location.as_str() == location);
                here.map(|level| level.available).sum::<i64>()
            };
            let (almaty, astana) = (at("almaty"), at("astana"));
            let can = [almaty + astana, almaty, almaty, astana].map(|sum| sum.div_euclid(i64::from(*units)).max(0));
            least.iter_mut().zip(can).for_each(|(least, can)| *least = can.min(*least));
        }
        Ok(least)
    }
}

fn key(sold: &Sold) -> anyhow::Result<OrderKey> {
    Ok(OrderKey::new(ConnectionId::new(sold.connection)?, OrderId::new(&sold.id)?))
}

/// How the table differs from what became of a sale, if it does.
fn difference(sold: &Sold, order: Option<&Order>) -> Option<String> {
    let Some(order) = order else { return Some(format!("{}/{} is not there", sold.connection, sold.id)) };
    let differs = |sku: &str| {
        let lines =
            order.state.lines.iter().filter(|(id, _)| order.mapped.get(*id).is_some_and(|it| it.sku.as_str() == sku));
        let counted = lines.map(|(_, line)| order.state.counted(line));
        let told =
            counted.fold((0, 0), |(open, left), line| (open + line.reserved(), left + line.shipped - line.returned));
        let really = sold.lines.get(sku)?;
        let expected = (really.ordered - really.cancelled - really.shipped, really.shipped - really.returned);
        (told != expected)
            .then(|| format!("{}/{} {sku}: open and gone are {told:?}, not {expected:?}", sold.connection, sold.id))
    };
    sold.lines.keys().find_map(|sku| differs(sku))
}

/// Units that orders have open at a place, and those that they took from it for good.
fn taken(orders: &BTreeMap<OrderKey, Order>, sku: &str, location: &str) -> (i64, i64) {
    let lines = orders.values().flat_map(|order| order.state.lines.iter().map(move |(id, line)| (order, id, line)));
    lines.fold((0, 0), |(open, left), (order, id, line)| {
        let takes = order.mapped.get(id).into_iter().flat_map(|mapped| &mapped.takes);
        let here = takes.filter(|take| take.sku.as_str() == sku && take.location.as_str() == location);
        let each: i64 = here.map(|take| i64::from(take.quantity)).sum();
        let counted = order.state.counted(line);
        (
            open + each * i64::from(counted.reserved()),
            left + each * (i64::from(counted.shipped) - i64::from(counted.returned)),
        )
    })
}

/// Where rows don't lead to a level: versions without a gap, each beginning where the one before ended, each the sum of its parts.
fn gap<'a>(rows: impl Iterator<Item = &'a Entry>, level: &Level) -> Option<String> {
    let mut before = (0, 0, 0);
    for row in rows {
        let moved = row.changes.iter().fold((0, 0), |sum, part| (sum.0 + part.on_hand, sum.1 + part.reserved));
        let parts = (row.on_hand.1 - row.on_hand.0, row.reserved.1 - row.reserved.0);
        if (row.version, row.on_hand.0, row.reserved.0) != (before.0 + 1, before.1, before.2) || moved != parts {
            return Some(format!("version {} after {before:?}", row.version));
        }
        before = (row.version, row.on_hand.1, row.reserved.1);
    }
    let now = (level.version, level.on_hand, level.reserved);
    (before != now).then(|| format!("it ends at {before:?}, and the level is at {now:?}"))
}

fn violations(journal: &Journal) -> impl Iterator<Item = &Event> {
    journal.events.iter().filter(|event| matches!(event, Event::Violation { .. }))
}

/// How long after a kill a call may still arrive that was made before.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// Ozon takes a number for the same good once in 30 s. A process that was killed after Ozon had taken one, and before that was
/// noted, left nothing behind by which the next one could know: it tells the number once more, is refused, and waits.
fn is_forgotten(broken: &Event, journal: &Journal, kills: &[Timestamp]) -> bool {
    let Event::Violation { at, what } = broken else { return false };
    let told = journal.events.iter().filter_map(|event| match event {
        Event::Told { at: told, warehouse, good, .. }
            if what.ends_with(&format!(": {good} at {warehouse} twice within 30 s")) =>
        {
            Some(told)
        }
        _ => None,
    });
    let last = told.filter(|told| *told <= at).max();
    last.is_some_and(|told| kills.iter().any(|kill| *told <= kill.plus(ON_ITS_WAY) && kill <= at))
}

async fn until_empty<T: Debug>(what: &str, actual: impl AsyncFn() -> anyhow::Result<Vec<T>>) -> anyhow::Result<()> {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let found = actual().await?;
        if found.is_empty() {
            return Ok(());
        }
        if tokio::time::Instant::now() > end {
            bail!("{what}, after {PATIENCE:?}: {found:#?}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl fmt::Display for Books {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |connection: &str| self.sold.iter().filter(|sold| sold.connection == connection).count();
        let (all, ozon, wildberries, kaspi) = (self.sold.len(), of(OZON), of(WILDBERRIES), of(KASPI));
        let again = violations(&self.market.ozon.journal()).count();
        write!(
            formatter,
            "{all} orders, each in the table once and right: {ozon} at Ozon, {wildberries} at Wildberries, {kaspi} at Kaspi; \
             Ozon was told a number too soon {again} times, each time after a kill"
        )
    }
}
