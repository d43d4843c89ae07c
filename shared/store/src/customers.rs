//! People: who an order is for, one profile over all channels, and what each bought. All of it in the table `customers`.

use std::collections::BTreeMap;

use edin_domain::customer::{Contact, IdentityKind};
use edin_domain::order::OrderKey;
use edin_domain::{Money, Personal, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Condition, Consistency};
use crate::item::{read, text, write};
use crate::{Store, StoreError, keys};

/// What a person is recognised by: a kind, and a keyed digest that stands for the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whether it stands for a telephone number, an e-mail address or a channel's id.
    pub kind: IdentityKind,
    /// Its keyed digest, in hexadecimal digits.
    pub digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct IdentityItem {
    customer: String,
}

/// One person, over all channels that told of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name, as the channel wrote it that told one last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// The telephone number, as the channel wrote it that told one last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// The e-mail address, as the channel wrote it that told one last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// When they were first seen.
    pub since: Timestamp,
    /// Rises with every change.
    #[serde(default)]
    pub version: u64,
}

impl Profile {
    fn contact(&self) -> Contact {
        let Self { name, phone, email, .. } = self.clone();
        Contact { name, phone, email, ..Contact::default() }
    }
}

/// One order in a person's history. Written over and over as the order changes; the newest version stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// When the buyer ordered; none if an earlier release noted it, or nobody told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
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
            match self.customer_known_by(identity).await? {
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

    /// Whose the identity is, if anybody's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customer_known_by(&self, identity: &Identity) -> Result<Option<String>, StoreError> {
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
            Err(stale @ StoreError::Stale { .. }) => self.customer_known_by(identity).await?.ok_or(stale),
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
        let mut person = before.contact();
        person.merge(contact);
        let Contact { name, phone, email, .. } = person;
        let after = Profile { name, phone, email, since: before.since.min(at), version: before.version };
        if known.as_ref() == Some(&after) {
            return Ok(());
        }
        let item = write(&keys::profile(customer), &Profile { version: before.version + 1, ..after })?;
        self.put_one(&self.tables.customers, item, Condition::over(before.version)).await
    }

    /// Writes an order into a person's history, unless that has a newer version of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_purchase(&self, customer: &str, order: &OrderKey, purchase: &Purchase) -> Result<(), StoreError> {
        let item = write(&keys::history(customer, order), purchase)?;
        match self.put_one(&self.tables.customers, item, Condition::Newer(purchase.version)).await {
            Err(StoreError::Stale { .. }) => Ok(()),
            result => result,
        }
    }

    /// What a person bought, oldest first, each order once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purchases(&self, customer: &str) -> Result<Vec<Purchase>, StoreError> {
        let pk = keys::profile(customer).pk;
        let items = self.partition_of(&self.tables.customers, pk, "ORDER#", Consistency::Strong).await?;
        let mut newest = BTreeMap::<String, Purchase>::new();
        for item in items {
            let (at, order) = bought(text(&item, "sk"));
            let (order, purchase) = (order.to_owned(), read::<Purchase>(item)?);
            let purchase = Purchase { at: purchase.at.or(at), ..purchase };
            if newest.get(&order).is_none_or(|known| known.version < purchase.version) {
                newest.insert(order, purchase);
            }
        }
        let mut purchases: Vec<Purchase> = newest.into_values().collect();
        purchases.sort_by_key(|purchase| purchase.at);
        Ok(purchases)
    }
}

/// `ORDER#<connection>#<order>`. Earlier releases had the time before the connection: an order whose time changed stood there twice.
pub(crate) fn bought(sk: &str) -> (Option<Timestamp>, &str) {
    let order = sk.strip_prefix("ORDER#").unwrap_or(sk);
    match order.split_once('#') {
        Some((at, rest)) if rest.contains('#') => (at.parse().ok().map(Timestamp::from_millis), rest),
        _ => (None, order),
    }
}
