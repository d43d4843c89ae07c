//! Items in the form of an earlier release, and how they come into today's. Each is read as it is, so that nothing waits for this;
//! what is brought up to date is smaller, and the next release need not know the old form.

use std::collections::BTreeMap;

use edin_domain::{ConnectionId, Money, Sku};
use futures::{StreamExt, TryStreamExt, stream};

use crate::access::{CALLS_AT_ONCE, Condition, Consistency};
use crate::catalogue::{
    Batch, Connections, has_unreadable_price, kept, listing_from, listing_item, price_item, product_from, versioned,
};
use crate::customers::{Purchase, bought};
use crate::item::{Item, key, read, unreadable, write};
use crate::keys::{self, Key};
use crate::{Store, StoreError};

/// What a migration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// Finds what it would change.
    Look,
    /// Changes it.
    Write,
}

/// Items in an earlier release's form, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Listings that hold a price, or a copy of their connection's policy.
    pub listings: usize,
    /// Prices that only a listing holds.
    pub prices: usize,
    /// Buckets of the limiter, each an item of its own; nobody reads them any more.
    pub buckets: usize,
    /// Purchases that are kept under their time.
    pub purchases: usize,
    /// Goods that stand in no list, and that no barcode leads to.
    pub goods: usize,
    /// Items that can't be read, and why. They stay as they are.
    pub unreadable: Vec<String>,
}

impl Outdated {
    /// Whether there is nothing to bring up to date.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.listings + self.prices + self.buckets + self.purchases + self.goods == 0
    }
}

impl Store {
    /// Finds the items that an earlier release wrote in another form, and brings them up to date. Done again, it goes on from where
    /// it stopped; meanwhile everything runs as ever.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn migrate(&self, migration: Migration) -> Result<Outdated, StoreError> {
        let mut outdated = Outdated::default();
        let Connections { known, unreadable } = self.all_connections().await?;
        for connection in known.into_keys().chain(unreadable.into_keys()) {
            self.migrate_listings(&connection, migration, &mut outdated).await?;
            self.migrate_buckets(&connection, migration, &mut outdated).await?;
        }
        self.migrate_purchases(migration, &mut outdated).await?;
        self.migrate_goods(migration, &mut outdated).await?;
        Ok(outdated)
    }

    async fn migrate_listings(
        &self,
        connection: &ConnectionId,
        migration: Migration,
        outdated: &mut Outdated,
    ) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let (items, next) = self.listed_page(keys::connection_of(connection), "LISTING#", from).await?;
            let old: Vec<Item> = items.into_iter().filter(is_old_listing).filter(|it| outdated.can_read(it)).collect();
            let prices = self.without_an_item(connection, kept(&old)).await?;
            (outdated.listings, outdated.prices) = (outdated.listings + old.len(), outdated.prices + prices.len());
            if migration == Migration::Write {
                // The prices first, and one a good: a listing that lost its price would be left out of its channel's list.
                all(prices.iter().map(|(sku, price)| self.keep_price(connection, sku, *price)).collect()).await?;
                all(old.iter().map(|item| self.renew_listing(item)).collect()).await?;
            }
            match next {
                None => return Ok(()),
                next => from = next,
            }
        }
    }

    /// Those of the prices that only listings hold.
    async fn without_an_item(
        &self,
        connection: &ConnectionId,
        mut prices: BTreeMap<Sku, Money>,
    ) -> Result<BTreeMap<Sku, Money>, StoreError> {
        let keys: Vec<Key> = prices.keys().map(|sku| keys::price(sku, connection)).collect();
        for item in self.get_many(&self.tables.stock, keys, Consistency::Strong).await? {
            if let Some(sku) = keys::sku_of(&key(&item).pk) {
                prices.remove(&sku);
            }
        }
        Ok(prices)
    }

    /// What an import wrote meanwhile is newer.
    async fn keep_price(&self, connection: &ConnectionId, sku: &Sku, price: Money) -> Result<(), StoreError> {
        let item = versioned(price_item(&keys::price(sku, connection), Some(price))?);
        unless_newer(self.put_one(&self.tables.stock, item, Condition::New).await)
    }

    async fn renew_listing(&self, item: &Item) -> Result<(), StoreError> {
        let renewed = |known: Option<Item>| match known {
            Some(known) => Ok(listing_item(&listing_from(known)?)?),
            None => Err(Gone::Deleted),
        };
        match self.edit(&Batch::default(), &key(item), renewed).await {
            Ok(_) | Err(Gone::Deleted) => Ok(()),
            Err(Gone::Not(error)) => Err(error),
        }
    }

    async fn migrate_buckets(
        &self,
        connection: &ConnectionId,
        migration: Migration,
        outdated: &mut Outdated,
    ) -> Result<(), StoreError> {
        let pk = keys::connection_of(connection);
        let old = self.partition_of(&self.tables.stock, pk, keys::OLD_BUCKETS, Consistency::Eventual).await?;
        outdated.buckets += old.len();
        if migration == Migration::Write {
            all(old.iter().map(|item| self.delete(&self.tables.stock, key(item))).collect()).await?;
        }
        Ok(())
    }

    async fn migrate_purchases(&self, migration: Migration, outdated: &mut Outdated) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let (items, next) = self.scan_page(&self.tables.customers, from).await?;
            let old: Vec<(Key, Key, Purchase)> = items.into_iter().filter_map(|item| outdated.purchase(item)).collect();
            outdated.purchases += old.len();
            if migration == Migration::Write {
                all(old.into_iter().map(|purchase| self.renew_purchase(purchase)).collect()).await?;
            }
            match next {
                None => return Ok(()),
                next => from = next,
            }
        }
    }

    async fn migrate_goods(&self, migration: Migration, outdated: &mut Outdated) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let (items, next) = self.scan_page(&self.tables.stock, from).await?;
            let old: Vec<Sku> = items.into_iter().filter_map(|item| outdated.good(item)).collect();
            outdated.goods += old.len();
            if migration == Migration::Write {
                all(old.iter().map(|sku| self.renew_good(sku)).collect()).await?;
            }
            match next {
                None => return Ok(()),
                next => from = next,
            }
        }
    }

    /// Writes a good as it is, by which it comes into the list and its barcodes lead to it.
    async fn renew_good(&self, sku: &Sku) -> Result<(), StoreError> {
        match self.edit_product(&Batch::default(), sku, |known| known.ok_or(Gone::Deleted)).await {
            Ok(_) | Err(Gone::Deleted) => Ok(()),
            Err(Gone::Not(error)) => Err(error),
        }
    }

    async fn renew_purchase(&self, (old, new, purchase): (Key, Key, Purchase)) -> Result<(), StoreError> {
        let item = write(&new, &purchase)?;
        unless_newer(self.put_one(&self.tables.customers, item, Condition::Newer(purchase.version)).await)?;
        self.delete(&self.tables.customers, old).await
    }
}

