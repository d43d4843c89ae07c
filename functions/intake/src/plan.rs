//! What the works mean for the table as it is now.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::order::{Effect, Order, OrderKey, effect};
use edin_domain::stock::Terms;
use edin_domain::{Article, Cause, Timestamp};
use edin_platform::news;
use edin_store::commit::{OrderChange, Unit};
use edin_store::together::Known;
use edin_store::{Store, StoreError};

use crate::read::{self, Work};
use crate::resolve::{Catalogue, Resolver};

/// One unit a work, in their order; without changes where the table knows all of it already. What is known was read for the
/// first attempt; for a later one it is read anew, since another writer was there.
pub(crate) async fn units(
    store: &Store,
    works: &[Work],
    known: &mut Known,
    attempt: u32,
    now: Timestamp,
) -> Result<Vec<Unit>, StoreError> {
    if attempt > 1 {
        let Known { orders, mappings, .. } = read::known(store, works).await?;
        (known.orders, known.mappings) = (orders, mappings);
    }
    let drafts: Vec<Vec<Draft>> = works.iter().map(|work| drafts(work, &known.orders)).collect();
    let orders: Vec<&Order> = drafts.iter().flatten().map(|draft| &draft.after).collect();
    let catalogue = Catalogue::read(store, &orders, known, &read::articles(works)).await?;
    let mut resolver = Resolver::new(catalogue, &known.connections, attempt);
    let unit = |drafts: Vec<Draft>| Unit {
        terms: Terms::Sold,
        changes: drafts.into_iter().filter_map(|draft| draft.change(&mut resolver, now)).collect(),
    };
    Ok(drafts.into_iter().map(unit).collect())
}

/// An order before and after it was told more.
struct Draft {
    before: Order,
    after: Order,
    contact: Option<edin_domain::customer::Contact>,
    cause: Cause,
}

fn drafts(work: &Work, known: &BTreeMap<OrderKey, Order>) -> Vec<Draft> {
    work.told
        .iter()
        .map(|(key, told)| {
            let before = known.get(key).cloned().unwrap_or_else(|| Order::unknown(key.clone(), work.cause.clone()));
            let state = before.state.merged(told);
            let state = if before.state.is_news(&state) { state } else { before.state.clone() };
            let contact = work.contacts.get(key).filter(|_| !before.has_contact).cloned();
            let has_contact = before.has_contact || contact.is_some();
            let after = Order { state, has_contact, ..before.clone() };
            Draft { before, after, contact, cause: work.cause.clone() }
        })
        .collect()
}

impl Draft {
    /// The change to be committed; none if there is nothing new.
    fn change(mut self, resolver: &mut Resolver<'_>, now: Timestamp) -> Option<OrderChange> {
        let chosen = resolver.resolve(&mut self.after);
        if self.after == self.before {
            return None;
        }
        let (waited, waits) = (awaited(&self.before), awaited(&self.after));
        let effect: Effect = effect(&self.after).since(&effect(&self.before));
        let is_late = self.after.state.placed_at().is_some_and(|at| at < now.minus(news::LATE));
        let effect = if is_late { effect.heard_late() } else { effect };
        self.after.version = self.before.version + 1;
        self.after.cause = self.cause;
        Some(OrderChange {
            effect,
            chosen,
            awaits: waits.difference(&waited).cloned().collect(),
            found: waited.difference(&waits).cloned().collect(),
            contact: self.contact,
            after: self.after,
        })
    }
}

/// The articles of an order's unmapped lines.
fn awaited(order: &Order) -> BTreeSet<Article> {
    order.unmapped().flat_map(|(_, articles)| articles.iter().cloned()).collect()
}
