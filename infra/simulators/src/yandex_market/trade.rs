//! The buyers, and what becomes of what they bought.

use std::collections::BTreeMap;

use edin_domain::Timestamp;

use super::YandexMarket;
use super::order::{Line, Order, Unit};
use super::push::{self, Notice};
use super::returned::{Kind, Return};
use super::state::State;
use crate::{Event, Sale, SoldOut, now};

impl YandexMarket {
    /// Buys `units` of one good. Reserves them and sends `ORDER_CREATED` without waiting for the answer.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer are available.
    pub fn buy(&self, offer_id: &str, units: u32) -> Result<Sale, SoldOut> {
        self.buy_basket(&[(offer_id, units)])
    }

    /// Buys several goods as one order: all or nothing.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer of any are available.
    pub fn buy_basket(&self, items: &[(&str, u32)]) -> Result<Sale, SoldOut> {
        let at = now();
        let order = self.shop.lock().sell(items, at)?;
        self.send([Notice::created(&order)]);
        Ok(Sale { order: order.id.to_string(), at })
    }

    /// Makes a test order, as the cabinet's sandbox does: nobody bought it, and nothing is reserved. Its id; none if
    /// there is no such good.
    pub fn rehearse(&self, offer_id: &str, units: u32) -> Option<u64> {
        let order = self.shop.lock().rehearse(offer_id, units, now())?;
        self.send([Notice::created(&order)]);
        Some(order.id)
    }

    /// Calls an order off for the buyer and sends `ORDER_CANCELLED`.
    ///
    /// Before it leaves its units are no longer reserved, and for sale again if
    /// [`super::Settings::gives_back_cancelled`] says so. Afterwards they are on their way back: only the seller can
    /// put them on sale again.
    pub fn cancel(&self, order: u64) {
        let notice = self.shop.lock().cancel(order, now());
        self.send(notice);
    }

    /// Takes units out of an order that isn't packed. The count falls where orders are read and the units are told as
    /// `CANCELLED`. No notification tells of it. Taking all of them out is a [`Self::cancel`].
    pub fn remove(&self, order: u64, offer_id: &str, units: u32) {
        let notice = self.shop.lock().remove(order, offer_id, units, now());
        self.send(notice);
    }

    /// Moves an order on, such as to `DELIVERY` and `DELIVERY_SERVICE_RECEIVED`, and sends `ORDER_STATUS_UPDATED`. A
    /// status that ends an order stays.
    pub fn advance(&self, order: u64, status: &str, substatus: &str) {
        let notice = self.shop.lock().advance(order, status, substatus, now());
        self.send(notice);
    }

    /// Lets an order be handed over a day later, and sends `ORDER_UPDATED`.
    pub fn postpone(&self, order: u64) {
        let notice = self.shop.lock().postpone(order, now());
        self.send(notice);
    }

    /// A buyer gives units back, or never took them: they are on their way, and the money is back at once. Sends
    /// `ORDER_RETURN_CREATED`, and the order's new status if it has one. The return's id; none if there aren't so many
    /// units.
    pub fn give_back(&self, order: u64, offer_id: &str, units: u32) -> Option<u64> {
        let (id, notices) = self.shop.lock().give_back(order, offer_id, units, now())?;
        self.send(notices);
        Some(id)
    }

    /// What is on its way back is somewhere else, such as `PICKED`: with the seller. Sends
    /// `ORDER_RETURN_STATUS_UPDATED`. False if there is no such return. The stock stays as it is: the Market leaves it
    /// to the seller to put units on sale again.
    pub fn move_return(&self, id: u64, shipment_status: &str) -> bool {
        let notice = self.shop.lock().move_return(id, shipment_status, now());
        let is_there = notice.is_some();
        self.send(notice);
        is_there
    }

    fn send(&self, notices: impl IntoIterator<Item = Notice>) {
        notices.into_iter().for_each(|notice| push::send(&self.shop, notice));
    }
}

impl State {
    fn sell(&mut self, items: &[(&str, u32)], now: Timestamp) -> Result<Order, SoldOut> {
        let basket = merged(items);
        let is_there = |(offer_id, units): (&&str, &u32)| {
            *units > 0 && self.shelf.get(*offer_id).is_some_and(|pair| *units <= pair.available)
        };
        if basket.is_empty() || !basket.iter().all(is_there) {
            return Err(SoldOut);
        }
        let lines = basket.iter().map(|(offer_id, units)| self.line(offer_id, *units).ok_or(SoldOut));
        let order = Order::new(self.orders.len(), lines.collect::<Result<_, _>>()?, now);
        for line in &order.lines {
            self.freeze(&line.offer_id, line.count, now);
            self.journal.events.push(Event::Sold {
                at: now,
                warehouse: self.warehouse.to_string(),
                good: line.offer_id.clone(),
                units: line.count,
                order: order.id.to_string(),
            });
        }
        self.orders.insert(order.id, order.clone());
        Ok(order)
    }

