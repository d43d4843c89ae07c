//! What goods cost: an item a SKU and connection, apart from its listings, so that a new price has no number worked out anew.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::{ConnectionId, Money, Sku};
use serde::{Deserialize, Serialize};

use super::{Batch, ListingsPage, Written};
use crate::access::Consistency;
use crate::item::{Item, key, read, write};
use crate::keys::{self, Key};
use crate::{Store, StoreError};

/// A price as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct PriceItem {
    /// None if it was taken away: what an earlier release kept in a listing counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
}

/// A price as an item, without a version.
pub(crate) fn price_item(key: &Key, price: Option<Money>) -> Result<Item, StoreError> {
    write(key, &PriceItem { price })
}

/// Whether an earlier release kept a price in a listing that can't be read.
pub(crate) fn has_unreadable_price(listing: &Item) -> bool {
    listing.contains_key(super::PRICE) && kept_price(listing).is_none()
}

/// The price that an earlier release kept in a listing; none if there is none, or it can't be read.
fn kept_price(listing: &Item) -> Option<Money> {
    serde_dynamo::from_attribute_value(listing.get(super::PRICE)?.clone()).ok()
}

/// Those of a page. A good has one at a connection, whatever its warehouse: the first.
pub(crate) fn kept(listings: &[Item]) -> BTreeMap<Sku, Money> {
    let mut kept = BTreeMap::new();
    for listing in listings {
        if let Some((sku, price)) = keys::sku_of(&key(listing).pk).zip(kept_price(listing)) {
            kept.entry(sku).or_insert(price);
        }
    }
    kept
}

impl Batch {
    /// Whether an earlier release kept a price in one of its listings.
    fn keeps_a_price(&self, sku: &Sku, connection: &ConnectionId) -> bool {
        let first = keys::listings(sku, connection);
        let here =
            self.0.range(first.clone()..).take_while(|(key, _)| key.pk == first.pk && key.sk.starts_with(&first.sk));
        here.filter_map(|(_, listing)| listing.as_ref()).any(|listing| kept_price(listing).is_some())
    }
}

impl Store {
    /// Writes what a good costs at a connection, or that nobody says. None if nobody ever did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_price(
        &self,
        batch: &Batch,
        sku: &Sku,
        connection: &ConnectionId,
        price: Option<Money>,
    ) -> Result<Option<Written>, StoreError> {
        let key = keys::price(sku, connection);
        let is_nothing_new = price.is_none() && !batch.keeps_a_price(sku, connection);
        if is_nothing_new && self.as_read(batch, &key).await?.item.is_none() {
            return Ok(None);
        }
        self.edit(batch, &key, |_| price_item(&key, price)).await.map(Some)
    }

    /// What a good costs at a connection; none if nobody says, or it can't be read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn price(&self, sku: &Sku, connection: &ConnectionId) -> Result<Option<Money>, StoreError> {
        if let Some(item) = self.get(&self.tables.stock, &keys::price(sku, connection), Consistency::Strong).await? {
            return Ok(price_of(item));
        }
        let Key { pk, sk } = keys::listings(sku, connection);
        let listings = self.partition_of(&self.tables.stock, pk, &sk, Consistency::Strong).await?;
        Ok(kept(&listings).remove(sku))
    }

    /// What the goods of a page of listings cost at their connection. One whose price can't be read has none. Read as it is now: a good
    /// whose listing is renewed already, and its price not seen yet, would be left out of a list.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prices(
        &self,
        connection: &ConnectionId,
        page: &ListingsPage,
    ) -> Result<BTreeMap<Sku, Money>, StoreError> {
        let skus: BTreeSet<&Sku> = page.listings.iter().map(|listing| &listing.key.sku).collect();
        let keys = skus.into_iter().map(|sku| keys::price(sku, connection));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Strong).await?;
        let mut prices = page.kept.clone();
        for item in items {
            let Some(sku) = keys::sku_of(&key(&item).pk) else { continue };
            match price_of(item) {
                Some(price) => _ = prices.insert(sku, price),
                None => _ = prices.remove(&sku),
            }
        }
        Ok(prices)
    }
}

fn price_of(item: Item) -> Option<Money> {
    let unread =
        |error: &StoreError| tracing::error!(%error, "a good has no price: the one that is kept can't be read");
    read::<PriceItem>(item).inspect_err(unread).ok()?.price
}

#[cfg(test)]
mod tests {
    use edin_domain::Currency;
    use edin_domain::listing::ListingKey;

    use super::*;

    fn tenge(units: i64) -> Money {
        Money::new(units * 100, Currency::KZT)
    }

    /// A listing of an earlier release.
    fn listing(sku: &str, warehouse: &str, price: Option<Money>) -> Item {
        let (connection, warehouse) = ("kaspi".parse().unwrap(), warehouse.parse().unwrap());
        let listing = ListingKey { connection, warehouse, sku: sku.parse().unwrap() };
        price_item(&keys::listing(&listing), price).unwrap()
    }

    #[test]
    fn a_price_that_an_earlier_release_kept_in_a_listing_is_found_there() {
        let listings = [
            listing("CUP", "PP1", None),
            listing("TEA", "PP1", Some(tenge(1_490))),
            listing("TEA", "PP2", Some(tenge(1_500))),
        ];
        assert_eq!(kept(&listings), BTreeMap::from([("TEA".parse().unwrap(), tenge(1_490))]));
    }

    #[test]
    fn a_price_that_was_taken_away_is_told_from_one_that_can_not_be_read() {
        let at = keys::price(&"TEA".parse().unwrap(), &"kaspi".parse().unwrap());
        assert_eq!(price_of(price_item(&at, Some(tenge(7))).unwrap()), Some(tenge(7)));
        assert_eq!(price_of(price_item(&at, None).unwrap()), None);
        let mut wrong = price_item(&at, Some(tenge(7))).unwrap();
        wrong.insert("price".to_owned(), crate::item::string("seven"));
        assert_eq!(price_of(wrong), None);
    }
}
