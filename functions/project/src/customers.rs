//! Who bought: one person over all channels.

use edin_domain::customer::Contact;
use edin_domain::order::Order;
use edin_platform::digest;
use edin_store::StoreError;
use edin_store::customers::{Identity, Purchase};

use crate::Project;

/// How often two who write one profile at the same time try again.
const ATTEMPTS: u32 = 5;

impl Project {
    /// Writes an order into its buyer's history; nothing where nobody is known.
    pub(crate) async fn note_purchase(&self, order: &Order) -> Result<(), StoreError> {
        if !order.has_contact {
            return Ok(());
        }
        let Some(contact) = self.store.contact(&order.key).await? else { return Ok(()) };
        let identities = self.identities(&contact, order.key.connection.as_str());
        let Some(newcomer) = identities.first().map(|surest| customer_id(&surest.digest)) else { return Ok(()) };
        let at = order.state.placed_at().unwrap_or_else(|| self.clock.now());
        let customer = self.store.customer_of(&identities, &newcomer).await?;
        let mut attempt = 1;
        while let Err(error) = self.store.introduce(&customer, &contact, at).await {
            match error {
                StoreError::Stale { .. } if attempt < ATTEMPTS => attempt += 1,
                error => return Err(error),
            }
        }
        self.store.put_purchase(&customer, at, &order.key, &purchase(order)).await
    }

    fn identities(&self, contact: &Contact, connection: &str) -> Vec<Identity> {
        let digested = |(kind, value): (edin_domain::customer::IdentityKind, edin_domain::Personal<String>)| Identity {
            kind,
            digest: digest::keyed(&self.key, kind.name(), value.reveal()),
        };
        contact.identities(connection).into_iter().map(digested).collect()
    }
}

/// A new customer's id is made of what they are first recognised by: the same stranger twice is one.
fn customer_id(digest: &str) -> String {
    digest.get(..26).unwrap_or(digest).to_owned()
}

fn purchase(order: &Order) -> Purchase {
    let kept = order.state.lines.values().map(|line| order.state.counted(line));
    let kept = kept.map(|counted| counted.ordered.saturating_sub(counted.cancelled).saturating_sub(counted.returned));
    let units = kept.fold(0, u32::saturating_add);
    Purchase { total: order.state.total, units, version: order.version }
}
