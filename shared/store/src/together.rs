//! Items of several kinds, read in one call: each call is a way there and back, and they add up before a sale is recorded.

use std::collections::BTreeMap;

use edin_domain::bundle::Product;
use edin_domain::offer::Stock;
use edin_domain::order::{Order, OrderKey, Place};
use edin_domain::{Article, Connection, ConnectionId, Sku};

use crate::access::{Consistency, misplaced};
use crate::catalogue::{connection_from, mapping_from, product_from};
use crate::item::{Item, key, level_from, order_from};
use crate::{Store, StoreError, keys};

/// What the table knows of what was told. What it doesn't know is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The connections.
    pub connections: BTreeMap<ConnectionId, Connection>,
    /// The orders.
    pub orders: BTreeMap<OrderKey, Order>,
    /// What the articles are.
    pub mappings: BTreeMap<(ConnectionId, Article), Sku>,
    /// What is there and can't be read, by its partition, with the reason: it must not keep others from being worked on.
    pub unreadable: BTreeMap<String, String>,
}

impl Known {
    /// Why nothing can be done for an order: it, or its connection, is there and can't be read.
    #[must_use]
    pub fn hindrance(&self, order: &OrderKey) -> Option<&str> {
        let partitions = [keys::connection(&order.connection).pk, keys::order(order).pk];
        partitions.iter().find_map(|partition| self.unreadable.get(partition)).map(String::as_str)
    }

    fn add(&mut self, item: Item) -> Result<(), StoreError> {
        match key(&item).sk.as_str() {
            "CONN" => self.connections.extend([connection_from(item)?]),
            "MAP" => self.mappings.extend([mapping_from(item)?]),
            "ORDER" => {
                let order = order_from(item)?;
                self.orders.insert(order.key.clone(), order);
            }
            _ => return Err(misplaced(&item)),
        }
        Ok(())
    }
}

/// Goods, with levels. What the table doesn't know is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Goods {
    /// The products.
    pub products: BTreeMap<Sku, Product>,
    /// The levels.
    pub stock: Stock,
}

impl Store {
    /// Connections, orders and mappings, as they are now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look_up(
        &self,
        connections: impl IntoIterator<Item = ConnectionId>,
        orders: impl IntoIterator<Item = OrderKey>,
        articles: impl IntoIterator<Item = (ConnectionId, Article)>,
    ) -> Result<Known, StoreError> {
        let connections = connections.into_iter().map(|id| keys::connection(&id));
        let orders = orders.into_iter().map(|key| keys::order(&key));
        let articles = articles.into_iter().map(|(connection, article)| keys::mapping(&connection, &article));
        let keys = connections.chain(orders).chain(articles);
        let mut known = Known::default();
        for item in self.get_many(&self.tables.stock, keys, Consistency::Strong).await? {
            let at = key(&item);
            if let Err(error) = known.add(item) {
                tracing::error!(%error, "left out");
                known.unreadable.insert(at.pk, error.to_string());
            }
        }
        Ok(known)
    }

    /// Products, and levels of whatever goods, as they are now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn goods(
        &self,
        products: impl IntoIterator<Item = Sku>,
        places: impl IntoIterator<Item = Place>,
    ) -> Result<Goods, StoreError> {
        let products = products.into_iter().map(|sku| keys::product(&sku));
        let keys = products.chain(places.into_iter().map(|place| keys::level(&place)));
        let mut goods = Goods::default();
        for item in self.get_many(&self.tables.stock, keys, Consistency::Strong).await? {
            match key(&item).sk.as_str() {
                "ITEM" => goods.products.extend([product_from(item)?]),
                _ => goods.stock.extend([level_from(item)?]),
            }
        }
        Ok(goods)
    }
}
