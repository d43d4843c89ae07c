//! Orders, and the orders that wait for a mapping.

use std::collections::BTreeMap;

use edin_domain::order::{Order, OrderKey};
use edin_domain::{Article, ConnectionId, OrderId};

use crate::access::Consistency;
use crate::item::{order_from, text};
use crate::{Store, StoreError, keys};

/// An order that waits for a mapping of one of its articles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// What the channel calls the good.
    pub article: Article,
    /// The order that waits.
    pub order: OrderId,
    /// Why, in words for a person, as it was when the order began to wait. Empty if an earlier release noted it.
    pub reason: String,
}

impl Store {
    /// The orders of these keys that are known, as they are now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn orders(
        &self,
        of: impl IntoIterator<Item = OrderKey>,
    ) -> Result<BTreeMap<OrderKey, Order>, StoreError> {
        let keys = of.into_iter().map(|key| keys::order(&key));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Strong).await?;
        items.into_iter().map(|item| order_from(item).map(|order| (order.key.clone(), order))).collect()
    }

    /// Everything of a connection that waits for a mapping.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unmapped(&self, connection: &ConnectionId) -> Result<Vec<Waiting>, StoreError> {
        let items = self.listed(keys::connection_of(connection), "UNMAPPED#").await?;
        let waiting = |pk: &str, sk: &str, reason: &str| {
            let article = pk.strip_prefix("MAP#")?.split_once('#')?.1;
            let order = OrderId::new(sk.strip_prefix("WAITING#")?).ok()?;
            Some(Waiting { article: Article::new(article).ok()?, order, reason: reason.to_owned() })
        };
        Ok(items.iter().filter_map(|item| waiting(text(item, "pk"), text(item, "sk"), text(item, "reason"))).collect())
    }
}
