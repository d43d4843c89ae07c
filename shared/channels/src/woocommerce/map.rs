//! WooCommerce's orders to the domain. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edin_domain::customer::Contact;
use edin_domain::order::{LineState, Listed, Milestone, OrderState};
use edin_domain::{Article, Currency, LineId, Money, OrderId, Personal, Timestamp, WarehouseId};

use super::facts::ID;
use super::status::{Completed, Stage};
use super::wire;
use crate::kit::told::{LeftOut, Told};
use crate::kit::tolerant::{Id, Unreadable};

#[cfg(test)]
mod tests;

/// Whether it is an order: not a checkout that nobody has finished.
#[must_use]
pub fn is_order(order: &wire::Order) -> bool {
    stage(order) != Stage::Draft
}

/// What an order tells, and the goods in it that can't be read. It is sold from `warehouse`.
///
/// # Errors
/// [`Unreadable`] if its number can't be one.
pub fn order(
    order: &wire::Order,
    warehouse: Option<&WarehouseId>,
    read_at: Timestamp,
) -> Result<(Told, Vec<LeftOut>), Unreadable> {
    let id = order_id(&order.id)?;
    let stage = stage(order);
    let (lines, parts) = lines(order, stage);
    let changed_at = order.date_modified_gmt.0.unwrap_or(read_at);
    let state = OrderState { lines, ..OrderState::default() }
        .with(Milestone::Placed, order.date_created_gmt.0.unwrap_or(changed_at));
    let mut state = reached(state, order, stage, changed_at);
    // Only who can read all goods knows what is still wanted.
    match parts.is_empty() {
        true => note_list(&mut state, stage, listed(order, read_at)),
        false => state.lines.values_mut().for_each(|line| line.kept = None),
    }
    state.total = total(order).filter(|_| parts.is_empty());
    // Where the shop hasn't lowered its number for an order, it must not be counted as lowered.
    state.warehouse = warehouse.filter(|_| stage.is_taken_off_its_shelf()).cloned();
    Ok((Told { orders: vec![(id, state)], contact: contact(&order.billing) }, parts))
}

/// What is told of an order that the shop doesn't know any more.
#[must_use]
pub fn deleted(order: OrderId, read_at: Timestamp) -> Told {
    Told::of(order, OrderState::default().with(Milestone::Cancelled, read_at))
}

/// The order of a number.
///
/// # Errors
/// [`Unreadable`] if it can't be one.
pub(super) fn order_id(number: &Id) -> Result<OrderId, Unreadable> {
    OrderId::new(&number.0).map_err(|error| Unreadable::value("id", &number.0, error.rule))
}

fn stage(order: &wire::Order) -> Stage {
    let completed = if order.date_completed_gmt.0.is_some() { Completed::Yes } else { Completed::No };
    Stage::of(&order.status, completed)
}

fn reached(state: OrderState, order: &wire::Order, stage: Stage, changed_at: Timestamp) -> OrderState {
    let state = match order.date_paid_gmt.0 {
        Some(paid_at) => state.with(Milestone::Paid, paid_at),
        None => state,
    };
    match stage {
        Stage::Gone | Stage::Left => state.with(Milestone::Shipped, order.date_completed_gmt.0.unwrap_or(changed_at)),
        // Not as called off: that is for good, and an order that was called off here, or not paid, may be revived.
        Stage::Draft | Stage::Unpaid | Stage::Promised | Stage::Off => state,
    }
}

/// Of two lists the one of the later change counts. The shop tells changes by the second; within that second the one that was read
/// later does, and from its end on all of them say the same.
fn listed(order: &wire::Order, read_at: Timestamp) -> Listed {
    const A_SECOND: Duration = Duration::from_millis(999);
    let edition = order.date_modified_gmt.0.map_or(read_at, |changed| read_at.clamp(changed, changed.plus(A_SECOND)));
    Listed { edition: u64::try_from(edition.millis()).ok(), at: read_at }
}

/// Notes which list says how much of each good is still wanted; of goods that it lacks, none is.
fn note_list(state: &mut OrderState, stage: Stage, list: Listed) {
    if stage == Stage::Left {
        return;
    }
    state.lines.values_mut().for_each(|line| line.listed_at = Some(list));
    state.listed_at = Some(list);
}

/// One that can't be read is left out. One of no product is none of the shop's goods, and takes nothing there either.
fn lines(order: &wire::Order, stage: Stage) -> (BTreeMap<LineId, LineState>, Vec<LeftOut>) {
    let (items, spoilt) = order.line_items.clone().sorted();
    let number = &order.id.0;
    let mut parts = LeftOut::goods(number, &spoilt);
    // Who empties an order instead of calling it off is asked to look: a list that lacks all by mistake must free nothing.
    if order.line_items.is_empty() && !matches!(stage, Stage::Off | Stage::Left) {
        parts.push(LeftOut::of(number, &"the shop lists no goods of it"));
    }
    let mut lines = BTreeMap::new();
    for item in &items {
        let articles = articles(item);
        match LineId::new(&item.id.0) {
            Ok(id) if !articles.is_empty() => _ = lines.insert(id, line(item, articles, stage)),
            Ok(_) => tracing::debug!(order = number, line = item.id.0, "a line is of none of the shop's products"),
            Err(error) => parts.push(LeftOut::of(number, &format!("the good {:?}: {}", item.id.0, error.rule))),
        }
    }
    (lines, parts)
}

/// A line's units that were put back in stock aren't wanted any more, whether they had left or not: the shop doesn't say which,
/// and the stock comes to the same.
fn line(item: &wire::Line, articles: BTreeSet<Article>, stage: Stage) -> LineState {
    let kept = match stage {
        Stage::Off => Some(0),
        Stage::Left => None,
        _ => Some(item.quantity.saturating_sub(put_back(item))),
    };
    LineState { articles, ordered: item.quantity, kept, ..LineState::default() }
}

/// Units that refunds put back in stock, all together.
/// Source: github.com/woocommerce/woocommerce, `wc_restock_refunded_items`, includes/wc-order-functions.php, 2026-11.
fn put_back(item: &wire::Line) -> u32 {
    let notes = item.meta_data.clone().readable("a note at a line").into_iter();
    let units = notes.filter(|note| note.key == "_restock_refunded_items").filter_map(|note| note.value.parse().ok());
    units.max().unwrap_or(0)
}

/// What a line calls its good: by the number of the variation, or of the product if it has none, and by its SKU.
fn articles(item: &wire::Line) -> BTreeSet<Article> {
    let is_one = |id: &&Id| !matches!(id.0.as_str(), "" | "0");
    let number = [&item.variation_id, &item.product_id].into_iter().find(is_one);
    let number = number.map(|id| format!("{ID}:{}", id.0));
    let names = number.into_iter().chain([item.sku.trim().to_owned()]);
    names.filter_map(|name| Article::new(name).ok()).collect()
}

fn total(order: &wire::Order) -> Option<Money> {
    let currency: Currency = order.currency.parse().ok()?;
    order.total.money(currency).ok()
}

fn contact(billing: &wire::Billing) -> Option<Contact> {
    let told = |text: &str| (!text.trim().is_empty()).then(|| Personal::new(text.trim().to_owned()));
    let name = format!("{} {}", billing.first_name.reveal().trim(), billing.last_name.reveal().trim());
    let (phone, email) = (told(billing.phone.reveal()), told(billing.email.reveal()));
    let contact = Contact { name: told(&name), phone, email, ..Contact::default() };
    (!contact.is_empty()).then_some(contact)
}
