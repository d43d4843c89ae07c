//! A SKU's partition: everything that a decision about it needs, in one Query.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use edin_domain::Sku;
use edin_domain::bundle::Product;
use edin_domain::demand::Demand;
use edin_domain::listing::{Listing, ListingKey};
use edin_domain::offer::Stock;
use edin_domain::shown::Shown;
use edin_domain::stock::Level;
use tokio::sync::OnceCell;

use crate::access::Consistency;
use crate::catalogue::listing_from;
use crate::item::{Item, key, level_from, read};
use crate::{Store, StoreError, keys};

/// What stands in a SKU's partition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Partition {
    /// The product; none if it was never imported.
    pub product: Option<Product>,
    /// Its levels, one a location; none of a bundle.
    pub levels: Vec<Level>,
    /// The bundles that it is part of.
    pub bundles: BTreeSet<Sku>,
    /// Its listings at all connections, ended ones included.
    pub listings: Vec<Listing>,
    /// What its channels show, by listing.
    pub shown: BTreeMap<ListingKey, Shown>,
    /// What was sold of it lately, where a buffer asks.
    pub demand: Demand,
}

impl Partition {
    fn add(&mut self, item: Item) -> Result<(), StoreError> {
        let at = key(&item);
        let kind = at.sk.split_once('#').map_or(at.sk.as_str(), |(kind, _)| kind);
        match kind {
            "ITEM" => self.product = Some(read(item)?),
            "LEVEL" => self.levels.push(level_from(item)?),
            "LISTING" => self.listings.push(listing_from(item)?),
            "SHOWN" => {
                let listing = keys::listing_key(&at.pk, &at.sk).ok_or_else(|| crate::access::misplaced(&item))?;
                self.shown.insert(listing, read(item)?);
            }
            "DEMAND" => self.demand = read(item)?,
            "BUNDLE" => self.bundles.extend(at.sk.strip_prefix("BUNDLE#").and_then(|sku| Sku::new(sku).ok())),
            _ => {}
        }
        Ok(())
    }

    /// What a listing's channel shows.
    #[must_use]
    pub fn shown(&self, listing: &ListingKey) -> Shown {
        self.shown.get(listing).cloned().unwrap_or_default()
    }

    /// Its own part of what a decision needs.
    fn stock(&self, sku: &Sku) -> Stock {
        let mut stock: Stock = self.levels.iter().cloned().collect();
        stock.extend([(sku.clone(), self.demand.clone())]);
        stock
    }
}

/// One SKU with the levels of everything that it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Sellable {
    /// All that stands in its own partition.
    pub partition: Partition,
    /// Its own levels and demand; a bundle's components'.
    pub stock: Stock,
}

impl Store {
    /// A SKU's partition, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partition(&self, sku: &Sku) -> Result<Partition, StoreError> {
        self.partition_as(sku, Consistency::Strong).await
    }

    async fn partition_as(&self, sku: &Sku, consistency: Consistency) -> Result<Partition, StoreError> {
        let items = self.partition_of(&self.tables.stock, keys::sku(sku), "", consistency).await?;
        items.into_iter().try_fold(Partition::default(), |mut partition, item| {
            partition.add(item)?;
            Ok(partition)
        })
    }

    /// A SKU's partition with the levels that decide how many of it can be sold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sellable(&self, sku: &Sku) -> Result<Sellable, StoreError> {
        self.glance().sellable(sku).await
    }

    /// A look at several SKUs as they are now.
    #[must_use]
    pub fn glance(&self) -> Glance<'_> {
        Glance { store: self, consistency: Consistency::Strong, read: Mutex::default() }
    }

    /// A look at several SKUs as they were a moment ago, for half the price: for who looks again before it acts on a difference.
    #[must_use]
    pub fn cheap_glance(&self) -> Glance<'_> {
        Glance { store: self, consistency: Consistency::Eventual, read: Mutex::default() }
    }
}

/// What one piece of work has read of the SKUs that it looks at. What several of them are made of is read once.
pub struct Glance<'a> {
    store: &'a Store,
    consistency: Consistency,
    read: Mutex<BTreeMap<Sku, Arc<OnceCell<Partition>>>>,
}

impl Glance<'_> {
    /// A SKU's partition with the levels that decide how many of it can be sold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sellable(&self, sku: &Sku) -> Result<Sellable, StoreError> {
        let partition = self.partition(sku).await?;
        let mut stock = partition.stock(sku);
        if let Some(product) = &partition.product {
            let others: Vec<Sku> = product.components().into_keys().filter(|component| component != sku).collect();
            let read = others.iter().map(|component| self.partition(component));
            for (component, read) in others.iter().zip(futures::future::try_join_all(read).await?) {
                stock.add(read.stock(component));
            }
        }
        Ok(Sellable { partition, stock })
    }

    async fn partition(&self, sku: &Sku) -> Result<Partition, StoreError> {
        let cell = Arc::clone(self.read.lock().unwrap_or_else(PoisonError::into_inner).entry(sku.clone()).or_default());
        Box::pin(cell.get_or_try_init(|| self.store.partition_as(sku, self.consistency))).await.cloned()
    }
}
