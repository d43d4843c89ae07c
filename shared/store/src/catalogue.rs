//! What people and imports say: connections, products, listings, mappings; and where polling stands.

mod connections;
mod goods;
mod own;
mod prices;

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::bundle::{Kind, Product};
use edin_domain::listing::{Listing, ListingKey, OwnPolicy, Policy, Standing};
use edin_domain::{Article, ConnectionId, Money, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{Item, key, number, read, string, text, unreadable, write};
use crate::keys::Key;
use crate::{Store, StoreError, keys};

pub use connections::Connections;
pub(crate) use connections::connection_from;
pub use own::{Claimed, Moved};
pub(crate) use prices::{has_unreadable_price, kept, price_item};

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
    /// What it has of its own.
    #[serde(default)]
    own: Option<OwnPolicy>,
    /// A copy of all that counted when it was imported: how listings were written once.
    #[serde(default, skip_serializing)]
    policy: Option<Policy>,
    standing: Standing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// The index's key.
    listed_under: String,
    listed_as: String,
}

pub(crate) fn listing_from(item: Item) -> Result<Listing, StoreError> {
    let at = key(&item);
    let listing = keys::listing_key(&at.pk, &at.sk).ok_or_else(|| unreadable(&at, "its key is not a listing's"))?;
    let ListingItem { ids, own, policy, standing, ended_at, .. } = read(item)?;
    let policy = own.or_else(|| policy.map(OwnPolicy::from)).unwrap_or_default();
    Ok(Listing { key: listing, ids, policy, standing, ended_at })
}

pub(crate) fn listing_item(listing: &Listing) -> Result<Item, StoreError> {
    let ListingKey { connection, warehouse, sku } = &listing.key;
    let item = ListingItem {
        ids: listing.ids.clone(),
        own: Some(listing.policy.clone()),
        policy: None,
        standing: listing.standing,
        ended_at: listing.ended_at,
        listed_under: keys::connection_of(connection),
        listed_as: format!("LISTING#{sku}#{warehouse}"),
    };
    write(&keys::listing(&listing.key), &item)
}

#[derive(Debug, Serialize, Deserialize)]
struct MappingItem {
    sku: Sku,
}

/// A page of a connection's listings, so that a large catalogue never is in memory as a whole.
#[derive(Debug, Clone)]
pub struct ListingsPage {
    /// By SKU; one page may end amid the listings of a SKU.
    pub listings: Vec<Listing>,
    /// Prices that an earlier release kept in listings.
    kept: BTreeMap<Sku, Money>,
    next: Option<Item>,
}

impl ListingsPage {
    /// Whether no page comes after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.next.is_none()
    }
}

