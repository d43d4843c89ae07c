//! The newest orders as they were just read, so that they aren't read again at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edin_channels::client::{ChannelError, ReadOrders};
use edin_channels::told::{Orders, Told};
use edin_domain::{ConnectionId, OrderId, Timestamp};

/// What was read lately of each connection's newest orders, by whoever shares this memory. A sale that is made after a reading
/// is missing from it; so it stands for a new one for [`FRESH`] and no longer, and only where the next one finds what it missed.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    last: Arc<Mutex<BTreeMap<ConnectionId, Reading>>>,
    /// Of each connection, the last reading all of which intake was told.
    told: Arc<Mutex<BTreeMap<ConnectionId, Listed>>>,
}

#[derive(Debug, Clone)]
struct Reading {
    began: Timestamp,
    orders: Vec<Told>,
}

/// Which orders a reading told of.
#[derive(Debug, Clone)]
struct Listed {
    began: Timestamp,
    orders: BTreeSet<OrderId>,
}

/// A list tells of what happened so long before it was asked for: clocks differ, and channels list late.
const LATE: Duration = Duration::from_secs(1);
/// How long a reading isn't repeated, from the moment when it was begun.
pub const FRESH: Duration = Duration::from_secs(1);

impl Readings {
    /// What was read within the last [`FRESH`]; none if nothing was.
    #[must_use]
    pub fn fresh(&self, connection: &ConnectionId, now: Timestamp) -> Option<Vec<Told>> {
        let readings = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |reading: &&Reading| reading.began <= now && now.since(reading.began) < FRESH;
        readings.get(connection).filter(fresh).map(|reading| reading.orders.clone())
    }

    /// Notes that intake was told all of a reading that began at `began`.
    pub fn handed_on(&self, connection: &ConnectionId, began: Timestamp, orders: BTreeSet<OrderId>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(connection.clone(), Listed { began, orders });
    }

    /// Whether intake was told of an order by the last reading that it was told of, and that began well after `since`.
    #[must_use]
    pub fn told_of(&self, connection: &ConnectionId, order: &OrderId, since: Timestamp) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let later = told.get(connection).filter(|listed| listed.began >= since.plus(LATE));
        later.is_some_and(|listed| listed.orders.contains(order))
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
        self.last.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), reading);
        Ok(orders)
    }
}
