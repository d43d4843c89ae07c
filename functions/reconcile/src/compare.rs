//! What a channel shows, against what it should, listing by listing.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::client::{SeenRow, StockRow};
use edin_channels::pace;
use edin_domain::Article;
use edin_domain::bundle::Product;
use edin_domain::drift::{Drift, explain};
use edin_domain::listing::Listing;
use edin_domain::offer::{Due, due};
use edin_domain::shown::Decision;
use edin_store::partition::Glance;
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    Connection, Finding, ListingKey, Reason, Shown, Sku, Store, StoreError, Timestamp, UnseenOrders, WarehouseId,
};

/// How many SKUs are read at the same time.
const AT_ONCE: usize = 16;

/// A listing, with everything that decides what it shall show.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) listing: Listing,
    components: BTreeSet<Sku>,
    pub(crate) due: Due,
    pub(crate) shown: Shown,
}

impl Listed {
    pub(crate) fn stock_row(&self) -> StockRow {
        StockRow { ids: self.listing.ids.clone(), quantity: self.due.offer.quantity }
    }

    /// Whether it must be told now. Nobody may be about to: a queue was lost, or what made it due wakes nobody.
    pub(crate) fn must_be_told(&self) -> bool {
        self.due.decision == Decision::Push
    }

    /// Whether what is believed of it, and what its channel has sold, is what it was before.
    fn is_as(&self, before: &Self) -> bool {
        (&self.shown.acknowledged, self.due.tally) == (&before.shown.acknowledged, before.due.tally)
    }

    fn name(&self) -> String {
        self.listing.ids.values().next().map_or_else(|| self.listing.key.sku.to_string(), ToString::to_string)
    }
}

/// All listings of a connection. They are looked at page by page, and so many SKUs at the same time: a large catalogue doesn't
/// fit into the function's memory twice.
pub(crate) async fn listed(store: &Store, connection: &Connection, now: Timestamp) -> Result<Vec<Listed>, StoreError> {
    let (mut listed, mut last) = (Vec::new(), None);
    let mut page = store.listings_after(&connection.id, None).await?;
    loop {
        let skus: BTreeSet<Sku> = page.listings.iter().map(|listing| listing.key.sku.clone()).collect();
        // The listings of a SKU may lie on two pages, and all of them were read with the first.
        let skus: Vec<Sku> = skus.into_iter().filter(|sku| last.as_ref() != Some(sku)).collect();
        last = page.listings.last().map(|listing| listing.key.sku.clone()).or(last);
        // What differs by it is looked at once more before anything is said.
        let glance = &store.cheap_glance();
        let read = stream::iter(skus).map(|sku| of_one(glance, connection, sku, now)).buffered(AT_ONCE);
        listed = read
            .try_fold(listed, async |mut listed, more| {
                listed.extend(more);
                Ok(listed)
            })
            .await?;
        if page.is_last() {
            return Ok(listed);
        }
        page = store.listings_after(&connection.id, Some(page)).await?;
    }
}

async fn of_one(
    glance: &Glance<'_>,
    connection: &Connection,
    sku: Sku,
    now: Timestamp,
) -> Result<Vec<Listed>, StoreError> {
    let sellable = glance.sellable(&sku).await?;
    let Some(product) = &sellable.partition.product else { return Ok(Vec::new()) };
    let listings = sellable.partition.listings.iter().filter(|listing| listing.key.connection == connection.id);
    let listed = |listing: &Listing| {
        let shown = sellable.partition.shown(&listing.key);
        let due = due(listing, product, connection, pace(connection), &sellable.stock, &shown, now);
        Listed { listing: listing.clone(), components: components(product), due, shown }
    };
    Ok(listings.map(listed).collect())
}

fn components(product: &Product) -> BTreeSet<Sku> {
    product.components().into_keys().collect()
}

/// Listings by the channel's warehouse, those without any listing included: the channel may show something there.
pub(crate) fn by_warehouse<'a>(
    connection: &Connection,
    listed: &'a [Listed],
) -> BTreeMap<WarehouseId, Vec<&'a Listed>> {
    let mut warehouses: BTreeMap<_, Vec<_>> = connection.warehouses.keys().map(|id| (id.clone(), Vec::new())).collect();
    for one in listed {
        warehouses.entry(one.listing.key.warehouse.clone()).or_default().push(one);
    }
    warehouses
}

/// What a comparison came to.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) findings: Vec<Finding>,
    /// Goods of which something is believed that the shelf disproves.
    pub(crate) disproved: BTreeSet<Sku>,
}

impl Compared {
    /// Units by which the listings differ from what they should show.
    pub(crate) fn units(&self) -> u64 {
        self.findings.iter().map(|finding| u64::from(finding.drift.actual.abs_diff(finding.drift.desired))).sum()
    }
}

