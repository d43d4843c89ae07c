//! What the Market calls orders and goods.

use edin_domain::{Article, LineId, OrderId};

use crate::kit::tolerant::{Id, Unreadable};

/// The order of a number.
pub(super) fn order_id(number: &Id) -> Result<OrderId, Unreadable> {
    OrderId::new(&number.0).map_err(|error| Unreadable::value("orderId", &number.0, error.rule))
}

/// The line of a good, and its name: the seller's SKU, which is all by which a return names it. The Market trims it, too.
pub(super) fn line(field: &'static str, sku: &Id) -> Result<(LineId, Article), Unreadable> {
    let name = sku.0.trim();
    let line = LineId::new(name).map_err(|error| Unreadable::value(field, name, error.rule))?;
    let article = Article::new(name).map_err(|error| Unreadable::value(field, name, error.rule))?;
    Ok((line, article))
}
