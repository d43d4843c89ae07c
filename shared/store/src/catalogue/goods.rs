//! Goods as a whole: all of them, page by page, and those that a barcode is of.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::bundle::Product;
use edin_domain::{Sku, barcode};

use super::product_from;
use crate::access::{Consistency, page};
use crate::item::key;
use crate::{Store, StoreError, keys};

impl Store {
    /// Goods by SKU, those after `after`, `count` at most: as they were a moment ago.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn goods_after(&self, after: Option<&Sku>, count: u16) -> Result<Vec<Product>, StoreError> {
        // A SKU sorts after nothing less than a space.
        let query = self.list_after(keys::GOODS, after.map_or(" ", Sku::as_str)).limit(count.into());
        let (mut goods, mut from) = (Vec::new(), None);
        // A page ends at a megabyte too.
        loop {
            let (items, next) = page(query.clone(), from).await?;
            for item in items {
                goods.push(product_from(item)?.1);
            }
            goods.truncate(count.into());
            if next.is_none() || goods.len() == usize::from(count) {
                return Ok(goods);
            }
            from = next;
        }
    }

    /// The goods that what a scanner has read may be of, each with the units of it that the scan stands for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scanned(&self, code: &str) -> Result<BTreeMap<Sku, (Product, u32)>, StoreError> {
        let found = barcode::keys(code);
        let mut noted = BTreeSet::new();
        for found in &found {
            let pk = keys::barcode_of(found);
            let notes = self.partition_of(&self.tables.stock, pk, "", Consistency::Eventual).await?;
            noted.extend(notes.iter().filter_map(|note| Sku::new(key(note).sk).ok()));
        }
        // A note stays where a good has lost its barcode.
        let units = |product: &Product| {
            let its = product.barcodes.iter().find(|barcode| found.contains(&barcode.key()))?;
            its.units(code)
        };
        let products = self.products(noted).await?.into_iter();
        Ok(products.filter_map(|(sku, product)| units(&product).map(|units| (sku, (product, units)))).collect())
    }
}
