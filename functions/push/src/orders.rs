//! The channel's newest orders around a write: a number may put back a unit that the channel has sold unheard.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::client::ChannelError;
use edin_channels::told::Told;
use edin_domain::{Connection, OrderId, Sku};
use edin_trade::channels::ConnectionError;
use edin_trade::handover::hand_over;
use edin_trade::news;

use crate::settle::Doubtful;
use crate::{Push, Reached, sight};

/// What orders mean for the numbers that are about to be told.
#[derive(Debug)]
pub(crate) struct Heed {
    /// The goods that are taken by orders unknown to the table: nothing is told of them yet.
    pub(crate) unseen: BTreeSet<Sku>,
    /// Whether the table knows orders that weren't heard of before: it may have learned of them since it was looked at.
    pub(crate) learned: bool,
}

impl Push {
    /// The newest orders as they were read within the last second, or as they are read now. A sale that is made in between is
    /// found by the reading after the write.
    pub(crate) async fn orders_before(
        &self,
        connection: &Connection,
        channel: &Reached<'_>,
    ) -> Result<Vec<Told>, ChannelError> {
        let now = self.clock.now();
        match (self.channels.readings().fresh(&connection.id, now), channel.orders) {
            (Some(orders), _) => Ok(orders),
            (None, Some(orders)) => Ok(self.channels.readings().read(&connection.id, orders, now).await?.told),
            (None, None) => Ok(Vec::new()),
        }
    }

    /// Hands orders that the table doesn't know to intake.
    pub(crate) async fn take_in(&self, connection: &Connection, orders: Vec<Told>) -> Result<Heed, ConnectionError> {
        let compared = news::compare(&self.store, &self.heard, &connection.id, orders).await?;
        let learned = !compared.known.is_empty();
        if compared.news.is_empty() {
            return Ok(Heed { unseen: BTreeSet::new(), learned });
        }
        let unseen = news::goods(&self.store, &connection.id, &compared.news, &compared.known).await?;
        tracing::info!(connection = %connection.id, orders = compared.news.len(), "orders that nobody had told of");
        hand_over(&self.inbox, &self.heard, connection, compared, self.clock.now()).await?;
        Ok(Heed { unseen, learned })
    }

    /// The goods that the channel sold between the first reading and now. If it can't be asked, all of them may be.
    pub(crate) async fn sold_meanwhile(
        &self,
        connection: &Connection,
        channel: &Reached<'_>,
        seen: &BTreeSet<OrderId>,
    ) -> Result<Doubtful, ConnectionError> {
        let Some(orders) = channel.orders else { return Ok(Doubtful::These(BTreeSet::new())) };
        let now = self.clock.now();
        let after = match self.channels.readings().read(&connection.id, orders, now).await {
            Ok(orders) => sight::recent(orders.told, now),
            Err(error) => {
                tracing::warn!(connection = %connection.id, %error, "orders could not be read after a write; all of it is doubted");
                return Ok(Doubtful::Everything);
            }
        };
        let fresh: Vec<_> =
            after.into_iter().filter(|told| !told.orders.iter().all(|(id, _)| seen.contains(id))).collect();
        if fresh.is_empty() {
            return Ok(Doubtful::These(BTreeSet::new()));
        }
        let goods = news::goods(&self.store, &connection.id, &fresh, &BTreeMap::new()).await?;
        self.take_in(connection, fresh).await?;
        Ok(Doubtful::These(goods))
    }
}
