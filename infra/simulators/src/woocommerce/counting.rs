//! How the shop's own number follows its orders (<https://github.com/woocommerce/woocommerce>, `includes/wc-stock-functions.php`,
//! November 2026).

use edin_domain::Timestamp;

use super::order::{Line, Order};
use super::state::State;

impl State {
    /// Moves an order on, and the shop's number with it. Nothing happens to one that there isn't.
    pub(super) fn advance(&mut self, id: u64, status: &str, now: Timestamp) -> bool {
        let Some(mut order) = self.orders.remove(&id) else { return false };
        order.enter(status, now);
        match status {
            "on-hold" | "processing" | "completed" => self.reduce(&mut order, now),
            "cancelled" | "pending" => self.restore(&mut order, now),
            _ => {}
        }
        self.orders.insert(id, order);
        true
    }

    /// Takes its units off, once.
    fn reduce(&mut self, order: &mut Order, now: Timestamp) {
        if std::mem::replace(&mut order.is_reduced, true) {
            return;
        }
        for line in order.lines.iter_mut().filter(|line| line.reduced.is_none()) {
            if self.change(line.product, -i64::from(line.quantity), now) {
                line.reduced = Some(line.quantity);
            }
        }
    }

    /// Puts them back.
    fn restore(&mut self, order: &mut Order, now: Timestamp) {
        if !std::mem::replace(&mut order.is_reduced, false) {
            return;
        }
        for line in &mut order.lines {
            if let Some(units) = line.reduced.take() {
                self.change(line.product, i64::from(units), now);
            }
        }
    }

    /// Puts some units of a line back.
    pub(super) fn put_back(&mut self, line: &mut Line, units: u32, now: Timestamp) {
        let Some(reduced) = line.reduced else { return };
        if self.change(line.product, i64::from(units), now) {
            line.reduced = Some(reduced.saturating_sub(units));
            line.put_back += units;
        }
    }

    /// Whether the product is counted at all.
    fn change(&mut self, product: u64, units: i64, now: Timestamp) -> bool {
        let product = self.products.get_mut(&product);
        let Some((product, stock)) = product.and_then(|product| product.stock.map(|stock| (product, stock))) else {
            return false;
        };
        product.count(stock + units, now);
        true
    }
}
