//! Whose a channel's article is: one SKU's. The mapping itself is the claim, so that no two can hold it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use edin_domain::listing::{Listing, ListingKey};
use edin_domain::{Article, ConnectionId, Sku};

use super::{Batch, Known, MappingItem, listing_item, mapping_from};
use crate::access::{Condition, Consistency};
use crate::item::{Item, number, string, unreadable, write};
use crate::keys::{self, Key};
use crate::{Store, StoreError};

/// What claiming an article came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It was nobody's.
    New,
    /// It was this SKU's already.
    Same,
    /// It is another SKU's, and stays so.
    Taken(Sku),
}

/// What was taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Articles, with the SKU whose each was.
    pub articles: BTreeMap<Article, Sku>,
    /// Listings of other SKUs that are no more.
    pub ended: Vec<ListingKey>,
}

impl Store {
    /// Says that a channel's article is this SKU, unless it is another one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(
        &self,
        batch: &Batch,
        connection: &ConnectionId,
        article: &Article,
        sku: &Sku,
    ) -> Result<Claimed, StoreError> {
        let mut read = batch.item(&keys::mapping(connection, article));
        for _ in 0..super::ATTEMPTS {
            let owner = match read.take() {
                Some(item) => item.cloned().map(mapping_from).transpose()?.map(|(_, owner)| owner),
                None => self.owner(connection, article).await?,
            };
            match owner {
                Some(owner) if owner == *sku => return Ok(Claimed::Same),
                Some(owner) => return Ok(Claimed::Taken(owner)),
                None => {}
            }
            match self.put_one(&self.tables.stock, mapping(connection, article, sku)?, Condition::New).await {
                Ok(()) => return Ok(Claimed::New),
                Err(StoreError::Stale { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Stale { call: "PutItem" })
    }

    /// Which SKU a channel's article is, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owner(&self, connection: &ConnectionId, article: &Article) -> Result<Option<Sku>, StoreError> {
        let item = self.get(&self.tables.stock, &keys::mapping(connection, article), Consistency::Strong).await?;
        Ok(item.map(mapping_from).transpose()?.map(|(_, sku)| sku))
    }

    /// Gives up that a channel's article is this SKU, and deletes these listings of it. From then on an order that names it waits.
    ///
    /// # Errors
    /// [`StoreError`]. [`StoreError::Stale`] if it is another SKU by now: nothing was done.
    pub async fn release(
        &self,
        connection: &ConnectionId,
        article: &Article,
        sku: &Sku,
        listings: &[ListingKey],
    ) -> Result<(), StoreError> {
        let key = keys::mapping(connection, article);
        let delete = Delete::builder().table_name(&self.tables.stock).set_key(Some(key.attributes()));
        let delete = delete
            .condition_expression("sku = :sku")
            .expression_attribute_values(":sku", string(sku.as_str()))
            .build()
            .map_err(|error| unreadable(&key, error))?;
        let mut writes = vec![TransactWriteItem::builder().delete(delete).build()];
        for listing in listings {
            writes.extend(self.remove(listing)?);
        }
        self.all_or_nothing(writes).await
    }

    /// Makes the card that goes by `card`, one of a listing's ids, this SKU's: its listings are written, the articles become its
    /// own, and other SKUs' listings of the card are no more, all in one transaction. Nobody is told a last 0 of those: what the
    /// card shows is the new listings' matter. `listings` are of one SKU at one connection.
    ///
    /// # Errors
    /// [`StoreError`]. [`StoreError::Stale`] if somebody else wrote one of them meanwhile: nothing was done, read again.
    pub async fn take_over(
        &self,
        listings: &[Listing],
        card: (&str, &Article),
        articles: &BTreeMap<Article, Sku>,
    ) -> Result<Moved, StoreError> {
        let Some(first) = listings.first() else { return Ok(Moved::default()) };
        let (connection, sku) = (&first.key.connection, &first.key.sku);
        let others: BTreeSet<&Sku> = articles.values().filter(|other| *other != sku).collect();
        let mut writes = Vec::new();
        let mut ended = Vec::new();
        for other in others {
            let of_card =
                |listing: &Listing| listing.key.connection == *connection && listing.ids.get(card.0) == Some(card.1);
            for listing in self.partition(other).await?.listings.into_iter().filter(of_card) {
                writes.extend(self.remove(&listing.key)?);
                ended.push(listing.key);
            }
        }
        for (article, from) in articles {
            writes.push(self.hand_over(connection, article, from, sku)?);
        }
        for listing in listings {
            let known = self.as_it_is(&keys::listing(&listing.key)).await?;
            writes.push(self.put_known(&known, listing)?);
            writes.push(self.deletion(&keys::shown(&listing.key))?);
        }
        self.all_or_nothing(writes).await.map(|()| Moved { articles: articles.clone(), ended })
    }

    /// A listing goes, and with it what is believed of it.
    fn remove(&self, listing: &ListingKey) -> Result<[TransactWriteItem; 2], StoreError> {
        Ok([self.deletion(&keys::listing(listing))?, self.deletion(&keys::shown(listing))?])
    }

    fn deletion(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.tables.stock).set_key(Some(key.attributes())).build();
        let delete = delete.map_err(|error| unreadable(key, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn hand_over(
        &self,
        connection: &ConnectionId,
        article: &Article,
        from: &Sku,
        to: &Sku,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.tables.stock).set_item(Some(mapping(connection, article, to)?));
        let put = put
            .condition_expression("sku = :from")
            .expression_attribute_values(":from", string(from.as_str()))
            .build()
            .map_err(|error| unreadable(&keys::mapping(connection, article), error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn put_known(&self, known: &Known, listing: &Listing) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.tables.stock).set_item(Some(known.versioned(listing_item(listing)?)));
        let put = match known.condition() {
            Condition::Version(version) => {
                put.condition_expression("version = :before").expression_attribute_values(":before", number(version))
            }
            Condition::Unversioned => put.condition_expression("attribute_not_exists(version)"),
            Condition::New | Condition::Newer(_) | Condition::None => {
                put.condition_expression("attribute_not_exists(pk)")
            }
        };
        let put = put.build().map_err(|error| unreadable(&keys::listing(&listing.key), error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn mapping(connection: &ConnectionId, article: &Article, sku: &Sku) -> Result<Item, StoreError> {
    write(&keys::mapping(connection, article), &MappingItem { sku: sku.clone() })
}