    fn rehearse(&mut self, offer_id: &str, units: u32, now: Timestamp) -> Option<Order> {
        let lines = vec![self.line(offer_id, units)?];
        let order = Order { fake: true, ..Order::new(self.orders.len(), lines, now) };
        self.orders.insert(order.id, order.clone());
        Some(order)
    }

    fn line(&self, offer_id: &str, units: u32) -> Option<Line> {
        let offer = self.offers.get(offer_id)?;
        Some(Line {
            id: 0,
            offer_id: offer_id.to_owned(),
            name: offer.name.clone(),
            price: offer.price,
            count: units,
            units: BTreeMap::from([(Unit::Created, units)]),
        })
    }

    fn cancel(&mut self, id: u64, now: Timestamp) -> Option<Notice> {
        let order = self.orders.get_mut(&id).filter(|order| !order.is_final())?;
        order.enter("CANCELLED", "USER_CHANGED_MIND", now);
        let order = order.clone();
        if !order.gone && !order.fake {
            order.lines.iter().for_each(|line| self.put_back(&line.offer_id, line.count, now));
        }
        Some(Notice::cancelled(&order))
    }

    fn remove(&mut self, id: u64, offer_id: &str, units: u32, now: Timestamp) -> Option<Notice> {
        let order = self.orders.get_mut(&id).filter(|order| order.is_open())?;
        if order.lines.iter().all(|line| line.count == 0 || (line.offer_id == offer_id && line.count <= units)) {
            return self.cancel(id, now);
        }
        let is_real = !order.fake;
        let line = order.line_mut(offer_id)?;
        let taken = line.shift(Unit::Created, Unit::Cancelled, units);
        line.count = line.count.saturating_sub(taken);
        order.updated_at = now;
        if is_real {
            self.put_back(offer_id, taken, now);
        }
        None
    }

    fn advance(&mut self, id: u64, status: &str, substatus: &str, now: Timestamp) -> Option<Notice> {
        if status == "CANCELLED" {
            return self.cancel(id, now);
        }
        let order = self.orders.get_mut(&id).filter(|order| !order.is_final())?;
        let leaves = order.enter(status, substatus, now) && !order.fake;
        let order = order.clone();
        if leaves {
            order.lines.iter().for_each(|line| self.let_go(&line.offer_id, line.count, now));
        }
        Some(Notice::moved(&order))
    }

    fn postpone(&mut self, id: u64, now: Timestamp) -> Option<Notice> {
        let order = self.orders.get_mut(&id).filter(|order| !order.is_final())?;
        (order.ship_by, order.updated_at) = (super::date::next_day(order.ship_by), now);
        Some(Notice::postponed(order))
    }

    fn give_back(&mut self, id: u64, offer_id: &str, units: u32, now: Timestamp) -> Option<(u64, Vec<Notice>)> {
        let coming: u32 = self
            .returns
            .values()
            .filter(|back| back.kind == Kind::Unredeemed && (back.order, back.offer_id.as_str()) == (id, offer_id))
            .map(|back| back.units)
            .sum();
        let order = self.orders.get_mut(&id)?;
        let back = Return::new(self.returns.len(), order, offer_id, units, now)?;
        let line = order.line_mut(offer_id)?;
        let left = match back.kind {
            Kind::Unredeemed => line.units(Unit::Rejected).saturating_sub(coming),
            Kind::Return => line.units(Unit::DeliveredToBuyer),
        };
        if units == 0 || units > left {
            return None;
        }
        let mut notices = vec![Notice::returned(&back, now)];
        if back.kind == Kind::Return {
            line.shift(Unit::DeliveredToBuyer, Unit::Returned, units);
            let is_whole = order.units(Unit::DeliveredToBuyer) == 0;
            let substatus = order.substatus.clone();
            order.enter(if is_whole { "RETURNED" } else { "PARTIALLY_RETURNED" }, &substatus, now);
            notices.push(Notice::moved(order));
        }
        let id = back.id;
        self.returns.insert(id, back);
        Some((id, notices))
    }

    fn move_return(&mut self, id: u64, shipment_status: &str, now: Timestamp) -> Option<Notice> {
        let back = self.returns.get_mut(&id)?;
        shipment_status.clone_into(&mut back.shipment_status);
        back.updated_at = now;
        Some(Notice::return_moved(back))
    }
}

/// A basket with every good once.
fn merged<'a>(items: &[(&'a str, u32)]) -> BTreeMap<&'a str, u32> {
    items.iter().fold(BTreeMap::new(), |mut basket, (offer_id, units)| {
        *basket.entry(*offer_id).or_default() += units;
        basket
    })
}
