//! The keys of the seller's own doors.

use edin_domain::Timestamp;
use edin_domain::api_key::ApiKey;

use crate::access::{Condition, Consistency};
use crate::item::{read, string, write};
use crate::{Store, StoreError, keys};

impl Store {
    /// A key by its id, revoked or not; none if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let item = self.get(&self.tables.stock, &keys::api_key(id), Consistency::Strong).await?;
        item.map(read).transpose()
    }

    /// All keys, by their ids.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        self.listed(keys::API_KEYS.to_owned(), "").await?.into_iter().map(read).collect()
    }

    /// Keeps a new key.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if there is one of this id.
    pub async fn put_api_key(&self, made: &ApiKey) -> Result<(), StoreError> {
        self.write_api_key(made, Condition::New).await
    }

    /// Revokes a key: from now on it opens nothing. Returns it as it is then; none if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_api_key(&self, id: &str, now: Timestamp) -> Result<Option<ApiKey>, StoreError> {
        let Some(known) = self.api_key(id).await? else { return Ok(None) };
        let revoked = ApiKey { revoked_at: known.revoked_at.or(Some(now)), ..known };
        // Nothing else of a key ever changes, so whoever writes last writes the same.
        self.write_api_key(&revoked, Condition::None).await?;
        Ok(Some(revoked))
    }

    async fn write_api_key(&self, key: &ApiKey, condition: Condition) -> Result<(), StoreError> {
        let mut item = write(&keys::api_key(&key.id), key)?;
        item.insert("listed_under".to_owned(), string(keys::API_KEYS));
        item.insert("listed_as".to_owned(), string(key.id.as_str()));
        self.put_one(&self.tables.stock, item, condition).await
    }
}
