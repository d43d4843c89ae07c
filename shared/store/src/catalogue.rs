//! What people and imports say: connections, products, listings, mappings; and where polling stands.

use std::collections::BTreeMap;

use edin_domain::bundle::{Kind, Product};
use edin_domain::connection::Connection;
use edin_domain::listing::{Listing, ListingKey, Policy, Standing};
use edin_domain::{Article, ConnectionId, LocationId, Money, Sku};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{Item, key, read, text, unreadable, write};
use crate::keys::Key;
use crate::{Store, StoreError, keys};

/// What writing something that may be there already came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Written {
    /// It was there, just so.
    Same,
    /// It was there, and is different now.
    Changed,
    /// It wasn't there.
    New,
}

/// A listing's attributes besides its key.
#[derive(Debug, Serialize, Deserialize)]
struct ListingItem {
    ids: BTreeMap<String, Article>,
    locations: Vec<LocationId>,
    policy: Policy,
    standing: Standing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    /// The index's key.
    listed_under: String,
    listed_as: String,
}

pub(crate) fn listing_from(item: Item) -> Result<Listing, StoreError> {
    let at = key(&item);
    let listing = keys::listing_key(&at.pk, &at.sk).ok_or_else(|| unreadable(&at, "its key is not a listing's"))?;
    let ListingItem { ids, locations, policy, standing, price, .. } = read(item)?;
    Ok(Listing { key: listing, ids, locations, policy, standing, price })
}

fn listing_item(listing: &Listing) -> Result<Item, StoreError> {
    let ListingKey { connection, warehouse, sku } = &listing.key;
    let item = ListingItem {
        ids: listing.ids.clone(),
        locations: listing.locations.clone(),
        policy: listing.policy.clone(),
        standing: listing.standing,
        price: listing.price,
        listed_under: keys::connection_of(connection),
        listed_as: format!("LISTING#{sku}#{warehouse}"),
    };
    write(&keys::listing(&listing.key), &item)
}

#[derive(Debug, Serialize, Deserialize)]
struct MappingItem {
    sku: Sku,
}

/// Some of a connection's listings.
#[derive(Debug, Clone)]
pub struct ListingsPage {
    /// The listings.
    pub listings: Vec<Listing>,
    next: Option<Item>,
}

impl ListingsPage {
    /// Whether no page comes after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.next.is_none()
    }
}

/// All connections are listed under this.
const CONNECTIONS: &str = "CONNECTIONS";

impl Store {
    /// Writes an item unless it is there just so.
    async fn put_if_new(&self, item: Item) -> Result<Written, StoreError> {
        let key: Key = key(&item);
        match self.get(&self.tables.stock, &key, Consistency::Strong).await? {
            Some(known) if known == item => Ok(Written::Same),
            Some(_) => self.put_one(&self.tables.stock, item, Condition::None).await.map(|()| Written::Changed),
            None => self.put_one(&self.tables.stock, item, Condition::None).await.map(|()| Written::New),
        }
    }