impl Store {
    /// Reads items that are about to be written over, all in a few calls.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn batch(&self, keys: impl IntoIterator<Item = Key>) -> Result<Batch, StoreError> {
        let mut read: BTreeMap<Key, Option<Item>> = keys.into_iter().map(|key| (key, None)).collect();
        for item in self.get_many(&self.tables.stock, read.keys().cloned(), Consistency::Strong).await? {
            read.insert(key(&item), Some(item));
        }
        Ok(Batch(read))
    }

    /// Writes what `change` makes of an item, or of none, unless that is what is there. If somebody else wrote meanwhile, `change`
    /// is asked again about what they wrote: nobody's change is lost.
    pub(crate) async fn edit<E: From<StoreError>>(
        &self,
        batch: &Batch,
        key: &Key,
        change: impl Fn(Option<Item>) -> Result<Item, E>,
    ) -> Result<Written, E> {
        let (mut attempt, mut known) = (1, self.as_read(batch, key).await?);
        loop {
            let wanted = change(known.item.clone())?;
            match self.write_over(known, wanted).await {
                Err(StoreError::Stale { .. }) if attempt < ATTEMPTS => attempt += 1,
                written => return Ok(written?),
            }
            known = self.as_it_is(key).await?;
        }
    }

    async fn as_read(&self, batch: &Batch, key: &Key) -> Result<Known, StoreError> {
        match batch.get(key) {
            Some(known) => Ok(known),
            None => self.as_it_is(key).await,
        }
    }

    async fn as_it_is(&self, key: &Key) -> Result<Known, StoreError> {
        Ok(Known::of(self.get(&self.tables.stock, key, Consistency::Strong).await?))
    }

    async fn write_over(&self, known: Known, wanted: Item) -> Result<Written, StoreError> {
        let written = match &known.item {
            Some(item) if *item == wanted => return Ok(Written::Same),
            Some(_) => Written::Changed,
            None => Written::New,
        };
        let (condition, wanted) = (known.condition(), known.versioned(wanted));
        self.put_one(&self.tables.stock, wanted, condition).await.map(|()| written)
    }

    /// Writes a product over whatever is there.
    ///
    /// # Errors
    /// As for [`Self::edit_product`].
    pub async fn put_product(&self, product: &Product) -> Result<Written, StoreError> {
        self.edit_product(&Batch::default(), &product.sku, |_| Ok(product.clone())).await
    }

    /// Writes what `change` makes of a product, and notes at its components and barcodes that they belong to it. `change` may be
    /// asked more than once.
    ///
    /// # Errors
    /// [`StoreError`], and those of `change`; the notes are written first, so that a product never lacks them.
    pub async fn edit_product<E: From<StoreError>>(
        &self,
        batch: &Batch,
        sku: &Sku,
        change: impl Fn(Option<Product>) -> Result<Product, E>,
    ) -> Result<Written, E> {
        let key = keys::product(sku);
        let (mut attempt, mut known) = (1, self.as_read(batch, &key).await?);
        loop {
            let product = known.item.clone().map(product_from).transpose()?.map(|(_, product)| product);
            let product = change(product)?;
            let wanted = product_item(&product)?;
            if known.item.as_ref() != Some(&wanted) {
                self.note_parts(&product).await?;
            }
            match self.write_over(known, wanted).await {
                Err(StoreError::Stale { .. }) if attempt < ATTEMPTS => attempt += 1,
                written => return Ok(written?),
            }
            known = self.as_it_is(&key).await?;
        }
    }

    async fn note_parts(&self, product: &Product) -> Result<(), StoreError> {
        let components = match &product.kind {
            Kind::Bundle { components } => components.keys().collect(),
            Kind::Simple => Vec::new(),
        };
        let bundles = components.into_iter().map(|component| keys::bundle(component, &product.sku));
        let barcodes = product.barcodes.iter().map(|barcode| keys::barcode(&barcode.key(), &product.sku));
        let notes: BTreeSet<Key> = bundles.chain(barcodes).collect();
        self.put_many(&self.tables.stock, notes.iter().map(Key::attributes).collect()).await
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

    /// Writes what `change` makes of a listing; it may be asked more than once.
    ///
    /// # Errors
    /// [`StoreError`], and those of `change`.
    pub async fn edit_listing<E: From<StoreError>>(
        &self,
        batch: &Batch,
        listing: &ListingKey,
        change: impl Fn(Option<Listing>) -> Result<Listing, E>,
    ) -> Result<Written, E> {
        let edited = |item: Option<Item>| {
            let kept = item.as_ref().and_then(|item| item.get(PRICE).cloned());
            let mut item = listing_item(&change(item.map(listing_from).transpose()?)?)?;
            item.extend(kept.map(|price| (PRICE.to_owned(), price)));
            Ok(item)
        };
        self.edit(batch, &keys::listing(listing), edited).await
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
        let kept = prices::kept(&items);
        Ok(ListingsPage { listings: items.into_iter().map(listing_from).collect::<Result<_, _>>()?, kept, next })
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

/// An item that nobody wrote before.
pub(crate) fn versioned(item: Item) -> Item {
    Known::of(None).versioned(item)
}

const VERSION: &str = "version";
/// The attribute of a listing in which an earlier release kept what the good costs.
const PRICE: &str = "price";
/// How often what somebody else wrote meanwhile is read again before it is given up.
const ATTEMPTS: u32 = 5;

/// Items as they were when they were read. One that somebody else has written since is read again.
#[derive(Debug, Default)]
pub struct Batch(BTreeMap<Key, Option<Item>>);

impl Batch {
    /// None if it wasn't read.
    fn get(&self, key: &Key) -> Option<Known> {
        self.0.get(key).map(|item| Known::of(item.clone()))
    }

    /// None if it wasn't read; none within if it isn't there.
    pub(crate) fn item(&self, key: &Key) -> Option<Option<&Item>> {
        self.0.get(key).map(Option::as_ref)
    }
}

/// An item as it was read, to be written over only as long as it is so.
#[derive(Debug)]
struct Known {
    /// Without its version; none if there is none.
    item: Option<Item>,
    /// None if it was written before such items had one.
    version: Option<u64>,
}

impl Known {
    fn of(item: Option<Item>) -> Self {
        let mut item = item;
        let version = item.as_mut().and_then(|item| item.remove(VERSION)?.as_n().ok()?.parse().ok());
        Self { item, version }
    }

    const fn condition(&self) -> Condition {
        match (&self.item, self.version) {
            (None, _) => Condition::New,
            (Some(_), None) => Condition::Unversioned,
            (Some(_), Some(version)) => Condition::Version(version),
        }
    }

    /// An item with the version that comes after this one's.
    fn versioned(&self, mut item: Item) -> Item {
        item.insert(VERSION.to_owned(), number(self.version.unwrap_or(0) + 1));
        item
    }
}

fn product_item(product: &Product) -> Result<Item, StoreError> {
    let mut item = write(&keys::product(&product.sku), product)?;
    item.insert("listed_under".to_owned(), string(keys::GOODS));
    item.insert("listed_as".to_owned(), string(product.sku.as_str()));
    Ok(item)
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
    use edin_domain::listing::{Adaptive, Buffer, Costs, OwnBuffer, OwnCosts};

    use super::*;

    fn listing(policy: OwnPolicy) -> Listing {
        let key = ListingKey {
            connection: ConnectionId::new("wb-main").unwrap(),
            warehouse: WarehouseId::new("1").unwrap(),
            sku: Sku::new("TEA").unwrap(),
        };
        Listing { key, ids: BTreeMap::new(), policy, standing: Standing::Selling, ended_at: None }
    }

    #[test]
    fn a_listing_is_read_as_it_was_written_with_any_buffer() {
        let buffers = [Buffer::Fixed(3), Buffer::Adaptive(Adaptive::default()), Buffer::Weighed(Costs::default())];
        let none_of_its_own = OwnBuffer::Weighed(OwnCosts::default());
        for buffer in buffers.map(OwnBuffer::from).into_iter().chain([none_of_its_own]) {
            let listing = listing(OwnPolicy { buffer: Some(buffer), ..OwnPolicy::default() });
            assert_eq!(listing_from(listing_item(&listing).unwrap()).unwrap(), listing);
        }
    }

    #[test]
    fn a_listing_that_holds_copies_keeps_the_policy_that_it_was_written_with() {
        for buffer in [Buffer::Fixed(3), Buffer::Adaptive(Adaptive::default())] {
            let policy = Policy { share: 80, buffer, max: Some(5), end_when: 1 };
            let mut item = listing_item(&listing(OwnPolicy::default())).unwrap();
            item.remove("own");
            item.insert("policy".to_owned(), serde_dynamo::to_attribute_value(&policy).unwrap());
            item.insert("locations".to_owned(), serde_dynamo::to_attribute_value(["almaty"]).unwrap());
            assert_eq!(listing_from(item).unwrap().policy.over(&Policy::default()), policy);
        }
    }

    #[test]
    fn what_has_no_version_is_written_over_as_such() {
        let condition = |item: Option<&Item>| Known::of(item.cloned()).condition();
        let item = keys::product(&Sku::new("TEA").unwrap()).attributes();
        let versioned = Known::of(Some(item.clone())).versioned(item.clone());
        let found = [condition(None), condition(Some(&item)), condition(Some(&versioned))];
        assert_eq!(found, [Condition::New, Condition::Unversioned, Condition::Version(1)]);
    }
}
