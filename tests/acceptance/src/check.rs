//! What holds at the end of every test.

use std::collections::BTreeMap;

use anyhow::ensure;
use edin_domain::Sku;
use edin_domain::drift::Reason;
use edin_domain::shown::Decision;
use edin_domain::stock::{Entry, Level, Place};

use crate::{Good, SOON, World, goods, until};

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

    /// What holds whatever the channels were made to do: every sale is recorded, the ledger is complete, no channel's rule was
    /// broken, no message was given up.
    ///
    /// # Errors
    /// What isn't so.
    pub async fn check_books(&self) -> anyhow::Result<()> {
        for (connection, id) in self.sold_orders() {
            ensure!(self.order(connection, &id).await?.is_some(), "{connection}/{id} was sold and is not in the table");
        }
        until("what the ledger lacks", SOON, Vec::new(), async || self.ledger_gaps().await).await?;
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
        for journal in [self.ozon.journal(), self.wildberries.journal(), self.kaspi.journal()] {
            let violations: Vec<&str> = journal.violations().collect();
            ensure!(violations.is_empty(), "a channel's rules were broken: {violations:?}");
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
            for good in goods() {
                let listings = self.why(&good.sku).await?.listings.into_iter();
                let pushed = listings.filter(|listing| listing.decision == Decision::Push);
                due.extend(pushed.map(|listing| format!("{} at {}", good.sku, listing.connection)));
            }
            Ok(due)
        })
        .await
    }

    /// That reconciliation finds nothing but what waits for a channel's interval.
    ///
    /// # Errors
    /// What it found.
    pub async fn check_drift(&self) -> anyhow::Result<()> {
        for summary in self.house.reconcile().await? {
            let unexplained: Vec<_> =
                summary.findings.iter().filter(|finding| finding.drift.reason != Reason::InFlight).collect();
            ensure!(summary.problem.is_none(), "{} was not reconciled: {:?}", summary.connection, summary.problem);
            ensure!(unexplained.is_empty(), "{} drifts: {unexplained:?}", summary.connection);
        }
        Ok(())
    }

    /// Where the ledger doesn't lead from nothing to the levels as they are, step by step.
    async fn ledger_gaps(&self) -> anyhow::Result<Vec<String>> {
        let mut gaps = Vec::new();
        for good in goods().iter().filter(|good| good.stock.is_some()) {
            gaps.extend(self.ledger_gaps_of(good).await?);
        }
        Ok(gaps)
    }

    async fn ledger_gaps_of(&self, good: &Good) -> anyhow::Result<Vec<String>> {
        let sku = Sku::new(&good.sku)?;
        let mut rows: BTreeMap<Place, Vec<Entry>> = BTreeMap::new();
        for (location, entry) in self.store().ledger(&sku).await? {
            rows.entry(Place { sku: sku.clone(), location }).or_default().push(entry);
        }
        let levels = self.store().partition(&sku).await?.levels;
        let is_open = |level: &&Level| !adds_up(rows.get(&level.place).map_or(&[], Vec::as_slice), level);
        Ok(levels.iter().filter(is_open).map(|level| format!("{sku} at {}", level.place.location)).collect())
    }
}

/// Whether rows lead to a level: versions without a gap, each beginning where the one before ended, each the sum of its parts.
fn adds_up(rows: &[Entry], level: &Level) -> bool {
    let mut before = (0, 0, 0);
    for row in rows {
        let moved = row.changes.iter().fold((0, 0), |sum, part| (sum.0 + part.on_hand, sum.1 + part.reserved));
        let parts = (row.on_hand.1 - row.on_hand.0, row.reserved.1 - row.reserved.0);
        if (row.version, row.on_hand.0, row.reserved.0) != (before.0 + 1, before.1, before.2) || moved != parts {
            return false;
        }
        before = (row.version, row.on_hand.1, row.reserved.1);
    }
    before == (level.version, level.on_hand, level.reserved)
}
