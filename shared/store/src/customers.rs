//! People: who an order is for, one profile over all channels, and what each bought. All of it in the table `customers`.

use edin_domain::customer::{Contact, IdentityKind};
use edin_domain::order::OrderKey;
use edin_domain::{Money, Personal, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{read, write};
use crate::{Store, StoreError, keys};

/// What a person is recognised by: a kind, and a keyed digest that stands for the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What kind of thing.
    pub kind: IdentityKind,
    /// Its keyed digest, in hexadecimal digits.
    pub digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct IdentityItem {
    customer: String,
}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// As a channel wrote it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// As a channel wrote it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// As a channel wrote it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// When they were first seen.
    pub since: Timestamp,
    /// Rises with every change.
    #[serde(default)]
    pub version: u64,
}

/// One order in a person's history. Written over and over as the order changes; the last word stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// What the buyer owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// Units bought, cancelled and returned ones taken off.
    pub units: u32,
    /// The order's version that this tells of.
    pub version: u64,
}

impl Store {
    /// Who an order is for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn contact(&self, order: &OrderKey) -> Result<Option<Contact>, StoreError> {
        let item = self.get(&self.tables.customers, &keys::contact(order), Consistency::Strong).await?;
        item.map(read).transpose()
    }

    /// Whose the identities are: the first that is known says it. Where none is, `newcomer` is, and from now on all of them
    /// lead there. Two who ask at once get the same answer, that of the faster one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customer_of(&self, identities: &[Identity], newcomer: &str) -> Result<String, StoreError> {
        let mut known = None;
        let mut strangers = Vec::new();
        for identity in identities {
            match self.known(identity).await? {
                Some(customer) => known = known.or(Some(customer)),
                None => strangers.push(identity),
            }
        }
        for identity in strangers {
            let whose = self.recognise(identity, known.as_deref().unwrap_or(newcomer)).await?;
            known = known.or(Some(whose));
        }
        Ok(known.unwrap_or_else(|| newcomer.to_owned()))
    }

    async fn known(&self, identity: &Identity) -> Result<Option<String>, StoreError> {
        let key = keys::identity(identity.kind, &identity.digest);
        let item = self.get(&self.tables.customers, &key, Consistency::Strong).await?;
        Ok(item.map(read::<IdentityItem>).transpose()?.map(|item| item.customer))
    }

    /// Whose a stranger's identity is from now on: the customer's, or whose somebody else just said.
    async fn recognise(&self, identity: &Identity, customer: &str) -> Result<String, StoreError> {
        let key = keys::identity(identity.kind, &identity.digest);
        let item = write(&key, &IdentityItem { customer: customer.to_owned() })?;
        match self.put_one(&self.tables.customers, item, Condition::New).await {
            Ok(()) => Ok(customer.to_owned()),
            Err(stale @ StoreError::Stale { .. }) => self.known(identity).await?.ok_or(stale),
            Err(error) => Err(error),
        }
    }

    /// A person's profile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profile(&self, customer: &str) -> Result<Option<Profile>, StoreError> {
        let item = self.get(&self.tables.customers, &keys::profile(customer), Consistency::Strong).await?;
        item.map(read).transpose()
    }

    /// Writes down what a channel told of a person, where it is news.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if two do it at once: try again.
    pub async fn introduce(&self, customer: &str, contact: &Contact, at: Timestamp) -> Result<(), StoreError> {
        let known = self.profile(customer).await?;
        let before = known.clone().unwrap_or(Profile { name: None, phone: None, email: None, since: at, version: 0 });
        let after = Profile {
            name: contact.name.clone().or_else(|| before.name.clone()),
            phone: contact.phone.clone().or_else(|| before.phone.clone()),
            email: contact.email.clone().or_else(|| before.email.clone()),
            since: before.since.min(at),
            version: before.version,
        };
        if known.as_ref() == Some(&after) {
            return Ok(());
        }
        let item = write(&keys::profile(customer), &Profile { version: before.version + 1, ..after })?;
        self.put_one(&self.tables.customers, item, Condition::over(before.version)).await
    }

    /// Writes an order into a person's history.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_purchase(
        &self,
        customer: &str,
        at: Timestamp,
        order: &OrderKey,
        purchase: &Purchase,
    ) -> Result<(), StoreError> {
        let item = write(&keys::history(customer, at, order), purchase)?;
        self.put_one(&self.tables.customers, item, Condition::None).await
    }

    /// What a person bought, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purchases(&self, customer: &str) -> Result<Vec<Purchase>, StoreError> {
        let pk = keys::profile(customer).pk;
        let items = self.partition_of(&self.tables.customers, pk, "ORDER#", Consistency::Strong).await?;
        items.into_iter().map(read).collect()
    }
}
