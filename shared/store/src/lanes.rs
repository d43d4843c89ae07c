//! The limiter's state, kept in the table so that poll and push never break a channel's limit together.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::limiter::{Bucket, Draw, Limit};
use edin_domain::{ConnectionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{read, write};
use crate::{Store, StoreError, keys};

/// A connection's buckets, by group of calls.
type Buckets = BTreeMap<String, Bucket>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Lanes {
    buckets: Buckets,
    version: u64,
}

/// How often two who reach into the same buckets try again.
const ATTEMPTS: u32 = 12;

impl Store {
    /// Takes calls out of a bucket, and in the same write the lease of each of `along` whose calls may pass now, too. Returns
    /// whose lease was taken.
    ///
    /// # Errors
    /// The inner error is the time from which the calls may pass; nothing is taken.
    pub async fn take_calls<'a>(
        &self,
        connection: &ConnectionId,
        (limit, draw): (&Limit, Draw),
        along: &[&'a Limit],
        now: Timestamp,
    ) -> Result<Result<Vec<&'a Limit>, Timestamp>, StoreError> {
        let mut taken = Ok(Vec::new());
        let change = |buckets: &mut Buckets| {
            taken = take_from(buckets, limit, draw, now).map(|()| {
                let lease = |limit: &Limit| Draw { calls: limit.lease, spare: 0 };
                let leased = along.iter().filter(|limit| take_from(buckets, limit, lease(limit), now).is_ok());
                leased.copied().collect()
            });
            taken.is_ok()
        };
        self.change_lanes(connection, now, change).await?;
        Ok(taken)
    }

    /// Charges `calls` that the channel counted beyond those taken, and shuts the group for a while. Returns the time from
    /// which on one call may pass.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn charge_calls(
        &self,
        connection: &ConnectionId,
        limit: &Limit,
        calls: u32,
        shut_for: Option<Duration>,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let mut next = now;
        let change = |buckets: &mut Buckets| {
            let charged = of(buckets, limit, now).charge(limit, calls, shut_for.map(|pause| now.plus(pause)), now);
            next = charged.take(limit, Draw::ONE, now).err().unwrap_or(now);
            buckets.insert(limit.group.to_owned(), charged);
            true
        };
        self.change_lanes(connection, now, change).await?;
        Ok(next)
    }

    /// Until when a channel has shut a connection out, of all groups of calls the longest; none if it hasn't.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shut_until(&self, connection: &ConnectionId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let item = self.get(&self.tables.stock, &keys::lanes(connection), Consistency::Eventual).await?;
        let lanes: Lanes = item.map(read).transpose()?.unwrap_or_default();
        let buckets = lanes.buckets.into_values().filter(|bucket| !bucket.is_from_the_future(now));
        Ok(buckets.filter_map(|bucket| bucket.blocked_until).filter(|until| *until > now).max())
    }

    /// Changes the buckets, unless `change` says that they are to stay as they are.
    async fn change_lanes(
        &self,
        connection: &ConnectionId,
        now: Timestamp,
        mut change: impl FnMut(&mut Buckets) -> bool,
    ) -> Result<(), StoreError> {
        let key = keys::lanes(connection);
        for attempt in 0..ATTEMPTS {
            let item = self.get(&self.tables.stock, &key, Consistency::Strong).await?;
            let Lanes { mut buckets, version } = item.map(read).transpose()?.unwrap_or_default();
            for (group, bucket) in buckets.iter().filter(|(_, bucket)| bucket.is_from_the_future(now)) {
                tracing::warn!(%connection, group, noted_at = %bucket.at, "calls were noted at a time that is yet to come: a clock ran ahead; they are forgotten");
            }
            if !change(&mut buckets) {
                return Ok(());
            }
            let item = write(&key, &Lanes { buckets, version: version + 1 })?;
            match self.put_one(&self.tables.stock, item, Condition::over(version)).await {
                Err(StoreError::Stale { .. }) => tokio::time::sleep(Duration::from_millis(2 << attempt.min(6))).await,
                other => return other,
            }
        }
        Err(StoreError::Busy { call: "PutItem", reason: format!("too many reach for {}", key.sk) })
    }
}

/// One that nobody has taken from is full.
fn of(buckets: &Buckets, limit: &Limit, now: Timestamp) -> Bucket {
    buckets.get(limit.group).copied().unwrap_or_else(|| Bucket::full(now))
}

fn take_from(buckets: &mut Buckets, limit: &Limit, draw: Draw, now: Timestamp) -> Result<(), Timestamp> {
    let taken = of(buckets, limit, now).take(limit, draw, now)?;
    buckets.insert(limit.group.to_owned(), taken);
    Ok(())
}
