//! Wire to domain, and back. Pure.

use std::collections::BTreeMap;

use edin_domain::customer::Contact;
use edin_domain::order::{LineState, Listed, Milestone, OrderState};
use edin_domain::{Article, Currency, LineId, OrderId, Personal, Timestamp, WarehouseId};
use serde_json::{Value, json};

use super::wire;
use crate::kit::told::{LeftOut, Told};
use crate::kit::tolerant::{Decimal, Unreadable};

#[cfg(test)]
mod tests;

/// What is listed of an order.
#[derive(Debug, Default)]
pub struct Basket {
    /// Its entries.
    pub entries: Vec<wire::Entry>,
    /// Those that can't be read, or why there are none.
    pub left_out: Vec<LeftOut>,
}

/// What an order with its entries, read at `read_at`, tells, and what of it can't be read.
///
/// Kaspi lists every line that an order still has, with what is still wanted of it: a line that was removed is gone. That
/// counts until the order is called off, or is on its way back from the buyer: from then on its milestones speak for all lines,
/// whatever Kaspi still lists. Of goods that had left when it was called off the list tells how many these were, unless it has
/// none of them any more. Nor does it count while a line can't be read: that one isn't gone.
///
/// # Errors
/// [`Unreadable`] if the order's code can't be an id, or its warehouse none.
pub fn order(
    order: &wire::OrderResource,
    basket: Basket,
    read_at: Timestamp,
) -> Result<(Told, Vec<LeftOut>), Unreadable> {
    let order = &order.attributes;
    let code = order.code.0.as_str();
    let id = OrderId::new(code).map_err(|error| Unreadable::value("code", code, error.rule))?;
    let stage = Stage::of(order);
    let (lines, mut left_out) = lines(code, &basket.entries);
    left_out.extend(basket.left_out);
    let milestones = milestones(order, stage, read_at);
    let is_whole = left_out.is_empty() && !lines.is_empty();
    let counts = match stage {
        Stage::Cancelling | Stage::Cancelled => milestones.contains_key(&Milestone::Shipped) && names_units(&lines),
        _ => !stage.is_undone(),
    };
    let listed_at = (is_whole && counts).then_some(read_at.into());
    let state = OrderState {
        warehouse: warehouse(order)?,
        lines: lines.into_iter().map(|(id, line)| (id, listed(line, listed_at))).collect(),
        milestones,
        listed_at,
        // A sum that can't be read is no reason to leave the goods unreserved.
        total: order.total_price.money(Currency::KZT).ok(),
        ..OrderState::default()
    };
    Ok((Told { orders: vec![(id, state)], contact: contact(order) }, left_out))
}

/// The change that accepts an order (`api/orders/q3201`); none if it doesn't wait for that.
#[must_use]
pub fn acceptance(order: &wire::OrderResource) -> Option<Value> {
    // Whatever else stands there may be a yes.
    let is_signed = matches!(order.attributes.signature_required, Value::Null | Value::Bool(false));
    let waits = order.attributes.status == "APPROVED_BY_BANK" && is_signed;
    let attributes = json!({ "code": order.attributes.code.0, "status": "ACCEPTED_BY_MERCHANT" });
    waits.then(|| json!({ "data": { "type": "orders", "id": order.id, "attributes": attributes } }))
}

/// How far an order is, by its `status` (`api/orders/q3201`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Approved,
    Accepted,
    Completed,
    /// Somebody wants it cancelled, and Kaspi has not done so yet: goods that are still here stay reserved until it does.
    Cancelling,
    Cancelled,
    /// Goods that had left are on their way back.
    Returning,
    Returned,
    /// A word that the guide doesn't know: the goods stay reserved.
    Unknown,
}

impl Stage {
    fn of(order: &wire::Order) -> Self {
        match order.status.as_str() {
            "APPROVED_BY_BANK" => Self::Approved,
            "ACCEPTED_BY_MERCHANT" => Self::Accepted,
            "COMPLETED" => Self::Completed,
            "CANCELLING" => Self::Cancelling,
            "CANCELLED" => Self::Cancelled,
            // The second is observed in sellers' code; the guide doesn't list it.
            "KASPI_DELIVERY_RETURN_REQUESTED" | "RETURN_ACCEPTED_BY_MERCHANT" => Self::Returning,
            "RETURNED" => Self::Returned,
            unknown => {
                tracing::warn!(order = order.code.0, status = unknown, "unknown status; the order stays reserved");
                Self::Unknown
            }
        }
    }

    /// Whether the sale is being called off, or was.
    const fn is_undone(self) -> bool {
        matches!(self, Self::Cancelling | Self::Cancelled | Self::Returning | Self::Returned)
    }

    /// Whether the goods must have left, even if no courier noted it.
    const fn has_left(self) -> bool {
        matches!(self, Self::Completed | Self::Returning | Self::Returned)
    }

    /// Whether the seller must have accepted it.
    const fn was_accepted(self) -> bool {
        matches!(self, Self::Accepted) || self.has_left()
    }
}

/// Whether a list still says of each line how many there were.
fn names_units(lines: &BTreeMap<LineId, LineState>) -> bool {
    lines.values().all(|line| line.ordered > 0)
}

