//! The stock table as it is, into another one: to try something in.

use crate::{Store, StoreError};

impl Store {
    /// Writes all that the stock table holds into another one's, page by page. What is written here meanwhile may be missing there.
    ///
    /// # Errors
    /// [`StoreError`] of either.
    pub async fn copy_stock_to(&self, other: &Self) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let (items, next) = self.scan_page(&self.tables.stock, from).await?;
            other.put_many(&other.tables.stock, items).await?;
            match next {
                None => return Ok(()),
                next => from = next,
            }
        }
    }
}
