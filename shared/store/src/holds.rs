//! Holds, by when they end.

use edin_domain::order::{Hold, Order};
use edin_domain::{ConnectionId, Timestamp};

use crate::access::page;
use crate::item::order_from;
use crate::{Item, Store, StoreError, keys};

/// So many are read at once: what is more is read the next time.
const AT_ONCE: i32 = 100;

/// Where a hold stands among all holds; none if it is none any more.
#[must_use]
pub fn place(order: &Order) -> Option<String> {
    order.state.held().map(|hold| keys::hold(hold.until, &order.key))
}

fn held(items: Vec<Item>) -> impl Iterator<Item = (Hold, Order)> {
    let read = |item| order_from(item).inspect_err(|error| tracing::error!(%error, "a hold can not be read")).ok();
    items.into_iter().filter_map(read).filter_map(|order| Some((order.state.held()?, order)))
}

impl Store {
    /// Holds whose time had come by `now` and that nobody has found to be over, those that ended first first; a hundred at
    /// most. One that changed in the last moment may be missing, or be as it was.
    ///
    /// # Errors
    /// [`StoreError`]. One that can't be read is left out, and logged.
    pub async fn ended_holds(&self, now: Timestamp) -> Result<Vec<Order>, StoreError> {
        let (items, _) = page(self.list_before(keys::HOLDS, &keys::ended_by(now)).limit(AT_ONCE), None).await?;
        Ok(held(items).filter(|(hold, _)| hold.is_over(now)).map(|(_, order)| order).collect())
    }

    /// Holds of one connection, those that end first first, `count` at most: those listed after `after`, which [`place`] makes of
    /// the last one that was read. As they were a moment ago.
    ///
    /// # Errors
    /// [`StoreError`]. One that can't be read is left out, and logged.
    pub async fn holds_after(
        &self,
        connection: &ConnectionId,
        after: &str,
        count: usize,
    ) -> Result<Vec<Order>, StoreError> {
        let (mut orders, mut from) = (Vec::new(), None);
        loop {
            let (items, next) = page(self.list_after(keys::HOLDS, after).limit(AT_ONCE), from).await?;
            orders.extend(held(items).map(|(_, order)| order).filter(|order| order.key.connection == *connection));
            orders.truncate(count);
            if next.is_none() || orders.len() == count {
                return Ok(orders);
            }
            from = next;
        }
    }
}