impl Outdated {
    fn can_read(&mut self, listing: &Item) -> bool {
        let read = match has_unreadable_price(listing) {
            true => Err(unreadable(&key(listing), "its price is none")),
            false => listing_from(listing.clone()),
        };
        read.map_err(|error| self.unreadable.push(error.to_string())).is_ok()
    }

    /// The SKU of a good that stands in no list.
    fn good(&mut self, item: Item) -> Option<Sku> {
        let at = key(&item);
        let is_old = at.sk == "ITEM" && keys::sku_of(&at.pk).is_some() && !item.contains_key("listed_under");
        let product = is_old.then(|| product_from(item).map_err(|error| self.unreadable.push(error.to_string())).ok());
        product.flatten().map(|(sku, _)| sku)
    }

    /// A purchase that is kept under its time, with the key that it has today.
    fn purchase(&mut self, item: Item) -> Option<(Key, Key, Purchase)> {
        let old = key(&item);
        let (at, order) = bought(old.sk.strip_prefix("ORDER#")?);
        let at = at?;
        let new = Key { pk: old.pk.clone(), sk: format!("ORDER#{order}") };
        let read = read::<Purchase>(item).map_err(|error| self.unreadable.push(error.to_string())).ok()?;
        Some((old, new, Purchase { at: read.at.or(Some(at)), ..read }))
    }
}

/// Whether an earlier release wrote it: one that holds what stands elsewhere today, or no policy of its own.
fn is_old_listing(item: &Item) -> bool {
    ["price", "policy", "locations"].into_iter().any(|name| item.contains_key(name)) || !item.contains_key("own")
}

/// Why something wasn't renewed.
enum Gone {
    /// It was deleted meanwhile.
    Deleted,
    Not(StoreError),
}

impl From<StoreError> for Gone {
    fn from(error: StoreError) -> Self {
        Self::Not(error)
    }
}

/// What somebody else wrote meanwhile is newer.
fn unless_newer(written: Result<(), StoreError>) -> Result<(), StoreError> {
    match written {
        Err(StoreError::Stale { .. }) => Ok(()),
        written => written,
    }
}

async fn all(writes: Vec<impl Future<Output = Result<(), StoreError>>>) -> Result<(), StoreError> {
    stream::iter(writes).buffer_unordered(CALLS_AT_ONCE).try_collect().await
}
