//! Items of several kinds, read in one call: each call is a way there and back, and they add up before a sale is recorded.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::bundle::Product;
use edin_domain::offer::Stock;
use edin_domain::order::{Order, OrderKey};
use edin_domain::stock::Place;
use edin_domain::{Article, Connection, ConnectionId, Sku};

use crate::access::{Consistency, misplaced};
use crate::catalogue::{connection_from, mapping_from, product_from};
use crate::item::{Item, key, level_from, order_from};
use crate::{Store, StoreError, keys};

/// What the table knows of what was told. What it doesn't know is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The connections of the orders that were told of.
    pub connections: BTreeMap<ConnectionId, Connection>,
    /// The orders as they were before what was told.
    pub orders: BTreeMap<OrderKey, Order>,
    /// The SKU that each article means, of those that are mapped.
    pub mappings: BTreeMap<(ConnectionId, Article), Sku>,
    /// What is there and can't be read, by its partition, with the reason: it must not keep others from being worked on.
    pub unreadable: BTreeMap<String, String>,
    /// The goods that were asked for along with it, by a guess.
    pub guessed: Guessed,
}

/// Goods that may be needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The goods that lines were found to be.
    pub products: BTreeSet<Sku>,
    /// The places whose levels they are taken from.
    pub places: BTreeSet<Place>,
}

impl Wanted {
    /// Whether neither goods nor levels are wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty() && self.places.is_empty()
    }

    /// Wants what `other` wants too.
    pub fn extend(&mut self, other: &Self) {
        self.products.extend(other.products.iter().cloned());
        self.places.extend(other.places.iter().cloned());
    }
}

/// Goods that were read before anybody knew that they are needed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guessed {
    asked: Wanted,
    found: Goods,
}

impl Guessed {
    /// Of what is wanted, what was read already, and what has still to be read.
    #[must_use]
    pub fn of(&self, wanted: Wanted) -> (Goods, Wanted) {
        let (products, unread): (BTreeSet<_>, _) =
            wanted.products.into_iter().partition(|sku| self.asked.products.contains(sku));
        let (places, unread_places): (BTreeSet<_>, _) =
            wanted.places.into_iter().partition(|place| self.asked.places.contains(place));
        let found = Goods {
            products: products
                .into_iter()
                .filter_map(|sku| self.found.products.get_key_value(&sku))
                .map(|(sku, product)| (sku.clone(), product.clone()))
                .collect(),
            stock: places.iter().filter_map(|place| self.found.stock.level(place).cloned()).collect(),
        };
        (found, Wanted { products: unread, places: unread_places })
    }
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
            "ITEM" => self.guessed.found.products.extend([product_from(item)?]),
            sk if sk.starts_with("LEVEL#") => self.guessed.found.stock.extend([level_from(item)?]),
            _ => return Err(misplaced(&item)),
        }
        Ok(())
    }
}

/// Goods, with levels. What the table doesn't know is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Goods {
    /// What the table knows of the goods, by SKU.
    pub products: BTreeMap<Sku, Product>,
    /// Their levels.
    pub stock: Stock,
}

impl Store {
    /// Connections, orders and mappings, as they are now; and what is guessed to be needed next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look_up(
        &self,
        connections: impl IntoIterator<Item = ConnectionId>,
        orders: impl IntoIterator<Item = OrderKey>,
        articles: impl IntoIterator<Item = (ConnectionId, Article)>,
        guess: Wanted,
    ) -> Result<Known, StoreError> {
        let connections = connections.into_iter().map(|id| keys::connection(&id));
        let orders = orders.into_iter().map(|key| keys::order(&key));
        let articles = articles.into_iter().map(|(connection, article)| keys::mapping(&connection, &article));
        let keys: Vec<_> = connections.chain(orders).chain(articles).chain(keys_of(&guess)).collect();
        let mut known = Known { guessed: Guessed { asked: guess, ..Guessed::default() }, ..Known::default() };
        for item in self.get_many(&self.tables.stock, keys, Consistency::Strong).await? {
            let at = key(&item);
            if let Err(error) = known.add(item) {
                tracing::error!(%error, "left out");
                if keys::is_of_a_sku(&at) {
                    // Who needs it reads it again, and fails with the reason.
                    known.guessed = Guessed::default();
                }
                known.unreadable.insert(at.pk, error.to_string());
            }
        }
        Ok(known)
    }

    /// Products, and levels of whatever goods, as they are now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn goods(&self, wanted: &Wanted) -> Result<Goods, StoreError> {
        let keys = keys_of(wanted);
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

fn keys_of(wanted: &Wanted) -> impl Iterator<Item = keys::Key> {
    wanted.products.iter().map(keys::product).chain(wanted.places.iter().map(keys::level))
}
