//! All that the stock table holds of goods, stock and orders, page by page: for who copies it out.

use edin_domain::bundle::Product;
use edin_domain::order::Order;
use edin_domain::stock::{Entry, Level, Place};

use crate::item::{Item, key, level_from, order_from, read};
use crate::ledger::row_from;
use crate::{Store, StoreError};

/// A page of it, in no order; and what of it can't be read, and why.
#[derive(Debug, Clone, Default)]
pub struct Everything {
    /// Goods.
    pub products: Vec<Product>,
    /// How many of them lie where.
    pub levels: Vec<Level>,
    /// Orders and holds.
    pub orders: Vec<Order>,
    /// Rows of the ledger.
    pub ledger: Vec<(Place, Entry)>,
    /// Items that can't be read, and why.
    pub unreadable: Vec<String>,
    next: Option<Item>,
}

impl Everything {
    /// Whether no page comes after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.next.is_none()
    }

    fn add(&mut self, item: Item) {
        if let Err(error) = self.sort(item) {
            self.unreadable.push(error.to_string());
        }
    }

    fn sort(&mut self, item: Item) -> Result<(), StoreError> {
        let at = key(&item);
        match (at.pk.split_once('#'), at.sk.as_str()) {
            (Some(("SKU", _)), "ITEM") => self.products.push(read(item)?),
            (Some(("SKU", _)), sk) if sk.starts_with("LEVEL#") => self.levels.push(level_from(item)?),
            (Some(("ORDER", _)), "ORDER") => self.orders.push(order_from(item)?),
            (Some(("LEDGER", _)), _) => self.ledger.push(row_from(item)?),
            _ => {}
        }
        Ok(())
    }
}

impl Store {
    /// A page of it, after the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn everything(&self, page: Option<Everything>) -> Result<Everything, StoreError> {
        let from = page.and_then(|page| page.next);
        let (items, next) = self.scan_page(&self.tables.stock, from).await?;
        let mut everything = Everything { next, ..Everything::default() };
        items.into_iter().for_each(|item| everything.add(item));
        Ok(everything)
    }
}
