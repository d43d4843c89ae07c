//! What holds at the end of every test.

use std::sync::PoisonError;

use anyhow::ensure;
use edin_domain::drift::Reason;
use edin_domain::order::OrderKey;
use edin_domain::shown::Decision;
use edin_domain::{ConnectionId, OrderId, Sku};
use judge::Broken;
use judge::shelf::There;

use crate::wait::is_held;
use crate::{SOON, World, until};

impl World {
    /// Ends a test: every channel was told what it can be told by now, nothing is unexplained, nothing is lost.
    ///
    /// # Errors
    /// What isn't so.
    pub async fn close(self) -> anyhow::Result<()> {
        self.until_told().await?;
        self.check_drift().await?;
        self.check_books().await
    }

    /// What holds whatever the channels were made to do: every sale is recorded, the ledger is complete, the levels add up,
    /// no channel's rule was broken, no message was given up.
    ///
    /// # Errors
    /// What isn't so.
    pub async fn check_books(&self) -> anyhow::Result<()> {
        for (connection, id) in self.sold_orders() {
            ensure!(self.order(connection, &id).await?.is_some(), "{connection}/{id} was sold and is not in the table");
        }
        until("what the ledger lacks", SOON, Vec::new(), async || self.ledger_gaps().await).await?;
        self.check_levels().await?;
        self.check_rules()?;
        for queue in ["inbox-dead", "push-dead.fifo", "deferred-dead", "stream-dead"] {
            ensure!(self.house.waiting(queue).await? == 0, "messages were given up: {queue}");
        }
        Ok(())
    }

    /// That no rule of a channel was broken.
    ///
    /// # Errors
    /// Which ones were.
    pub fn check_rules(&self) -> anyhow::Result<()> {
        for stand in self.stage.stands() {
            let broken = judge::rules::broken(&stand.journal(), &[]);
            ensure!(broken.is_empty(), "{broken:#?}");
        }
        Ok(())
    }

    /// Waits until every listing shows what it shall, or waits for its channel's interval.
    ///
    /// # Errors
    /// If that isn't so soon.
    pub async fn until_told(&self) -> anyhow::Result<()> {
        until("listings that are to be told", SOON, Vec::new(), async || {
            let mut due = Vec::new();
            for good in &self.goods {
                let listings = self.why(&good.sku).await?.listings.into_iter();
                let pushed = listings.filter(|listing| listing.decision == Decision::Push);
                due.extend(pushed.map(|listing| format!("{} at {}", good.sku, listing.connection)));
            }
            Ok(due)
        })
        .await
    }

    /// That reconciliation finds nothing but what waits for a channel's interval. Where a channel's limit lets nothing pass just now,
    /// it is asked again.
    ///
    /// # Errors
    /// What it found.
    pub async fn check_drift(&self) -> anyhow::Result<()> {
        until("connections that the limiter holds", SOON, Vec::new(), async || {
            let mut held = Vec::new();
            for summary in self.house.reconcile().await? {
                let connection = summary.connection;
                let unexplained: Vec<_> =
                    summary.findings.iter().filter(|finding| finding.drift.reason != Reason::InFlight).collect();
                ensure!(unexplained.is_empty(), "{connection} drifts: {unexplained:?}");
                let Some(problem) = summary.problem else { continue };
                ensure!(is_held(&problem), "{connection} was not reconciled: {problem}");
                held.push((connection, problem));
            }
            Ok(held)
        })
        .await
    }

    /// Shelves that show something else than there is, but for those of some connections.
    pub(crate) async fn wrong_shelves(&self, but_of: &[&str]) -> anyhow::Result<Broken> {
        let mut wrong = Broken::new();
        for good in &self.goods {
            let there = There::of(good, &self.store()).await?;
            for (stand, warehouse) in self.stage.shelves() {
                let (shelf, shown) = (stand.enrolment().connection, stand.shown(good, &warehouse.name));
                if but_of.contains(&shelf) {
                    continue;
                }
                wrong.extend(judge::shelf::broken(shelf, &good.sku, shown, there.at(warehouse.locations)));
            }
        }
        Ok(wrong)
    }

    /// Where the ledger doesn't lead from nothing to the levels as they are, step by step.
    async fn ledger_gaps(&self) -> anyhow::Result<Broken> {
        let mut gaps = Broken::new();
        for good in &self.goods {
            gaps.extend(judge::ledger::gaps(&self.store(), &Sku::new(&good.sku)?).await?);
        }
        Ok(gaps)
    }

    /// That each level is what was counted at the opening, less what the orders took.
    async fn check_levels(&self) -> anyhow::Result<()> {
        let keys = self
            .sold_orders()
            .into_iter()
            .map(|(connection, id)| Ok(OrderKey::new(ConnectionId::new(connection)?, OrderId::new(id)?)));
        let orders = self.store().orders(keys.collect::<anyhow::Result<Vec<_>>>()?).await?;
        for good in &self.goods {
            let levels = self.store().partition(&Sku::new(&good.sku)?).await?.levels;
            let opened = good.stock.map(|(almaty, astana)| [("almaty", almaty), ("astana", astana)]);
            let counted = |(location, units)| (location, i64::from(units) + self.posted_at(&good.sku, location));
            let counted: Vec<(&str, i64)> = opened.into_iter().flatten().map(counted).collect();
            let broken = judge::level::broken(&good.sku, &levels, &counted, orders.values());
            ensure!(broken.is_empty(), "levels don't add up: {broken:#?}");
        }
        Ok(())
    }

    /// Units that stock documents added at a location.
    fn posted_at(&self, sku: &str, location: &str) -> i64 {
        let posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        let here = posted
            .values()
            .flatten()
            .filter(|posted| posted.place.sku.as_str() == sku && posted.place.location.as_str() == location);
        here.map(|posted| posted.to - posted.from.unwrap_or(0)).sum()
    }
}
