//! The Market's orders to the domain. Pure.

use std::collections::BTreeMap;

use edin_domain::order::{LineState, Listed, Milestone, OrderState};
use edin_domain::{Currency, LineId, Money, Timestamp, WarehouseId};

use super::names::{line, order_id};
use super::status::Stage;
use super::wire;
use crate::kit::told::{LeftOut, Told};
use crate::kit::tolerant::{Spoilt, Unreadable};

#[cfg(test)]
mod tests;

/// Whether an order takes goods of the seller's own stock: not a test, and not what lies in the Market's warehouse.
#[must_use]
pub fn is_ours(order: &wire::Order) -> bool {
    !order.fake && !matches!(order.program_type.as_str(), "FBY" | "LAAS")
}

/// Whether goods of an order may be on their way back, so that its returns must be asked for.
#[must_use]
pub fn may_come_back(order: &wire::Order) -> bool {
    Stage::of(&order.status, &order.substatus).may_come_back()
}

/// What a listed order tells, and the goods in it that can't be read. It is sold from `warehouse`: the warehouse that an order
/// names is one of another numbering, the seller's own.
///
/// # Errors
/// [`Unreadable`] if its number can't be one.
pub fn order(
    order: &wire::Order,
    warehouse: Option<&WarehouseId>,
    read_at: Timestamp,
) -> Result<(Told, Vec<LeftOut>), Unreadable> {
    let id = order_id(&order.order_id)?;
    let stage = Stage::of(&order.status, &order.substatus);
    stage.warn(id.as_str(), &order.status);
    let changed_at = order.update_date.0.unwrap_or(read_at);
    let (lines, parts) = lines(order, stage);
    let state = OrderState { warehouse: warehouse.cloned(), lines, ..OrderState::default() }
        .with(Milestone::Placed, order.creation_date.0.unwrap_or(read_at));
    let mut state = stage.note(state, changed_at);
    // Only who can read all goods knows what is still wanted, and what it costs.
    match parts.is_empty() {
        true => note_list(&mut state, stage, listed(order, read_at)),
        false => state.lines.values_mut().for_each(|line| line.kept = None),
    }
    state.total = total(order).filter(|_| parts.is_empty());
    Ok((Told::of(id, state), parts))
}

/// Of two readings the one of the later change counts, by the Market's own word: "take the later time of an event".
/// Source: github.com/yandex-market/yandex-market-notification-api, sendNotification, 2026-04-20.
fn listed(order: &wire::Order, read_at: Timestamp) -> Listed {
    Listed { edition: order.update_date.0.and_then(|at| u64::try_from(at.millis()).ok()), at: read_at }
}

/// Notes which list says how much of each good is still wanted; of goods that it lacks, none is.
fn note_list(state: &mut OrderState, stage: Stage, list: Listed) {
    for line in state.lines.values_mut().filter(|line| line.kept.is_some()) {
        line.listed_at = Some(list);
    }
    let is_whole = stage.lists_what_is_wanted() && !state.lines.is_empty();
    state.listed_at = is_whole.then_some(list);
}

/// A line is a good. One that is listed twice is one line; one that can't be read is left out.
fn lines(order: &wire::Order, stage: Stage) -> (BTreeMap<LineId, LineState>, Vec<LeftOut>) {
    let (items, spoilt) = order.items.clone().sorted();
    let number = &order.order_id.0;
    let mut parts = LeftOut::goods(number, &spoilt);
    if order.items.is_empty() && !matches!(stage, Stage::Cancelled | Stage::Uncollected) {
        parts.push(LeftOut::of(number, &"the Market lists no goods of it"));
    }
    let mut lines = BTreeMap::<LineId, LineState>::new();
    for item in &items {
        match line("offerId", &item.offer_id) {
            Ok((id, article)) => {
                let units = Units::of(item, stage);
                let line = lines.entry(id).or_insert_with(|| LineState { kept: Some(0), ..LineState::default() });
                line.articles.insert(article);
                units.add_to(line);
            }
            Err(error) => parts.push(LeftOut::of(number, &format!("the good {:?}: {error}", item.offer_id.0))),
        }
    }
    (lines, parts)
}

/// What is said of the units of a good.
#[derive(Debug, Clone, Copy)]
struct Units {
    ordered: u32,
    gone: u32,
    kept: Option<u32>,
}

impl Units {
    /// Whether `count` still has units that were called off isn't documented, so both are understood. Where the order lists no more
    /// what is wanted, only what is said of single units counts, and of an order that was called off not even that.
    fn of(item: &wire::Item, stage: Stage) -> Self {
        let (statuses, spoilt): (Vec<wire::UnitStatus>, Vec<Spoilt>) = item.item_statuses.clone().sorted();
        if statuses.is_empty() || !spoilt.is_empty() {
            let kept = stage.lists_what_is_wanted().then_some(item.count);
            return Self { ordered: item.count, gone: 0, kept };
        }
        let sum = |counts: fn(&str) -> bool| {
            let counted = statuses.iter().filter(|units| counts(&units.status));
            counted.fold(0_u32, |sum, units| sum.saturating_add(units.count))
        };
        let (all, wanted) = (sum(|_| true), sum(|status| status != "CANCELLED"));
        let kept = match stage {
            stage if stage.lists_what_is_wanted() => Some(wanted.min(item.count)),
            Stage::Delivered => Some(wanted),
            _ => None,
        };
        let gone = if stage == Stage::Undocumented { 0 } else { sum(has_left) };
        Self { ordered: item.count.max(all), gone, kept }
    }

    fn add_to(self, line: &mut LineState) {
        line.ordered = line.ordered.saturating_add(self.ordered);
        line.shipped = line.shipped.saturating_add(self.gone);
        line.kept = line.kept.zip(self.kept).map(|(sum, units)| sum.saturating_add(units));
    }
}

/// Whether a unit of this status has left the seller. Source: github.com/yandex-market/yandex-market-partner-api,
/// OrderItemUnitStatusType, 2026-07-17.
fn has_left(status: &str) -> bool {
    matches!(status, "SHIPPED" | "DELIVERED_TO_BUYER" | "LOST" | "REJECTED" | "RETURNED")
}

fn total(order: &wire::Order) -> Option<Money> {
    let wire::Price { value, currency_id } = order.prices.payment.as_ref()?;
    let currency: Currency = match currency_id.as_str() {
        "RUR" => Currency::RUB,
        code => code.parse().ok()?,
    };
    value.money(currency).ok()
}
