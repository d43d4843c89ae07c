//! Orders that their channel wants accepted.

use std::collections::BTreeSet;

use edin_channels::client::{Accept, ChannelError};
use edin_channels::told::Orders;
use edin_domain::order::{Milestone, OrderKey, OrderState};
use edin_domain::{Connection, OrderId};
use edin_trade::channels::ConnectionError;

use crate::Poll;

/// How many orders one reading accepts.
const ACCEPTED_AT_ONCE: usize = 4;

/// The orders that wait to be accepted. One that can't be read whole waits for a person.
pub(crate) fn waiting(orders: &Orders) -> Vec<OrderId> {
    let left_out: BTreeSet<&str> = orders.left_out.iter().map(|left_out| left_out.order.as_str()).collect();
    let waits = |state: &OrderState| {
        state.has(Milestone::Paid) && !state.has(Milestone::Accepted) && !state.has(Milestone::Cancelled)
    };
    let all = orders.told.iter().flat_map(|told| &told.orders);
    let waiting = all.filter(|(id, state)| waits(state) && !left_out.contains(id.as_str()));
    waiting.map(|(id, _)| id.clone()).collect()
}

impl Poll {
    /// Accepts some of the orders that wait for it and are recorded; the next reading accepts more. Reading comes first: an
    /// order that isn't read reserves nothing.
    pub(crate) async fn accept(
        &self,
        connection: &Connection,
        channel: &dyn Accept,
        waiting: Vec<OrderId>,
    ) -> Result<(), ConnectionError> {
        if waiting.is_empty() {
            return Ok(());
        }
        let keys = waiting.into_iter().map(|id| OrderKey::new(connection.id.clone(), id));
        let known = self.store.orders(keys.collect::<Vec<_>>()).await?;
        let recorded = known.into_values().filter(|order| order.unmapped().next().is_none()).map(|order| order.key.id);
        for order in recorded.take(ACCEPTED_AT_ONCE) {
            match channel.accept(&order).await {
                Ok(()) => tracing::info!(connection = %connection.id, %order, "an order was accepted"),
                // It was called off just now, or another reading was faster. The next reading tells what it is; the others go on.
                Err(error @ ChannelError::Refused { .. }) => {
                    tracing::warn!(connection = %connection.id, %order, %error, "an order was not accepted");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
