//! What the works mean for the table as it is now.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::customer::Contact;
use edin_domain::order::{Effect, Order, OrderKey, OrderState, effect};
use edin_domain::stock::{Place, Terms};
use edin_domain::{Article, Cause, Timestamp};
use edin_store::StoreError;
use edin_store::commit::{MOST, OrderChange, Unit};
use edin_store::together::Known;

use super::problem::{Refusal, Shortage};
use super::resolve::{Catalogue, Resolved, Resolver};
use super::work::{self, Premise, Work};
use super::{Recorder, portion};
use crate::news;

/// What shall be committed of a work.
pub(super) struct Planned {
    /// The changes; none where the table knows all of it already.
    pub(super) unit: Unit,
    /// Whether that is all of it. If not, the rest is planned once this is committed.
    pub(super) is_all: bool,
}

/// One plan a work, in their order; why there is none, for one that asks for what can't be had. What is known was read for the first attempt; for a later one it is read anew, since another
/// writer was there.
pub(super) async fn units(
    Recorder { store, guesses, clock, .. }: &Recorder,
    works: &[Work],
    known: &mut Known,
    attempt: u32,
) -> Result<Vec<Result<Planned, Refusal>>, StoreError> {
    if attempt > 1 {
        let Known { orders, mappings, guessed, .. } = work::known(store, works, guesses).await?;
        (known.orders, known.mappings, known.guessed) = (orders, mappings, guessed);
    }
    let drafts: Vec<Vec<Draft>> = works.iter().map(|work| drafts(work, &known.orders)).collect();
    let orders: Vec<&Order> = drafts.iter().flatten().map(|draft| &draft.after).collect();
    let asked: BTreeSet<Place> =
        works.iter().zip(&drafts).flat_map(|(work, drafts)| asked_again(work, drafts)).collect();
    let catalogue = Catalogue::read(store, &orders, known, &work::articles(works), asked, guesses).await?;
    let (mut resolver, now) = (Resolver::new(catalogue, &known.connections, attempt), clock.now());
    let plan = |(work, drafts): (&Work, Vec<Draft>)| match work.terms {
        Terms::Sold => check(&work.premise, &drafts).map(|()| planned(drafts, &mut resolver, now)),
        Terms::Hold => granted(&work.premise, drafts, &mut resolver, now),
    };
    Ok(works.iter().zip(drafts).map(plan).collect())
}

/// The places of which somebody asks for more, by lines that are mapped already.
fn asked_again(work: &Work, drafts: &[Draft]) -> Vec<Place> {
    let takes = |draft: &Draft| effect(&draft.after).since(&effect(&draft.before)).stock.into_keys();
    let asking = drafts.iter().filter(|_| work.terms == Terms::Hold);
    asking.flat_map(takes).collect()
}

/// Whether the orders are as the work takes them to be.
fn check(premise: &Premise, drafts: &[Draft]) -> Result<(), Refusal> {
    for Draft { before, after, .. } in drafts {
        if before.version > 0 && premise.request.is_some() && before.request != premise.request {
            return Err(Refusal::OtherRequest);
        }
        if before.state != after.state && premise.version.is_some_and(|version| version != before.version) {
            return Err(Refusal::Changed(before.version));
        }
    }
    Ok(())
}

/// What is asked for, if there is as much: all of it, or nothing.
fn granted(
    premise: &Premise,
    drafts: Vec<Draft>,
    resolver: &mut Resolver<'_>,
    now: Timestamp,
) -> Result<Planned, Refusal> {
    check(premise, &drafts)?;
    let mut unit = Unit { terms: Terms::Hold, changes: Vec::new() };
    for mut draft in drafts {
        let resolved = resolver.resolve(&draft.before, &mut draft.after);
        let not_taken = resolved.waiting();
        if !not_taken.is_empty() {
            return Err(Refusal::NotTaken(not_taken));
        }
        unit.changes.extend(draft.change(draft.after.clone(), &resolved, now));
    }
    let short: Vec<Shortage> = unit.changes.iter().flat_map(|change| resolver.short(&change.effect)).collect();
    match () {
        () if !short.is_empty() => Err(Refusal::Short(short)),
        () if unit.changes.iter().map(OrderChange::items).sum::<usize>() > MOST => Err(Refusal::TooLarge),
        () => Ok(Planned { unit, is_all: true }),
    }
}

