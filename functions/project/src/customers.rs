//! Who bought: one person over all channels.

use edin_channels::facts;
use edin_domain::customer::{Contact, IdentityKind};
use edin_domain::order::Order;
use edin_platform::digest;
use edin_store::StoreError;
use edin_store::customers::{Identity, Purchase};

use crate::{Project, phone};

/// How often two who write one profile at the same time try again.
const ATTEMPTS: u32 = 5;

impl Project {
    /// Writes an order into its buyer's history; nothing where nobody is known.
    pub(crate) async fn note_purchase(&self, order: &Order) -> Result<(), StoreError> {
        if !order.has_contact || !order.state.is_ordered() {
            return Ok(());
        }
        let Some(contact) = self.store.contact(&order.key).await? else { return Ok(()) };
        let identities = self.identities(&contact, &self.scope(&contact, order).await?);
        let Some(newcomer) = identities.first().map(|surest| customer_id(&surest.digest)) else { return Ok(()) };
        let newcomer = self.formerly(&contact, order).await?.unwrap_or(newcomer);
        let at = order.state.placed_at().unwrap_or_else(|| self.clock.now());
        let customer = self.store.customer_of(&identities, &newcomer).await?;
        let mut attempt = 1;
        while let Err(error) = self.store.introduce(&customer, &contact, at).await {
            match error {
                StoreError::Stale { .. } if attempt < ATTEMPTS => attempt += 1,
                error => return Err(error),
            }
        }
        self.store.put_purchase(&customer, &order.key, &purchase(order)).await
    }

    /// Within what the channel's id of the buyer means a person: its account there, whatever that is called here.
    async fn scope(&self, contact: &Contact, order: &Order) -> Result<String, StoreError> {
        if contact.buyer_id.is_none() {
            return Ok(String::new());
        }
        let connection = self.store.connection(&order.key.connection).await?;
        let account = connection.and_then(|known| (facts(known.channel())?.account)(&known.account).ok());
        Ok(account.unwrap_or_else(|| order.key.connection.to_string()))
    }

    /// Who the buyer was to an earlier release, which took the connection's name for the account.
    async fn formerly(&self, contact: &Contact, order: &Order) -> Result<Option<String>, StoreError> {
        let identities = self.identities(contact, order.key.connection.as_str());
        match identities.iter().find(|identity| identity.kind == IdentityKind::Buyer) {
            Some(buyer) => self.store.customer_known_by(buyer).await,
            None => Ok(None),
        }
    }

    fn identities(&self, contact: &Contact, account: &str) -> Vec<Identity> {
        let digested = |(kind, value): (IdentityKind, edin_domain::Personal<String>)| Identity {
            kind,
            digest: digest::keyed(&self.key, kind.name(), value.reveal()),
        };
        contact.identities(account, phone::normal).into_iter().map(digested).collect()
    }
}

/// A new customer's id is made of what they are first recognised by: the same stranger twice is one.
fn customer_id(digest: &str) -> String {
    digest.get(..26).unwrap_or(digest).to_owned()
}

fn purchase(order: &Order) -> Purchase {
    let kept = order.state.lines.values().map(|line| order.state.counted(line));
    let kept = kept.map(|counted| counted.reserved().saturating_add(counted.out()));
    let units = kept.fold(0, u32::saturating_add);
    Purchase { at: order.state.placed_at(), total: order.state.total, units, version: order.version }
}
