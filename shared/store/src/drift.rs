//! Differences that reconciliation found between what channels show and what they should, kept for 90 days.

use std::collections::BTreeMap;

use edin_domain::drift::Drift;
use edin_domain::{ConnectionId, Sku, Timestamp, WarehouseId};
use serde::{Deserialize, Serialize};

use crate::item::{read, write};
use crate::keys::Key;
use crate::{Store, StoreError, keys};

/// How long a finding is kept.
const KEPT: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 3600);

/// One difference that reconciliation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// When it was found.
    pub at: Timestamp,
    /// At which of the channel's warehouses.
    pub warehouse: WarehouseId,
    /// The good; none if what the channel shows is mapped to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// What the channel calls it.
    pub article: String,
    /// What the channel showed, what it should have, and why.
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

/// Each finding with a key of its own: several of one name are numbered.
fn named<'a>(connection: &ConnectionId, findings: &'a [Finding]) -> impl Iterator<Item = (Key, &'a Finding)> {
    let mut met: BTreeMap<Key, u32> = BTreeMap::new();
    findings.iter().map(move |finding| {
        let name = format!("{}#{}", finding.warehouse, finding.article);
        let times = met.entry(keys::drift(connection, finding.at, &name)).or_default();
        *times += 1;
        let name = if *times > 1 { format!("{name}#{times}") } else { name };
        (keys::drift(connection, finding.at, &name), finding)
    })
}

impl Store {
    /// Keeps what was found.
    ///
    /// # Errors
    /// [`StoreError`]; some may be written then.
    pub async fn put_findings(&self, connection: &ConnectionId, findings: &[Finding]) -> Result<(), StoreError> {
        let row = |(key, finding): (Key, &Finding)| {
            write(&key, &Row { finding, expires_at: finding.at.plus(KEPT).millis() / 1_000 })
        };
        let items = named(connection, findings).map(row).collect::<Result<_, _>>()?;
        self.put_many(&self.tables.stock, items).await
    }

    /// What was found since `since`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn findings(&self, connection: &ConnectionId, since: Timestamp) -> Result<Vec<Finding>, StoreError> {
        let items = self.partition_from(&self.tables.stock, keys::drift(connection, since, "")).await?;
        items.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use edin_domain::drift::Reason;

    use super::*;

    #[test]
    fn findings_of_one_name_are_all_kept() {
        let finding = Finding {
            at: Timestamp::from_millis(7),
            warehouse: WarehouseId::new("1").unwrap(),
            sku: None,
            article: "TEA".to_owned(),
            drift: Drift { actual: 1, desired: 0, reason: Reason::NotMapped },
        };
        let findings = [finding.clone(), finding.clone(), finding];
        let connection = ConnectionId::new("ozon-main").unwrap();
        let keys: Vec<String> = named(&connection, &findings).map(|(key, _)| key.sk).collect();
        assert_eq!(keys, ["000000000000007#1#TEA", "000000000000007#1#TEA#2", "000000000000007#1#TEA#3"]);
    }
}