    /// Writes a connection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_connection(&self, connection: &Connection) -> Result<Written, StoreError> {
        let mut item = write(&keys::connection(&connection.id), connection)?;
        item.insert("listed_under".to_owned(), crate::item::string(CONNECTIONS));
        item.insert("listed_as".to_owned(), crate::item::string(connection.id.as_str()));
        self.put_if_new(item).await
    }

    /// Connections by their ids; those that don't exist are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connections_of(
        &self,
        ids: impl IntoIterator<Item = ConnectionId>,
    ) -> Result<BTreeMap<ConnectionId, Connection>, StoreError> {
        let keys = ids.into_iter().map(|id| keys::connection(&id));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Eventual).await?;
        items.into_iter().map(connection_from).collect()
    }

    /// One connection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        Ok(self.connections_of([id.clone()]).await?.remove(id))
    }

    /// All connections.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connections(&self) -> Result<BTreeMap<ConnectionId, Connection>, StoreError> {
        let items = self.listed(CONNECTIONS.to_owned(), "").await?;
        items.into_iter().map(connection_from).collect()
    }

    /// Writes a product, and notes at its components that they belong to it.
    ///
    /// # Errors
    /// [`StoreError`]; the notes are written first, so that a product never lacks them.
    pub async fn put_product(&self, product: &Product) -> Result<Written, StoreError> {
        if let Kind::Bundle { components } = &product.kind {
            for component in components.keys() {
                self.put_if_new(keys::bundle(component, &product.sku).attributes()).await?;
            }
        }
        self.put_if_new(write(&keys::product(&product.sku), product)?).await
    }

    /// Products by their SKUs; those that don't exist are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn products(&self, of: impl IntoIterator<Item = Sku>) -> Result<BTreeMap<Sku, Product>, StoreError> {
        let keys = of.into_iter().map(|sku| keys::product(&sku));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Eventual).await?;
        items.into_iter().map(product_from).collect()
    }

    /// Writes a listing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_listing(&self, listing: &Listing) -> Result<Written, StoreError> {
        self.put_if_new(listing_item(listing)?).await
    }

    /// All listings of a connection, by SKU.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn listings(&self, connection: &ConnectionId) -> Result<Vec<Listing>, StoreError> {
        let items = self.listed(keys::connection_of(connection), "LISTING#").await?;
        items.into_iter().map(listing_from).collect()
    }

    /// A page of a connection's listings, by SKU: for those who can't hold all of them at once. `page` is the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn listings_after(
        &self,
        connection: &ConnectionId,
        page: Option<ListingsPage>,
    ) -> Result<ListingsPage, StoreError> {
        let from = page.and_then(|page| page.next);
        let (items, next) = self.listed_page(keys::connection_of(connection), "LISTING#", from).await?;
        Ok(ListingsPage { listings: items.into_iter().map(listing_from).collect::<Result<_, _>>()?, next })
    }

    /// Says what a channel's article is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_mapping(
        &self,
        connection: &ConnectionId,
        article: &Article,
        sku: &Sku,
    ) -> Result<Written, StoreError> {
        self.put_if_new(write(&keys::mapping(connection, article), &MappingItem { sku: sku.clone() })?).await
    }

    /// What articles are; those without a mapping are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mappings(
        &self,
        of: impl IntoIterator<Item = (ConnectionId, Article)>,
    ) -> Result<BTreeMap<(ConnectionId, Article), Sku>, StoreError> {
        let keys = of.into_iter().map(|(connection, article)| keys::mapping(&connection, &article));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Strong).await?;
        items.into_iter().map(mapping_from).collect()
    }
}

pub(crate) fn connection_from(item: Item) -> Result<(ConnectionId, Connection), StoreError> {
    let mut item = item;
    for name in ["pk", "sk", "listed_under", "listed_as"] {
        item.remove(name);
    }
    read(item).map(|connection: Connection| (connection.id.clone(), connection))
}

pub(crate) fn product_from(item: Item) -> Result<(Sku, Product), StoreError> {
    read(item).map(|product: Product| (product.sku.clone(), product))
}

pub(crate) fn mapping_from(item: Item) -> Result<((ConnectionId, Article), Sku), StoreError> {
    let at = key(&item);
    let parts = at.pk.strip_prefix("MAP#").and_then(|rest| rest.split_once('#'));
    let named = parts
        .and_then(|(connection, article)| Some((ConnectionId::new(connection).ok()?, Article::new(article).ok()?)));
    let named = named.ok_or_else(|| unreadable(&at, "its key is not a mapping's"))?;
    debug_assert_eq!(text(&item, "sk"), "MAP");
    Ok((named, read::<MappingItem>(item)?.sku))
}

#[cfg(test)]
mod tests {
    use edin_domain::WarehouseId;
    use edin_domain::listing::{Adaptive, Buffer};

    use super::*;

    #[test]
    fn a_listing_is_read_as_it_was_written_with_either_buffer() {
        let key = ListingKey {
            connection: ConnectionId::new("wb-main").unwrap(),
            warehouse: WarehouseId::new("1").unwrap(),
            sku: Sku::new("TEA").unwrap(),
        };
        for (buffer, is_number) in [(Buffer::Fixed(3), true), (Buffer::Adaptive(Adaptive::default()), false)] {
            let policy = Policy { buffer, ..Policy::default() };
            let (ids, locations, standing) = (BTreeMap::new(), Vec::new(), Standing::Selling);
            let listing = Listing { key: key.clone(), ids, locations, policy, standing, price: None };
            let item = listing_item(&listing).unwrap();
            let stored = item["policy"].as_m().unwrap()["buffer"].clone();
            assert_eq!(stored.is_n(), is_number, "a fixed one is the number that it always was");
            assert_eq!(listing_from(item).unwrap(), listing);
        }
    }
}
