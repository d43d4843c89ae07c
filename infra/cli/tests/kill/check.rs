//! What must hold in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use edin_domain::order::{Order, OrderKey};
use edin_domain::{ConnectionId, OrderId, Sku, Timestamp};
use edin_local::aws::engine::{remote_store, tables};
use edin_local::state::endpoints::Endpoints;
use edin_store::Store;
use judge::Broken;
use judge::rules::Excuse;
use judge::shelf::There;
use simulators::Good;
use tokio::time::Instant;

use crate::crowd::{Counted, Sold};
use crate::market::Market;

/// Something has changed by then: Ozon takes a number for the same good once in 30 s.
const PATIENCE: Duration = Duration::from_secs(90);
/// Nothing goes on changing for so long.
const LONGEST: Duration = Duration::from_secs(1_200);
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
        let is_missing =
            |good: &&Good| market.stage.shelves().any(|(stand, here)| stand.shown(good, &here.name).is_none());
        let missing = market.goods.iter().filter(is_missing);
        Ok(missing.map(|good| good.sku.clone()).collect())
    })
    .await
}

/// How much was taken in: rows of the ledger.
pub(crate) async fn rows(store: &Store, market: &Market) -> anyhow::Result<usize> {
    let mut rows = 0;
    for good in &market.goods {
        rows += store.ledger(&Sku::new(&good.sku)?).await?.len();
    }
    Ok(rows)
}

/// Waits until so much was taken in.
pub(crate) async fn until_rows(store: &Store, market: &Market, wanted: usize) -> anyhow::Result<()> {
    until_empty("rows of the ledger that are missing", async || {
        let lacking = wanted.saturating_sub(rows(store, market).await?);
        Ok(Some(lacking).filter(|lacking| *lacking > 0).into_iter().collect())
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
            let of = |sold: &Sold| {
                let order = key(sold).ok().and_then(|key| orders.get(&key));
                judge::order::broken(&sold.name(), &sold.lines, order)
            };
            Ok(self.sold.iter().flat_map(of).collect())
        })
        .await
    }

    /// Every shelf shows what its locations have.
    pub(crate) async fn until_every_shelf_is_right(&self) -> anyhow::Result<()> {
        until_empty("shelves that show a wrong number", async || {
            let mut wrong = Broken::new();
            for good in &self.market.goods {
                let there = There::of(good, &self.store).await?;
                wrong.extend(self.market.stage.shelves().filter_map(|(stand, here)| {
                    let shown = stand.shown(good, &here.name);
                    judge::shelf::broken(&here.name, &good.sku, shown, there.at(here.locations))
                }));
            }
            Ok(wrong)
        })
        .await
    }

    /// The ledger leads from nothing to the levels as they are, step by step.
    pub(crate) async fn until_the_ledger_is_complete(&self) -> anyhow::Result<()> {
        until_empty("gaps in the ledger", async || {
            let mut gaps = Broken::new();
            for good in &self.market.goods {
                gaps.extend(judge::ledger::gaps(&self.store, &Sku::new(&good.sku)?).await?);
            }
            Ok(gaps)
        })
        .await
    }

    /// Each level is what was counted, less what the orders took.
    pub(crate) async fn check_levels(&self) -> anyhow::Result<()> {
        let orders = self.orders().await?;
        for good in &self.market.goods {
            let counted = self.counted.iter().filter(|((sku, _), _)| *sku == good.sku);
            let counted: Vec<(&str, i64)> = counted.map(|((_, location), units)| (*location, *units)).collect();
            let levels = self.store.partition(&Sku::new(&good.sku)?).await?.levels;
            let broken = judge::level::broken(&good.sku, &levels, &counted, orders.values());
            ensure!(broken.is_empty(), "levels don't add up: {broken:#?}");
        }
        Ok(())
    }

    /// No channel's rule was broken, but where nobody could have kept it.
    pub(crate) fn check_rules(&self, kills: &[Timestamp]) -> anyhow::Result<()> {
        let moved = self.sold.iter().filter(|sold| sold.has_moved()).map(|sold| sold.id.clone());
        let excuses = [Excuse::Killed(kills.to_vec()), Excuse::DoneByAPerson(moved.collect())];
        for stand in self.market.stage.stands() {
            let broken = judge::rules::broken(&stand.journal(), &excuses);
            ensure!(broken.is_empty(), "rules of a channel were broken: {broken:#?}");
        }
        Ok(())
    }

    /// The stream doesn't grow for ever: what has been read of it is cut off.
    pub(crate) async fn until_the_stream_is_short(&self, state: &Path) -> anyhow::Result<()> {
        let file = rusqlite::Connection::open(state.join("edin.db"))?;
        until_empty("records that are left in the stream", async || {
            let left: i64 = file.query_row("SELECT count(*) FROM _stream_records", [], |row| row.get(0))?;
            Ok(Some(left).filter(|left| *left > LEFT).into_iter().collect())
        })
        .await
    }

    /// The file is whole, and holds the orders that were made and no other.
    pub(crate) fn check_file(&self, state: &Path) -> anyhow::Result<()> {
        let file = rusqlite::Connection::open(state.join("edin.db"))?;
        let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        ensure!(verdict == "ok", "the file is damaged: {verdict}");
        let mut orders = file.prepare(&format!(r#"SELECT pk FROM "{}" WHERE sk = 'S:ORDER'"#, tables().stock))?;
        let there: BTreeSet<String> = orders.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let made = self.sold.iter().map(|sold| format!("S:ORDER#{}#{}", sold.connection, sold.id)).collect();
        let broken = judge::order::strangers(&there, &made);
        ensure!(broken.is_empty(), "the orders are not those that were made: {broken:#?}");
        Ok(())
    }

    async fn orders(&self) -> anyhow::Result<BTreeMap<OrderKey, Order>> {
        let keys = self.sold.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        Ok(self.store.orders(keys).await?)
    }
}

fn key(sold: &Sold) -> anyhow::Result<OrderKey> {
    Ok(OrderKey::new(ConnectionId::new(sold.connection)?, OrderId::new(&sold.id)?))
}

/// Waits until nothing is found any more, as long as what is found changes: on a busy machine that takes its time.
pub(crate) async fn until_empty<T: Debug>(
    what: &str,
    actual: impl AsyncFn() -> anyhow::Result<Vec<T>>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let (mut last, mut changed_at) = (String::new(), began);
    loop {
        let found = actual().await?;
        if found.is_empty() {
            return Ok(());
        }
        let now = format!("{found:#?}");
        if now != last {
            (last, changed_at) = (now, Instant::now());
        }
        ensure!(changed_at.elapsed() < PATIENCE, "{what}, and nothing has changed for {PATIENCE:?}: {last}");
        ensure!(began.elapsed() < LONGEST, "{what}, after {LONGEST:?}: {last}");
        tokio::time::sleep(PAUSE).await;
    }
}

impl fmt::Display for Books {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} orders, each in the table once and right:", self.sold.len())?;
        for stand in self.market.stage.stands() {
            let connection = stand.enrolment().connection;
            let orders = self.sold.iter().filter(|sold| sold.connection == connection).count();
            write!(formatter, " {orders} at {connection},")?;
        }
        let excused = self.market.stage.violations().len();
        write!(formatter, " and {excused} rules of the channels were broken that nobody could have kept")
    }
}
