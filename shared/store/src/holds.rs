//! Holds, by when they end.

use edin_domain::Timestamp;
use edin_domain::order::Order;

use crate::access::page;
use crate::item::order_from;
use crate::{Store, StoreError, keys};

/// So many are read at once: what is more is read the next time.
const AT_ONCE: i32 = 100;

impl Store {
    /// Holds whose time had come by `now` and that nobody has found to be over, those that ended first first; a hundred at
    /// most. One that changed in the last moment may be missing, or be as it was.
    ///
    /// # Errors
    /// [`StoreError`]. One that can't be read is left out, and logged.
    pub async fn ended_holds(&self, now: Timestamp) -> Result<Vec<Order>, StoreError> {
        let (items, _) = page(self.list_before(keys::HOLDS, &keys::ended_by(now)).limit(AT_ONCE), None).await?;
        let orders = items.into_iter().filter_map(|item| {
            order_from(item).inspect_err(|error| tracing::error!(%error, "a hold can not be read")).ok()
        });
        Ok(orders.filter(|order| order.state.held().is_some_and(|hold| hold.is_over(now))).collect())
    }
}
