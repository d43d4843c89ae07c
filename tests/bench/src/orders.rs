//! Orders as Kaspi tells them once the bank has approved them: one line of one unit, and nobody's name.

use std::collections::BTreeMap;

use edin_channels::kaspi;
use edin_channels::told::{Content, Inbound, Told};
use edin_domain::order::{LineState, Milestone, OrderState};
use edin_domain::{Article, Cause, ConnectionId, Currency, LineId, Money, OrderId, Timestamp, WarehouseId};
use simulators::kaspi::STORES as KASPI_STORES;

/// The order `code` of one unit of the good `sku`, which costs `tenge`.
///
/// # Errors
/// If the SKU is none.
pub fn order(code: u64, sku: &str, tenge: u64, now: Timestamp) -> anyhow::Result<Inbound> {
    let [almaty, _] = KASPI_STORES;
    let line = LineState { kept: Some(1), listed_at: Some(now.into()), ..LineState::ordered([Article::new(sku)?], 1) };
    let state = OrderState {
        warehouse: Some(WarehouseId::new(almaty)?),
        lines: BTreeMap::from([(LineId::new(sku)?, line)]),
        milestones: BTreeMap::from([(Milestone::Placed, now), (Milestone::Paid, now)]),
        listed_at: Some(now.into()),
        total: Some(Money::new(i64::try_from(tenge * 100)?, Currency::KZT)),
        ..OrderState::default()
    };
    Ok(Inbound {
        cause: Cause::new(format!("kaspi-main:{code}"))?,
        connection: ConnectionId::new("kaspi-main")?,
        channel: kaspi::NAME,
        received_at: now,
        content: Content::Told(Told::of(OrderId::new(code.to_string())?, state)),
    })
}
