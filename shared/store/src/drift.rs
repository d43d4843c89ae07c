//! What reconciliation found.

use edin_domain::drift::Drift;
use edin_domain::{ConnectionId, Sku, Timestamp, WarehouseId};
use serde::{Deserialize, Serialize};

use crate::access::Consistency;
use crate::item::{read, write};
use crate::{Store, StoreError, keys};

/// How long a finding is kept.
const KEPT: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 3600);

/// One difference that reconciliation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// When.
    pub at: Timestamp,
    /// At which of the channel's warehouses.
    pub warehouse: WarehouseId,
    /// Of what; none if it is mapped to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// What the channel calls it.
    pub article: String,
    /// What it was.
    #[serde(flatten)]
    pub drift: Drift,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    /// Seconds since the epoch, as DynamoDB's TTL wants them.
    expires_at: i64,
}

impl Store {
    /// Keeps what was found.
    ///
    /// # Errors
    /// [`StoreError`]; some may be written then.
    pub async fn put_findings(&self, connection: &ConnectionId, findings: &[Finding]) -> Result<(), StoreError> {
        let row = |finding: &Finding| {
            let name = format!("{}#{}", finding.warehouse, finding.article);
            let expires_at = finding.at.plus(KEPT).millis() / 1_000;
            write(&keys::drift(connection, finding.at, &name), &Row { finding, expires_at })
        };
        let items = findings.iter().map(row).collect::<Result<_, _>>()?;
        self.put_many(&self.tables.stock, items).await
    }

    /// What was found since `since`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn findings(&self, connection: &ConnectionId, since: Timestamp) -> Result<Vec<Finding>, StoreError> {
        let items = self.partition_of(&self.tables.stock, keys::drift_of(connection), "", Consistency::Strong).await?;
        let findings: Vec<Finding> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(findings.into_iter().filter(|finding| finding.at >= since).collect())
    }
}
