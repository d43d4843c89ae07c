//! The newest orders as they were just read, so that they aren't read again at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edin_channels::client::{ChannelError, ReadOrders};
use edin_channels::told::{Orders, Told};
use edin_domain::{ConnectionId, OrderId, Timestamp};

/// What was read lately of each connection's newest orders, by whoever shares this memory. A sale that is made after a reading
/// is missing from it; so it stands for a new one for [`FRESH`] and no longer, and only where the next one finds what it missed.
#[derive(Debug, Clone, Default)]
pub struct Readings(Arc<Mutex<BTreeMap<ConnectionId, Reading>>>);

#[derive(Debug, Clone)]
struct Reading {
    began: Timestamp,
    orders: Vec<Told>,
}

/// How long a reading isn't repeated, from the moment when it was begun.
pub const FRESH: Duration = Duration::from_secs(1);

impl Readings {
    /// What was read within the last [`FRESH`]; none if nothing was.
    #[must_use]
    pub fn fresh(&self, connection: &ConnectionId, now: Timestamp) -> Option<Vec<Told>> {
        let readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |reading: &&Reading| reading.began <= now && now.since(reading.began) < FRESH;
        readings.get(connection).filter(fresh).map(|reading| reading.orders.clone())
    }

    /// Whether an order was among those that were read last, by a reading that began at `since` or later.
    #[must_use]
    pub fn tells_of(&self, connection: &ConnectionId, order: &OrderId, since: Timestamp) -> bool {
        let readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let later = readings.get(connection).filter(|reading| reading.began >= since);
        let is_told =
            |reading: &Reading| reading.orders.iter().flat_map(|told| &told.orders).any(|(id, _)| id == order);
        later.is_some_and(is_told)
    }

    /// Reads the newest orders, and remembers them.
    ///
    /// # Errors
    /// [`ChannelError`] as of any reading; what was remembered stays.
    pub async fn read(
        &self,
        connection: &ConnectionId,
        channel: &dyn ReadOrders,
        now: Timestamp,
    ) -> Result<Orders, ChannelError> {
        let orders = channel.newest(now).await?;
        let reading = Reading { began: now, orders: orders.told.clone() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), reading);
        Ok(orders)
    }
}
