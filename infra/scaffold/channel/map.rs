//! Wire to domain.
// fill in: tests that read what is in samples/.

use std::collections::BTreeSet;

use edin_domain::order::{LineState, Milestone, OrderState};
use edin_domain::{Account, Article, LineId, OrderId, Timestamp};

use super::wire;
use crate::kit::read::{Reader, Reading};
use crate::kit::tolerant::Unreadable;

/// An order.
///
/// # Errors
/// [`Unreadable`] names the field that makes it useless.
// fill in: its warehouse, its total, who it is for.
pub fn order(order: &wire::Order, read_at: Timestamp) -> Result<(OrderId, OrderState), Unreadable> {
    let id = OrderId::new(&order.id.0).map_err(|error| Unreadable::value("id", &order.id.0, error.rule))?;
    let lines = order.lines.iter().map(line).collect::<Result<_, _>>()?;
    let placed = (Milestone::Placed, order.created_at.0.unwrap_or(read_at));
    let milestones = [placed].into_iter().chain(reached(order).map(|milestone| (milestone, read_at))).collect();
    Ok((id, OrderState { lines, milestones, ..OrderState::default() }))
}

// fill in: what its documents call a line, if a good may stand in two; what they say of units that are cancelled, sent, given back.
fn line(line: &wire::Line) -> Result<(LineId, LineState), Unreadable> {
    let wire::Line { sku, quantity } = line;
    let unusable = |rule| Unreadable::value("sku", &sku.0, rule);
    let id = LineId::new(&sku.0).map_err(|error| unusable(error.rule))?;
    let articles = BTreeSet::from([Article::new(&sku.0).map_err(|error| unusable(error.rule))?]);
    Ok((id, LineState { articles, ordered: *quantity, ..LineState::default() }))
}

/// What an order has reached, besides being placed. One in a status that isn't documented stays reserved.
// fill in: a line for each status that it documents, such as `"SENT" => Some(Milestone::Shipped)`.
fn reached(order: &wire::Order) -> Option<Milestone> {
    tracing::warn!(order = order.id.0, status = order.status, "unknown status; the order stays reserved");
    None
}

/// New Channel's calls.
pub(super) struct Pushes;

impl Reader for Pushes {
    // fill in: which types of calls it documents, and what each tells: orders, that something is new of one, or nothing for us.
    fn read(&self, told: &str, _received_at: Timestamp) -> Result<Reading, Unreadable> {
        Err(Unreadable::value("push", told, "map.rs of new_channel is not filled in: it reads no calls yet"))
    }

    // fill in: where a call says whose account it is of.
    fn check_account(&self, account: &Account, _told: &str) -> Result<(), Unreadable> {
        let whose = account.channel();
        Err(Unreadable::value("account", whose, "map.rs of new_channel is not filled in: it tells none apart yet"))
    }
}
