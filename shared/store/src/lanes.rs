//! The limiter's state, kept in the table so that poll and push never break a channel's limit together.

use std::time::Duration;

use edin_domain::limiter::{Bucket, Limit, Take};
use edin_domain::{ConnectionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{read, write};
use crate::{Store, StoreError, keys};

#[derive(Debug, Serialize, Deserialize)]
struct Lane {
    #[serde(flatten)]
    bucket: Bucket,
    version: u64,
}

/// How often two who reach into the same bucket try again.
const ATTEMPTS: u32 = 12;

impl Store {
    /// Takes calls out of the bucket of one group of calls.
    ///
    /// # Errors
    /// The inner error is the time from which they may pass.
    pub async fn take_calls(
        &self,
        connection: &ConnectionId,
        limit: &Limit,
        take: Take,
        now: Timestamp,
    ) -> Result<Result<(), Timestamp>, StoreError> {
        let mut later = None;
        let change = |bucket: Bucket| match bucket.take(limit, take, now) {
            Ok(taken) => Some(taken),
            Err(until) => {
                later = Some(until);
                None
            }
        };
        self.change_lane(connection, limit, now, change).await?;
        Ok(later.map_or(Ok(()), Err))
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
        let change = |bucket: Bucket| {
            let charged = bucket.charge(limit, calls, shut_for.map(|pause| now.plus(pause)), now);
            next = charged.take(limit, Take::ONE, now).err().unwrap_or(now);
            Some(charged)
        };
        self.change_lane(connection, limit, now, change).await?;
        Ok(next)
    }

    /// Until when a channel has shut a connection out, of all groups of calls the longest; none if it hasn't.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shut_until(&self, connection: &ConnectionId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let pk = keys::connection_of(connection);
        let lanes = self.partition_of(&self.tables.stock, pk, "LANE#", Consistency::Eventual).await?;
        let lanes: Vec<Lane> = lanes.into_iter().map(read).collect::<Result<_, _>>()?;
        let buckets = lanes.into_iter().map(|lane| lane.bucket).filter(|bucket| !bucket.is_from_the_future(now));
        Ok(buckets.filter_map(|bucket| bucket.blocked_until).filter(|until| *until > now).max())
    }

    async fn change_lane(
        &self,
        connection: &ConnectionId,
        limit: &Limit,
        now: Timestamp,
        mut change: impl FnMut(Bucket) -> Option<Bucket>,
    ) -> Result<(), StoreError> {
        let key = keys::lane(connection, limit.group);
        for attempt in 0..ATTEMPTS {
            let item = self.get(&self.tables.stock, &key, Consistency::Strong).await?;
            let lane = item.map(read::<Lane>).transpose()?;
            let lane = lane.unwrap_or(Lane { bucket: Bucket::full(now), version: 0 });
            if lane.bucket.is_from_the_future(now) {
                tracing::warn!(%connection, group = limit.group, noted_at = %lane.bucket.at, "calls were noted at a time that is yet to come: a clock ran ahead; they are forgotten");
            }
            let Some(bucket) = change(lane.bucket) else { return Ok(()) };
            let item = write(&key, &Lane { bucket, version: lane.version + 1 })?;
            match self.put_one(&self.tables.stock, item, Condition::over(lane.version)).await {
                Err(StoreError::Stale { .. }) => tokio::time::sleep(Duration::from_millis(2 << attempt.min(6))).await,
                other => return other,
            }
        }
        Err(StoreError::Busy { call: "PutItem", reason: format!("too many reach for {}", key.sk) })
    }
}
