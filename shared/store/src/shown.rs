//! What channels are believed to show. Push alone writes it, one instance a connection, so that no two overwrite each other's.

use edin_domain::listing::ListingKey;
use edin_domain::shown::Shown;

use crate::access::Condition;
use crate::item::write;
use crate::{Store, StoreError, keys};

impl Store {
    /// Notes what channels show now. One writer a connection: the push queue's group sees to it.
    ///
    /// # Errors
    /// [`StoreError`]; some may be written then.
    pub async fn put_shown(&self, shown: &[(ListingKey, Shown)]) -> Result<(), StoreError> {
        match shown {
            [] => Ok(()),
            [(listing, shown)] => {
                let item = write(&keys::shown(listing), shown)?;
                self.put_one(&self.tables.stock, item, Condition::None).await
            }
            many => {
                let items = many
                    .iter()
                    .map(|(listing, shown)| write(&keys::shown(listing), shown))
                    .collect::<Result<_, _>>()?;
                self.put_many(&self.tables.stock, items).await
            }
        }
    }
}
