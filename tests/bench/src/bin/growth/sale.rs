//! What a sale costs.

use std::collections::BTreeMap;

use bench::figure;
use bench::orders::order;
use bench::proxy::is_read;
use bench::shop::{PATIENCE, Shop};
use bench::tables::good;
use edin_domain::Sku;
use edin_local::aws::meter::{Count, since};
use edin_platform::{Clock, Message, SystemClock};
use serde::Serialize;

/// What a sale costs from the inbox until Ozon and Wildberries know, on average.
#[derive(Debug, Serialize)]
pub(crate) struct Sale {
    sales: u64,
    read_calls: f64,
    read_units: f64,
    write_calls: f64,
    write_units: f64,
    by_function: BTreeMap<String, BTreeMap<String, Count>>,
}

const SALES: u64 = 20;
const SET_OFF_BY_ORDERS: [&str; 4] = ["intake", "project", "fanout", "push"];

impl Sale {
    /// Sells goods from all over the catalogue, one after another, and counts.
    pub(crate) async fn counted(shop: &Shop) -> anyhow::Result<Self> {
        let house = shop.house().await?;
        let (before, inbox) = (house.engine().meter().counts(), house.inbox());
        for sale in 0..SALES {
            let good = good(1 + sale * (shop.goods - 1) / SALES);
            let sent_at = SystemClock.now();
            let order = order(700_000_000 + sale, &good.sku, good.price, sent_at)?;
            inbox.send(vec![Message::json(&order)?]).await?;
            house.settle(PATIENCE).await?;
            let partition = house.store().partition(&Sku::new(&good.sku)?).await?;
            let told = partition.shown.values().filter_map(|shown| shown.acknowledged);
            let told = told.filter(|told| told.at >= sent_at).count();
            anyhow::ensure!(told == 2, "not both channels were told of {}: {:?}", good.sku, partition.shown);
        }
        let mut by_function = BTreeMap::<String, BTreeMap<String, Count>>::new();
        for ((function, operation), count) in since(&house.engine().meter().counts(), &before) {
            if SET_OFF_BY_ORDERS.contains(&function.as_str()) {
                by_function.entry(function).or_default().insert(operation, count);
            }
        }
        Ok(Self::of(by_function))
    }

    fn of(by_function: BTreeMap<String, BTreeMap<String, Count>>) -> Self {
        let sum = |wanted: &dyn Fn(&str, &Count) -> f64| {
            let all = by_function.values().flatten();
            bench::round(all.map(|(operation, count)| wanted(operation, count)).sum::<f64>() / figure(SALES))
        };
        let calls = |count: &Count| figure(count.calls);
        Self {
            sales: SALES,
            read_calls: sum(&|operation, count| if is_read(operation) { calls(count) } else { 0.0 }),
            read_units: sum(&|_, count| count.read_units),
            write_calls: sum(&|_, count| if count.write_units > 0.0 { calls(count) } else { 0.0 }),
            write_units: sum(&|_, count| count.write_units),
            by_function,
        }
    }

    /// What must not grow with the catalogue.
    pub(crate) const fn costs(&self) -> [f64; 4] {
        [self.read_calls, self.read_units, self.write_calls, self.write_units]
    }
}
