//! What Ozon calls orders and goods.

use edin_domain::{Article, LineId, OrderId};

use crate::kit::tolerant::{Id, Unreadable};

/// Marks the number by which orders name a good: `sku:147451939`.
pub(super) const SKU: &str = "sku";

/// The number and the seller's article: a cancellation that comes first has only the former.
pub(super) fn articles(sku: &Id, offer_id: &Id) -> impl Iterator<Item = Article> {
    [format!("{SKU}:{}", sku.0), offer_id.0.clone()].into_iter().filter_map(|text| Article::new(text).ok())
}

/// The line of a good.
pub(super) fn line_id(sku: &Id) -> Result<LineId, Unreadable> {
    LineId::new(&sku.0).map_err(|error| Unreadable::value("sku", &sku.0, error.rule))
}

/// The order of a posting.
pub(super) fn order_id(field: &'static str, number: &str) -> Result<OrderId, Unreadable> {
    OrderId::new(number).map_err(|error| Unreadable::value(field, number, error.rule))
}