/// What has happened. Where Kaspi tells no time, it happened when we read it.
fn milestones(order: &wire::Order, stage: Stage, read_at: Timestamp) -> BTreeMap<Milestone, Timestamp> {
    let left = left_at(order, stage, read_at);
    let called_off = match stage {
        Stage::Cancelled | Stage::Returned => true,
        Stage::Cancelling => left.is_some(),
        _ => false,
    };
    let told = [
        (Milestone::Placed, order.creation_date.at(read_at)),
        (Milestone::Paid, order.approved_by_bank_date.at(read_at)),
        (Milestone::Accepted, (stage.was_accepted() || left.is_some()).then_some(read_at)),
        (Milestone::Shipped, left),
        (Milestone::Delivered, (stage == Stage::Completed).then(|| completed_at(order, read_at))),
        (Milestone::Cancelled, called_off.then_some(read_at)),
        (Milestone::Returned, is_back(order, stage).then_some(read_at)),
    ];
    told.into_iter().filter_map(|(milestone, at)| Some((milestone, at?))).collect()
}

/// When the goods left: when Kaspi's courier took them, or, for want of one, when the buyer had them at the latest.
fn left_at(order: &wire::Order, stage: Stage, read_at: Timestamp) -> Option<Timestamp> {
    let courier = order.kaspi_delivery.courier_transmission_date.at(read_at);
    courier.or_else(|| stage.has_left().then(|| completed_at(order, read_at)))
}

fn completed_at(order: &wire::Order, read_at: Timestamp) -> Timestamp {
    order.completion_date.at(read_at).unwrap_or(read_at)
}

/// Whether the goods of an undone sale are physically back. Kaspi's courier brings them some time after the decision; what
/// the seller delivered is with the seller when Kaspi calls it returned.
const fn is_back(order: &wire::Order, stage: Stage) -> bool {
    let brought = order.kaspi_delivery.returned_to_warehouse;
    (stage.is_undone() && brought) || (matches!(stage, Stage::Returned) && !order.is_kaspi_delivery)
}

/// Notes of an order whose goods are back that they weren't before `since`.
#[cfg(feature = "client")]
pub(super) fn came_back_since(told: &mut Told, since: Timestamp) {
    for (_, state) in told.orders.iter_mut().filter(|(_, state)| state.has(Milestone::Returned)) {
        state.lines.values_mut().for_each(|line| line.returned_at = Some(since));
    }
}

fn warehouse(order: &wire::Order) -> Result<Option<WarehouseId>, Unreadable> {
    let point = &order.pickup_point_id.0;
    let named = (!point.is_empty()).then(|| WarehouseId::new(point));
    named.transpose().map_err(|error| Unreadable::value("pickupPointId", point, error.rule))
}

/// The lines by the seller's SKU, because an entry's own id is opaque; entries of the same SKU add up. One that names no good
/// is a line of its own, which waits; one that can't be counted is left out.
fn lines(code: &str, entries: &[wire::Entry]) -> (BTreeMap<LineId, LineState>, Vec<LeftOut>) {
    let mut lines = BTreeMap::<LineId, LineState>::new();
    let mut left_out = Vec::new();
    for entry in entries {
        if is_nameless(entry) {
            left_out.push(LeftOut::of(code, &format!("the line {} names no good", entry.id)));
        }
        match line(entry) {
            Ok((id, article, units)) => {
                let line = lines.entry(id).or_default();
                line.articles.insert(article);
                line.ordered = line.ordered.saturating_add(units);
            }
            Err(error) => left_out.push(LeftOut::of(code, &format!("the line {}: {error}", entry.id))),
        }
    }
    (lines, left_out)
}

fn listed(line: LineState, listed_at: Option<Listed>) -> LineState {
    LineState { kept: listed_at.map(|_| line.ordered), listed_at, ..line }
}

/// Whether it must be looked up which good an entry is of.
#[must_use]
pub fn is_nameless(entry: &wire::Entry) -> bool {
    entry.attributes.offer.code.trim().is_empty()
}

/// A price list, and an import, trim names: so does this.
fn line(entry: &wire::Entry) -> Result<(LineId, Article, u32), Unreadable> {
    let name = match entry.attributes.offer.code.trim() {
        "" => format!("entry:{}", entry.id),
        code => code.to_owned(),
    };
    let unusable = |rule| Unreadable::value("offer.code", &name, rule);
    let id = LineId::new(&name).map_err(|error| unusable(error.rule))?;
    let article = Article::new(&name).map_err(|error| unusable(error.rule))?;
    Ok((id, article, units(&entry.attributes.quantity)?))
}

/// `2` and `2.0` are two pieces; half a piece is none of ours.
fn units(quantity: &Decimal) -> Result<u32, Unreadable> {
    let (whole, fraction) = quantity.0.split_once('.').unwrap_or((&quantity.0, ""));
    let pieces = whole.parse().ok().filter(|_| fraction.chars().all(|digit| digit == '0'));
    pieces.ok_or_else(|| Unreadable::value("quantity", &quantity.0, "it is not a whole number of pieces"))
}

/// As Kaspi wrote it: whether a telephone number is a person's is for the domain to say.
fn contact(order: &wire::Order) -> Option<Contact> {
    let customer = &order.customer;
    let contact = Contact {
        name: name(customer),
        phone: told(&customer.cell_phone),
        email: None,
        buyer_id: told(&customer.id),
        address: told(&order.delivery_address.formatted_address),
        substitute_phone: None,
    };
    (!contact.is_empty()).then_some(contact)
}

fn told(text: &Personal<String>) -> Option<Personal<String>> {
    (!text.reveal().is_empty()).then(|| text.clone())
}

fn name(customer: &wire::Customer) -> Option<Personal<String>> {
    let parts = [&customer.first_name, &customer.last_name];
    let parts: Vec<&str> = parts.map(|part| part.reveal().trim()).into_iter().filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => told(&customer.name),
        parts => Some(Personal::new(parts.join(" "))),
    }
}
