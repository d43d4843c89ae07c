//! Wire to domain, and back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::customer::Contact;
use edin_domain::order::{LineState, Milestone, OrderState};
use edin_domain::{Article, Currency, LineId, OrderId, Personal, Timestamp, WarehouseId};
use serde_json::{Value, json};

use super::wire;
use crate::inbound::{Reading, Told};
use crate::tolerant::{Decimal, Unreadable};

#[cfg(test)]
mod tests;

/// Kaspi pushes nothing.
///
/// # Errors
/// [`Unreadable`], always: whoever sent this, it wasn't Kaspi.
pub fn push(body: &str) -> Result<Reading, Unreadable> {
    let length = format!("{} bytes", body.len());
    Err(Unreadable::value("push", length, "Kaspi documents no pushes; its orders are polled"))
}

/// What an order with all its entries, read at `read_at`, tells.
///
/// Kaspi lists every line that an order still has, with what is still wanted of it: a line that was removed is gone. That
/// counts until the order is called off; from then on its milestones speak for all lines, whatever Kaspi still lists.
///
/// # Errors
/// [`Unreadable`] if a code can't be an id, or a quantity isn't whole.
pub fn order(order: &wire::OrderResource, entries: &[wire::Entry], read_at: Timestamp) -> Result<Told, Unreadable> {
    let order = &order.attributes;
    let stage = Stage::of(order);
    let listed_at = (!stage.is_undone() && !entries.is_empty()).then_some(read_at);
    let state = OrderState {
        warehouse: warehouse(order)?,
        lines: lines(entries, listed_at)?,
        milestones: milestones(order, stage, read_at),
        listed_at,
        // A sum that can't be read is no reason to leave the goods unreserved.
        total: order.total_price.money(Currency::KZT).ok(),
        ..OrderState::default()
    };
    let id = OrderId::new(&order.code).map_err(|error| Unreadable::value("code", &order.code, error.rule))?;
    Ok(Told { orders: vec![(id, state)], contact: contact(order) })
}

/// The change that accepts an order (`api/orders/q3201`); none if it doesn't wait for that.
#[must_use]
pub fn acceptance(order: &wire::OrderResource) -> Option<Value> {
    let waits =
        order.attributes.status == "APPROVED_BY_BANK" && !order.attributes.signature_required.unwrap_or_default();
    let attributes = json!({ "code": order.attributes.code, "status": "ACCEPTED_BY_MERCHANT" });
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
                tracing::warn!(order = order.code, status = unknown, "unknown status; the order stays reserved");
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

/// What has happened. Where Kaspi tells no time, it happened when we read it.
fn milestones(order: &wire::Order, stage: Stage, read_at: Timestamp) -> BTreeMap<Milestone, Timestamp> {
    let left = left_at(order, stage, read_at);
    let called_off = match stage {
        Stage::Cancelled | Stage::Returned => true,
        Stage::Cancelling => left.is_some(),
        _ => false,
    };
    let told = [
        (Milestone::Placed, order.creation_date),
        (Milestone::Paid, order.approved_by_bank_date),
        (Milestone::Accepted, (stage.was_accepted() || left.is_some()).then_some(read_at)),
        (Milestone::Shipped, left),
        (Milestone::Delivered, (stage == Stage::Completed).then(|| order.completion_date.unwrap_or(read_at))),
        (Milestone::Cancelled, called_off.then_some(read_at)),
        (Milestone::Returned, is_back(order, stage).then_some(read_at)),
    ];
    told.into_iter().filter_map(|(milestone, at)| Some((milestone, at?))).collect()
}

/// When the goods left: when Kaspi's courier took them, or, for want of one, when the buyer had them at the latest.
fn left_at(order: &wire::Order, stage: Stage, read_at: Timestamp) -> Option<Timestamp> {
    let courier = order.kaspi_delivery.as_ref().and_then(|delivery| delivery.courier_transmission_date);
    courier.or_else(|| stage.has_left().then(|| order.completion_date.unwrap_or(read_at)))
}

/// Whether the goods of an undone sale are physically back. Kaspi's courier brings them some time after the decision; what
/// the seller delivered is with the seller when Kaspi calls it returned.
fn is_back(order: &wire::Order, stage: Stage) -> bool {
    let brought = order.kaspi_delivery.as_ref().and_then(|delivery| delivery.returned_to_warehouse) == Some(true);
    let own_delivery = !order.is_kaspi_delivery.unwrap_or_default();
    (stage.is_undone() && brought) || (stage == Stage::Returned && own_delivery)
}

fn warehouse(order: &wire::Order) -> Result<Option<WarehouseId>, Unreadable> {
    let Some(point) = order.pickup_point_id.as_ref().filter(|point| !point.is_empty()) else { return Ok(None) };
    let warehouse = WarehouseId::new(point).map_err(|error| Unreadable::value("pickupPointId", point, error.rule))?;
    Ok(Some(warehouse))
}

/// The lines by the seller's SKU, because an entry's own id is opaque; entries of the same SKU add up.
fn lines(entries: &[wire::Entry], listed_at: Option<Timestamp>) -> Result<BTreeMap<LineId, LineState>, Unreadable> {
    let mut lines = BTreeMap::<LineId, LineState>::new();
    for entry in entries {
        let (id, article) = good(entry)?;
        let line = lines.entry(id).or_default();
        line.articles = BTreeSet::from([article]);
        line.ordered = line.ordered.saturating_add(units(&entry.attributes.quantity)?);
        line.kept = listed_at.map(|_| line.ordered);
        line.listed_at = listed_at;
    }
    Ok(lines)
}

fn good(entry: &wire::Entry) -> Result<(LineId, Article), Unreadable> {
    let offer = entry.attributes.offer.as_ref();
    let code = offer.map(|offer| offer.code.as_str()).unwrap_or_default();
    let unusable = |rule| Unreadable::value("offer.code", code, rule);
    let line = LineId::new(code).map_err(|error| unusable(error.rule))?;
    let article = Article::new(code).map_err(|error| unusable(error.rule))?;
    Ok((line, article))
}

/// `2` and `2.0` are two pieces; half a piece is none of ours.
fn units(quantity: &Decimal) -> Result<u32, Unreadable> {
    let (whole, fraction) = quantity.0.split_once('.').unwrap_or((&quantity.0, ""));
    let pieces = whole.parse().ok().filter(|_| fraction.chars().all(|digit| digit == '0'));
    pieces.ok_or_else(|| Unreadable::value("quantity", &quantity.0, "it is not a whole number of pieces"))
}

/// As Kaspi wrote it: whether a telephone number is a person's is for the domain to say.
fn contact(order: &wire::Order) -> Option<Contact> {
    let address = order.delivery_address.as_ref().and_then(|address| address.formatted_address.clone());
    let customer = order.customer.as_ref();
    let contact = Contact {
        name: customer.and_then(name),
        phone: customer.and_then(|customer| customer.cell_phone.clone()),
        email: None,
        buyer_id: customer.and_then(|customer| customer.id.clone()),
        address,
    };
    (!contact.is_empty()).then_some(contact)
}

fn name(customer: &wire::Customer) -> Option<Personal<String>> {
    let parts = [&customer.first_name, &customer.last_name].into_iter().flatten();
    let parts: Vec<&str> = parts.map(|part| part.reveal().trim()).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => customer.name.clone(),
        parts => Some(Personal::new(parts.join(" "))),
    }
}