/// What a warehouse shows, beside the listings as they were just before it was read.
#[derive(Debug)]
pub(crate) struct Shelf<'a> {
    pub(crate) warehouse: WarehouseId,
    pub(crate) listings: Vec<&'a Listed>,
    pub(crate) seen: Vec<SeenRow>,
}

impl Shelf<'_> {
    /// The listings, each with the number that is shown.
    fn shown(&self) -> impl Iterator<Item = (&Listed, u32)> {
        let index = index(&self.seen);
        self.listings.iter().map(move |one| {
            let row = one.listing.ids.iter().find_map(|name| index.get(&name)).and_then(|row| self.seen.get(*row));
            (*one, row.map_or(0, |row| row.quantity))
        })
    }

    /// The listings that show another number than they should, with the number.
    pub(crate) fn differing(&self) -> impl Iterator<Item = (&Listed, u32)> {
        self.shown().filter(|(one, actual)| *actual != one.due.offer.quantity)
    }

    /// What is shown, by SKU.
    pub(crate) fn numbers(&self) -> BTreeMap<Sku, u32> {
        self.shown().map(|(one, actual)| (one.listing.key.sku.clone(), actual)).collect()
    }

    /// What is on sale here that no listing speaks of.
    fn strangers(&self) -> impl Iterator<Item = &SeenRow> {
        let index = index(&self.seen);
        let met =
            self.listings.iter().filter_map(|one| one.listing.ids.iter().find_map(|name| index.get(&name)).copied());
        let met: BTreeSet<usize> = met.collect();
        let strangers = self.seen.iter().enumerate().filter(move |(row, seen)| seen.quantity > 0 && !met.contains(row));
        strangers.map(|(_, seen)| seen)
    }
}

/// The listings of these goods as they are now, by their keys.
pub(crate) async fn now(
    store: &Store,
    connection: &Connection,
    skus: BTreeSet<Sku>,
    now: Timestamp,
) -> Result<BTreeMap<ListingKey, Listed>, StoreError> {
    let glance = &store.glance();
    let read = stream::iter(skus).map(|sku| of_one(glance, connection, sku, now)).buffered(AT_ONCE);
    let listed = read.try_fold(BTreeMap::new(), async |mut listed: BTreeMap<_, _>, more| {
        listed.extend(more.into_iter().map(|one| (one.listing.key.clone(), one)));
        Ok(listed)
    });
    listed.await
}

/// Compares a shelf with the listings as they were just before it was read and as they are `after`. What the table says of a
/// listing may be held against what the channel shows only if it was the same at both times: what moved meanwhile is judged the
/// next time.
pub(crate) fn compare(
    shelf: &Shelf<'_>,
    after: &BTreeMap<ListingKey, Listed>,
    unseen: &BTreeSet<Sku>,
    now: Timestamp,
) -> Compared {
    let mut compared = Compared::default();
    for (before, actual) in shelf.differing() {
        let Some(one) =
            after.get(&before.listing.key).filter(|after| after.is_as(before) && !after.due.is_left_in_peace())
        else {
            continue;
        };
        let orders = if one.components.is_disjoint(unseen) { UnseenOrders::None } else { UnseenOrders::Some };
        if let Some(drift) = explain(actual, one.due.offer.quantity, &one.shown, one.due.tally, orders, now) {
            compared.note(&shelf.warehouse, one, drift, now);
        }
    }
    compared.findings.extend(shelf.strangers().map(|row| stranger(&shelf.warehouse, row, now)));
    compared
}

/// Where each good stands, by each of its names.
fn index(seen: &[SeenRow]) -> BTreeMap<(&String, &Article), usize> {
    let names = seen.iter().enumerate().flat_map(|(row, seen)| seen.ids.iter().map(move |name| (name, row)));
    names.collect()
}

impl Compared {
    /// What demand alone has moved is told, and is no drift. What the channel was told last and shows isn't disproved.
    fn note(&mut self, warehouse: &WarehouseId, one: &Listed, drift: Drift, now: Timestamp) {
        if drift.reason == Reason::InFlight && one.due.moved_by_demand(&one.shown) {
            return;
        }
        if drift.reason != Reason::InFlight {
            self.disproved.insert(one.listing.key.sku.clone());
        }
        self.findings.push(Finding {
            at: now,
            warehouse: warehouse.clone(),
            sku: Some(one.listing.key.sku.clone()),
            article: one.name(),
            drift,
        });
    }
}

fn stranger(warehouse: &WarehouseId, row: &SeenRow, now: Timestamp) -> Finding {
    let article = row.ids.values().next().map_or_else(String::new, ToString::to_string);
    let drift = Drift { actual: row.quantity, desired: 0, reason: Reason::NotMapped };
    Finding { at: now, warehouse: warehouse.clone(), sku: None, article, drift }
}
