//! The buyers, and what becomes of what they bought.

use std::collections::BTreeMap;

use edin_domain::Timestamp;

use super::posting::{Line, Posting, is_pushed};
use super::push::Push;
use super::returned::Return;
use super::state::State;
use super::{Ozon, push};
use crate::{Event, Sale, SoldOut, now};

impl Ozon {
    /// Buys `units` of one product. Reserves them and pushes `TYPE_NEW_POSTING` without waiting for the answer.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer are free.
    pub async fn buy(&self, offer_id: &str, warehouse: u64, units: u32) -> Result<Sale, SoldOut> {
        self.buy_basket(&[(offer_id, units)], warehouse).await
    }

    /// Buys several products as one posting: all or nothing.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer of any are free.
    pub async fn buy_basket(&self, items: &[(&str, u32)], warehouse: u64) -> Result<Sale, SoldOut> {
        let at = now();
        let posting = self.shop.lock().sell(items, warehouse, at)?;
        self.send(Some(Push::new_posting(&posting)));
        Ok(Sale { order: posting.number, at })
    }

    /// Cancels a posting for the buyer and pushes `TYPE_POSTING_CANCELLED`.
    ///
    /// Before it is assembled its units are free again at once. Afterwards (`cancelled_after_ship`) they are on their way
    /// somewhere: they leave `present`, and only the seller can put them back, once they have come home.
    pub async fn cancel(&self, posting: &str) {
        let push = self.shop.lock().cancel(posting, now());
        self.send(push);
    }

    /// Cancels a part of a posting that hasn't left the warehouse: the quantity falls where postings are read, the units are
    /// free again. No push, and no change of `last_changed_status_date`, for the status stays. Cancelling all of it is a
    /// [`Self::cancel`].
    pub async fn cancel_units(&self, posting: &str, offer_id: &str, units: u32) {
        let push = self.shop.lock().cancel_units(posting, offer_id, units, now());
        self.send(push);
    }

    /// Puts units into a posting again that were cancelled from it: someone's mistake is undone. No push either. False if no line of
    /// it is left, or fewer units are free.
    pub fn restore_units(&self, posting: &str, offer_id: &str, units: u32) -> bool {
        self.shop.lock().restore_units(posting, offer_id, units, now()).is_some()
    }

    /// Moves a posting on to a status of the API, such as `delivering`, and pushes `TYPE_STATE_CHANGED`. Once it has left the
    /// warehouse, `present` and `reserved` fall. A status that ends a posting stays.
    pub async fn advance(&self, posting: &str, status: &str) {
        if status == "cancelled" {
            return self.cancel(posting).await;
        }
        let push = self.shop.lock().advance(posting, status, now());
        self.send(push);
    }

    /// Splits units off into a posting of their own, whose number it returns, and pushes that as `TYPE_NEW_POSTING`. The
    /// reserve moves along. The parent keeps the rest; without any it becomes `cancelled_from_split_pending`.
    pub async fn split(&self, posting: &str, units_by_offer: &[(&str, u32)]) -> String {
        let Some(child) = self.shop.lock().split(posting, units_by_offer, now()) else { return String::new() };
        self.send(Some(Push::new_posting(&child)));
        child.number
    }

    /// Notes that units came home to the seller: a row of `/v1/returns/list` with `logistic.final_moment`. The stock stays as
    /// it is: Ozon leaves it to the seller to put them on sale again.
    pub fn receive_return(&self, posting: &str, offer_id: &str, units: u32) {
        self.shop.lock().receive_return(posting, offer_id, units, now());
    }

    fn send(&self, push: Option<Push>) {
        if let Some(push) = push {
            push::send(&self.shop, push);
        }
    }
}

impl State {
    fn sell(&mut self, items: &[(&str, u32)], warehouse: u64, now: Timestamp) -> Result<Posting, SoldOut> {
        let basket = merged(items);
        let lines: Vec<Line> = basket
            .iter()
            .map(|(offer_id, units)| self.line(offer_id, warehouse, *units).ok_or(SoldOut))
            .collect::<Result<_, _>>()?;
        self.orders += 1;
        let posting = Posting::new(self.orders, warehouse, lines, now);
        for line in &posting.lines {
            self.change(&line.offer_id, warehouse, now, |pair| pair.reserved += line.quantity);
            self.journal.events.push(Event::Sold {
                at: now,
                warehouse: warehouse.to_string(),
                good: line.offer_id.clone(),
                units: line.quantity,
                order: posting.number.clone(),
            });
        }
        self.postings.insert(posting.number.clone(), posting.clone());
        Ok(posting)
    }