/// As many of the changes as fit into one transaction, the last of them cut to what is left of it.
fn planned(drafts: Vec<Draft>, resolver: &mut Resolver<'_>, now: Timestamp) -> Planned {
    let mut planned = Planned { unit: Unit { terms: Terms::Sold, changes: Vec::new() }, is_all: true };
    let mut room = MOST;
    for mut draft in drafts {
        let resolved = resolver.resolve(&draft.before, &mut draft.after);
        let Some(change) = draft.change(draft.after.clone(), &resolved, now) else { continue };
        if let Some(left) = room.checked_sub(change.items()) {
            room = left;
            planned.unit.changes.push(change);
            continue;
        }
        planned.is_all = false;
        if planned.unit.changes.is_empty() {
            let part = portion::of(&draft.before, &draft.after, room);
            planned.unit.changes.extend(draft.change(part, &resolved, now));
        }
        break;
    }
    planned
}

/// An order before and after it was told more.
struct Draft {
    before: Order,
    after: Order,
    contact: Option<Contact>,
    cause: Cause,
}

/// Those that take units over from another order come before it, so that none are free in between if they don't fit together.
fn drafts(work: &Work, known: &BTreeMap<OrderKey, Order>) -> Vec<Draft> {
    let draft = |(key, told): (&OrderKey, &OrderState)| {
        let before = known.get(key).cloned().unwrap_or_else(|| Order::unknown(key.clone(), work.cause.clone()));
        // The same request once more asks for nothing more, whatever its words mean by now.
        let is_known = before.request.is_some() && before.request == work.premise.request;
        let state = if is_known { before.state.clone() } else { before.state.merged(told) };
        let state = if before.state.is_news(&state) { state } else { before.state.clone() };
        let told = work.contacts.get(key).filter(|told| before.lacks(told)).cloned();
        let has_contact = before.has_contact || told.is_some();
        let contact = told.iter().flat_map(Contact::whole).chain(before.contact.iter().copied()).collect();
        let request = before.request.clone().or_else(|| work.premise.request.clone());
        let mut after = Order { state, has_contact, contact, request, behind: BTreeMap::new(), ..before.clone() };
        if before.state.placed_at().is_none() {
            // Only their return was told, so they were taken to have left before the stock was counted.
            after.mapped.retain(|_, mapped| mapped.left_before == 0 || after.state.placed_at().is_none());
        }
        Draft { before, after, contact: told, cause: work.cause.clone() }
    };
    let mut drafts: Vec<Draft> = work.told.iter().map(draft).collect();
    drafts.sort_by_key(|draft| draft.after.state.parent.is_none());
    drafts
}

impl Draft {
    /// The change to be committed so that the order becomes `after`; none if there is nothing new.
    fn change(&self, mut after: Order, resolved: &Resolved, now: Timestamp) -> Option<OrderChange> {
        if after == self.before {
            return None;
        }
        let (waited, waits) = (awaited(&self.before), awaited(&after));
        let effect: Effect = effect(&after).since(&effect(&self.before));
        let is_late = after.state.placed_at().is_some_and(|at| at < now.minus(news::LATE));
        let effect = if is_late { effect.heard_late() } else { effect };
        after.version = self.before.version + 1;
        after.cause = self.cause.clone();
        let reason = |article: &Article| resolved.reason(&after, article);
        Some(OrderChange {
            effect,
            chosen: resolved.chosen.clone(),
            awaits: waits.difference(&waited).map(|article| (article.clone(), reason(article))).collect(),
            found: waited.difference(&waits).cloned().collect(),
            contact: self.contact.clone(),
            after,
        })
    }
}

/// The articles of an order's unmapped lines.
fn awaited(order: &Order) -> BTreeSet<Article> {
    order.unmapped().flat_map(|(_, articles)| articles.iter().cloned()).collect()
}
