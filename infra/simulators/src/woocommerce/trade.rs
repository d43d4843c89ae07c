//! The buyers, and what becomes of what they bought.

use edin_domain::Timestamp;

use super::order::{Line, Order};
use super::push::{self, Event as Told};
use super::state::State;
use super::{WAREHOUSE, WooCommerce};
use crate::{Event, Sale, SoldOut, now};

/// Whether the goods of a refund come back into stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restock {
    /// They do.
    Yes,
    /// They don't.
    No,
}

impl WooCommerce {
    /// Buys a basket of products or variations as one order, paid on delivery. Sends `order.created` and `order.updated`.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer of any are shown.
    pub fn buy(&self, basket: &[(u64, u32)]) -> Result<Sale, SoldOut> {
        let at = now();
        let order = self.shop.lock().sell(basket, at)?;
        self.shop.lock().advance(order, "processing", at);
        self.tell(&[(Told::Created, order), (Told::Updated, order)]);
        Ok(Sale { order: order.to_string(), at })
    }

    /// Makes an order that isn't paid yet, as at the gate of a bank: `pending`.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer of any are shown.
    pub fn order(&self, basket: &[(u64, u32)]) -> Result<Sale, SoldOut> {
        let at = now();
        let order = self.shop.lock().sell(basket, at)?;
        self.tell(&[(Told::Created, order), (Told::Updated, order)]);
        Ok(Sale { order: order.to_string(), at })
    }

    /// Begins a checkout that nobody finishes: `checkout-draft`. Its number.
    pub fn begin(&self, product: u64) -> Option<u64> {
        let order = self.shop.lock().made("checkout-draft", &[(product, 1)], now())?;
        self.tell(&[(Told::Created, order)]);
        Some(order)
    }

    /// Moves an order to another status, by hand or by what is paid. False if there is no such order.
    pub fn advance(&self, order: u64, status: &str) -> bool {
        let is_there = self.shop.lock().advance(order, status, now());
        self.tell(&[(Told::Updated, order)]);
        is_there
    }

    /// Refunds units of a product. Without goods that come back, only money does. False if there aren't so many.
    pub fn refund(&self, order: u64, product: u64, units: u32, restock: Restock) -> bool {
        let is_done = self.shop.lock().refund(order, (product, units), restock, now()).is_some();
        self.tell(&[(Told::Updated, order)]);
        is_done
    }

    /// Edits how many units of a product an order has; none takes the line out. The shop's number follows.
    pub fn set_units(&self, order: u64, product: u64, units: u32) -> bool {
        let is_done = self.shop.lock().set_units(order, product, units, now()).is_some();
        self.tell(&[(Told::Updated, order)]);
        is_done
    }

    /// Edits what a line costs, and nothing else.
    pub fn set_price(&self, order: u64, product: u64, price: u64) -> bool {
        let is_done = self.shop.lock().set_price(order, product, price, now()).is_some();
        self.tell(&[(Told::Updated, order)]);
        is_done
    }

    /// Puts an order into the trash. The shop's number stays as it is.
    pub fn trash(&self, order: u64) -> bool {
        let is_done = self.shop.lock().trash(order, now()).is_some();
        self.tell(&[(Told::Deleted, order)]);
        is_done
    }

    /// Takes an order out of the trash.
    pub fn restore(&self, order: u64) -> bool {
        let is_done = self.shop.lock().untrash(order, now()).is_some();
        self.tell(&[(Told::Restored, order)]);
        is_done
    }

    /// Deletes an order for good.
    pub fn delete(&self, order: u64) -> bool {
        let is_done = self.shop.lock().orders.remove(&order).is_some();
        self.tell(&[(Told::Deleted, order)]);
        is_done
    }

    /// Whether there is such an order.
    #[must_use]
    pub fn knows(&self, order: u64) -> bool {
        self.shop.lock().orders.contains_key(&order)
    }

    fn tell(&self, events: &[(Told, u64)]) {
        events.iter().for_each(|(event, order)| push::send(&self.shop, *event, *order));
    }
}

impl State {
    fn sell(&mut self, basket: &[(u64, u32)], now: Timestamp) -> Result<u64, SoldOut> {
        let is_there = |(id, units): &(u64, u32)| {
            let shown = self.products.get(id).and_then(super::state::Product::shown);
            *units > 0 && shown.is_some_and(|shown| *units <= shown)
        };
        if basket.is_empty() || !basket.iter().all(is_there) {
            return Err(SoldOut);
        }
        let order = self.made("pending", basket, now).ok_or(SoldOut)?;
        for (good, units) in basket {
            let (warehouse, good, order) = (WAREHOUSE.to_owned(), good.to_string(), order.to_string());
            self.journal.events.push(Event::Sold { at: now, warehouse, good, units: *units, order });
        }
        Ok(order)
    }

    fn made(&mut self, status: &str, basket: &[(u64, u32)], now: Timestamp) -> Option<u64> {
        let id = self.number();
        let mut lines = Vec::new();
        for (product, quantity) in basket {
            let price = self.products.get(product)?.price;
            let (id, product, quantity) = (self.number(), *product, *quantity);
            lines.push(Line { id, product, quantity, price, reduced: None, put_back: 0, refunded: 0 });
        }
        self.orders.insert(id, Order::new(id, status, lines, now));
        Some(id)
    }

    fn refund(&mut self, id: u64, (product, units): (u64, u32), restock: Restock, now: Timestamp) -> Option<()> {
        let mut order = self.orders.get(&id)?.clone();
        let line = order.line_mut(product).filter(|line| units > 0 && line.refunded + units <= line.quantity)?;
        line.refunded += units;
        if restock == Restock::Yes {
            self.put_back(line, units, now);
        }
        order.modified_at = now;
        if order.lines.iter().all(|line| line.refunded == line.quantity) {
            order.enter("refunded", now);
        }
        self.orders.insert(id, order);
        Some(())
    }

    fn set_units(&mut self, id: u64, product: u64, units: u32, now: Timestamp) -> Option<()> {
        let mut order = self.orders.get(&id)?.clone();
        let line = order.line_mut(product)?;
        line.quantity = units;
        if let Some(reduced) = line.reduced.replace(units) {
            let stock = self.products.get_mut(&product)?;
            let counted = stock.stock?;
            stock.count(counted + i64::from(reduced) - i64::from(units), now);
        }
        order.lines.retain(|line| line.quantity > 0);
        order.modified_at = now;
        self.orders.insert(id, order);
        Some(())
    }

    fn set_price(&mut self, id: u64, product: u64, price: u64, now: Timestamp) -> Option<()> {
        let order = self.orders.get_mut(&id)?;
        order.line_mut(product)?.price = price;
        order.modified_at = now;
        Some(())
    }

    fn trash(&mut self, id: u64, now: Timestamp) -> Option<()> {
        let order = self.orders.get_mut(&id).filter(|order| order.status != "trash")?;
        order.before_trash = Some(order.status.clone());
        order.enter("trash", now);
        Some(())
    }

    fn untrash(&mut self, id: u64, now: Timestamp) -> Option<()> {
        let order = self.orders.get_mut(&id)?;
        let before = order.before_trash.take()?;
        (order.status, order.modified_at) = (before, now);
        Some(())
    }
}