    /// A line of an order, if so many units are free.
    fn line(&self, offer_id: &str, warehouse: u64, units: u32) -> Option<Line> {
        let product = self.products.get(offer_id)?;
        let free = self.pair(offer_id, warehouse)?.free();
        (units > 0 && units <= free).then(|| Line {
            offer_id: offer_id.to_owned(),
            sku: product.sku,
            name: product.name.clone(),
            price: product.price.clone(),
            currency: product.currency.clone(),
            quantity: units,
        })
    }

    fn cancel(&mut self, number: &str, now: Timestamp) -> Option<Push> {
        let posting = self.postings.get_mut(number).filter(|posting| !posting.is_final())?;
        let shipped = posting.is_shipped();
        posting.cancelled_after_ship = Some(shipped);
        posting.enter("cancelled", now);
        let posting = posting.clone();
        match shipped {
            true => self.let_go(&posting, now),
            false => self.put_back(&posting, now),
        }
        Some(Push::cancelled(&posting))
    }

    fn cancel_units(&mut self, number: &str, offer_id: &str, units: u32, now: Timestamp) -> Option<Push> {
        let posting = self.postings.get_mut(number).filter(|posting| !posting.is_final() && !posting.has_left())?;
        if posting.lines.iter().all(|line| line.offer_id == offer_id && line.quantity <= units) {
            return self.cancel(number, now);
        }
        let (line, warehouse) = (posting.take(offer_id, units)?, posting.warehouse);
        self.change(offer_id, warehouse, now, |pair| pair.reserved = pair.reserved.saturating_sub(line.quantity));
        None
    }

    fn restore_units(&mut self, number: &str, offer_id: &str, units: u32, now: Timestamp) -> Option<()> {
        let warehouse = self.postings.get(number)?.warehouse;
        self.line(offer_id, warehouse, units)?;
        let posting = self.postings.get_mut(number).filter(|posting| !posting.is_final() && !posting.has_left())?;
        posting.lines.iter_mut().find(|line| line.offer_id == offer_id)?.quantity += units;
        self.change(offer_id, warehouse, now, |pair| pair.reserved += units);
        Some(())
    }

    fn advance(&mut self, number: &str, status: &str, now: Timestamp) -> Option<Push> {
        let posting = self.postings.get_mut(number).filter(|posting| !posting.is_final())?;
        posting.enter(status, now);
        let posting = posting.clone();
        if posting.has_left() {
            self.let_go(&posting, now);
        }
        is_pushed(status).then(|| Push::state_changed(&posting))
    }

    fn split(&mut self, number: &str, units_by_offer: &[(&str, u32)], now: Timestamp) -> Option<Posting> {
        let mut child = self.postings.get(number)?.clone();
        let siblings = self.postings.values().filter(|other| other.order_number == child.order_number).count();
        let parent = self.postings.get_mut(number).filter(|posting| !posting.is_final())?;
        let lines: Vec<Line> =
            units_by_offer.iter().filter_map(|(offer_id, units)| parent.take(offer_id, *units)).collect();
        if lines.is_empty() {
            return None;
        }
        if parent.lines.is_empty() {
            parent.enter("cancelled_from_split_pending", now);
        }
        child.number = format!("{}-{}", child.order_number, siblings + 1);
        child.parent = number.to_owned();
        child.lines = lines;
        child.created_at = now;
        child.changed_at = now;
        self.postings.insert(child.number.clone(), child.clone());
        Some(child)
    }

    fn receive_return(&mut self, number: &str, offer_id: &str, units: u32, now: Timestamp) {
        let Some(posting) = self.postings.get(number) else { return };
        let id = 1_000_015_552 + u64::try_from(self.returns.len()).unwrap_or_default();
        self.returns.extend(Return::new(id, posting, offer_id, units, now));
    }

    /// Units leave the warehouse: once for a posting.
    fn let_go(&mut self, posting: &Posting, now: Timestamp) {
        if posting.gone {
            return;
        }
        for line in &posting.lines {
            self.change(&line.offer_id, posting.warehouse, now, |pair| {
                pair.reserved = pair.reserved.saturating_sub(line.quantity);
                pair.present = pair.present.saturating_sub(line.quantity);
            });
        }
        if let Some(posting) = self.postings.get_mut(&posting.number) {
            posting.gone = true;
        }
    }

    /// Units are free again.
    fn put_back(&mut self, posting: &Posting, now: Timestamp) {
        for line in &posting.lines {
            self.change(&line.offer_id, posting.warehouse, now, |pair| {
                pair.reserved = pair.reserved.saturating_sub(line.quantity);
            });
        }
    }
}

/// A basket with every product once.
fn merged<'a>(items: &[(&'a str, u32)]) -> BTreeMap<&'a str, u32> {
    items.iter().fold(BTreeMap::new(), |mut basket, (offer_id, units)| {
        *basket.entry(*offer_id).or_default() += units;
        basket
    })
}
