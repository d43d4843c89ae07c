//! How the orders come in.

use std::collections::BTreeSet;

use bench::orders::order;
use edin_channels::told::Inbound;
use edin_demo::shop::goods::goods;
use edin_domain::{Sku, Timestamp};
use simulators::Good;

/// How orders come in: so many together, so often. Every batch is of a SKU of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) batches: usize,
    pub(crate) orders_a_batch: usize,
    /// The batches' SKUs begin here among the goods.
    first_good: usize,
}

/// Each by itself.
pub(crate) const ONE_BY_ONE: Shape = Shape { batches: 50, orders_a_batch: 1, first_good: 0 };
/// As they come when much is sold.
pub(crate) const BY_TEN: Shape = Shape { batches: 10, orders_a_batch: 10, first_good: 50 };

/// The batches of a shape: a SKU, and the orders of it.
pub(crate) fn batches(shape: Shape, now: Timestamp) -> anyhow::Result<Vec<(Sku, Vec<Inbound>)>> {
    let goods = goods();
    let chosen = plain(&goods).skip(shape.first_good).take(shape.batches).enumerate();
    let batch = |(index, good): (usize, &Good)| {
        let first = 700_000_000 + u64::try_from((shape.first_good + index) * 100)?;
        let orders =
            (first..first + u64::try_from(shape.orders_a_batch)?).map(|code| order(code, &good.sku, good.price, now));
        Ok((Sku::new(&good.sku)?, orders.collect::<anyhow::Result<_>>()?))
    };
    chosen.map(batch).collect()
}

/// Goods of which there is plenty, and that are in no bundle: the sale of a part is news of the bundle too.
fn plain(goods: &[Good]) -> impl Iterator<Item = &Good> {
    let parts: BTreeSet<&str> = goods.iter().flat_map(|good| &good.components).map(|(sku, _)| sku.as_str()).collect();
    let is_plenty = |good: &&Good| good.stock.is_some_and(|(almaty, _)| almaty > 10);
    goods.iter().filter(is_plenty).filter(move |good| !parts.contains(good.sku.as_str()))
}
