//! Orders that wait for a mapping, and those that nobody told of.

use std::collections::BTreeSet;

use edin_channels::client::Client;
use edin_domain::{Connection, Sku};
use edin_platform::Message;
use edin_store::orders::Waiting;
use edin_trade::channels::ConnectionError;
use edin_trade::handover::hand_over;
use edin_trade::news;

use crate::Reconcile;

impl Reconcile {
    /// Orders whose articles were mapped meanwhile go through intake once more. The others wait, and cost nothing.
    pub(crate) async fn remap(&self, connection: &Connection) -> Result<(), ConnectionError> {
        let waiting = self.store.unmapped(&connection.id).await?;
        if !waiting.is_empty() {
            tracing::warn!(connection = %connection.id, waiting = waiting.len(), "orders wait for a mapping of their articles");
        }
        let article = |waiting: &Waiting| (connection.id.clone(), waiting.article.clone());
        let mapped = self.store.mappings(waiting.iter().map(article).collect::<BTreeSet<_>>()).await?;
        let freed = waiting.into_iter().filter(|waiting| mapped.contains_key(&article(waiting)));
        let orders: BTreeSet<_> = freed.map(|waiting| waiting.order).collect();
        let now = self.clock.now();
        let messages = orders.into_iter().map(|order| news::remap(connection, order, now));
        let messages: Vec<Message> = messages.collect::<Result<_, _>>()?;
        Ok(self.inbox.send(messages).await?)
    }

    /// The goods of orders that the table doesn't know; the orders are taken in.
    pub(crate) async fn unseen_goods(
        &self,
        connection: &Connection,
        channel: &dyn Client,
    ) -> Result<BTreeSet<Sku>, ConnectionError> {
        let Some(orders) = channel.orders() else { return Ok(BTreeSet::new()) };
        let now = self.clock.now();
        let told = orders.newest(now).await?.told;
        let compared = news::compare(&self.store, &self.heard, &connection.id, told).await?;
        let goods = news::goods(&self.store, &connection.id, &compared.news, &compared.known).await?;
        hand_over(&self.inbox, &self.heard, connection, compared, now).await?;
        Ok(goods)
    }
}
