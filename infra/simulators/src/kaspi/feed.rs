//! Pulling the seller's price list, as Kaspi does by itself, and taking what it says.

use std::time::Duration;

use super::account::{Account, Desk, Shelf};
use super::price_list::{Listed, PriceList};
use crate::{Event, now};
use axum::http::header::{ETAG, IF_NONE_MATCH, USER_AGENT};

/// A price list that takes longer isn't taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// The list is the one of the last time (304).
    Unchanged,
    /// A list was taken.
    Taken {
        /// Offers in it.
        offers: usize,
        /// Numbers that changed: offers times stores.
        changed: usize,
    },
}

struct Fetched {
    body: Vec<u8>,
    etag: Option<String>,
}

/// Fetches the list and takes it, or leaves all as it was.
pub(super) async fn pull(desk: &Desk) -> Result<Pulled, String> {
    let Some(fetched) = fetch(desk).await? else { return Ok(Pulled::Unchanged) };
    let list = PriceList::read(&fetched.body, &desk.merchant_id);
    let mut account = desk.account();
    match list {
        Ok(list) => {
            account.etag = fetched.etag;
            Ok(account.take(list))
        }
        Err(defect) => {
            account.violation(format!("the price list is left: {defect}"));
            Err(defect)
        }
    }
}

/// None if it is the same as before.
async fn fetch(desk: &Desk) -> Result<Option<Fetched>, String> {
    let sent = desk.caller.send(request(desk)?, PATIENCE).await;
    let answer = sent.map_err(|error| format!("the price list can't be fetched: {error}"))?;
    let etag = answer.headers.get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    match answer.status {
        304 => Ok(None),
        200 => Ok(Some(Fetched { body: answer.body, etag })),
        status => Err(format!("the price list is answered {status}")),
    }
}

fn request(desk: &Desk) -> Result<reqwest::RequestBuilder, String> {
    let account = desk.account();
    let url = account.feed.as_deref().ok_or("no price list is set")?;
    let mut request = desk.caller.get(url).header(USER_AGENT, "Kaspi");
    if let Some(etag) = &account.etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if let Some((login, password)) = &desk.feed_password {
        request = request.basic_auth(login, Some(password));
    }
    Ok(request)
}

impl Account {
    fn take(&mut self, list: PriceList) -> Pulled {
        self.note_what_is_left_out(&list);
        let offers = list.offers.len();
        let changed = list.offers.into_iter().map(|(sku, listed)| self.take_offer(&sku, listed)).sum();
        Pulled::Taken { offers, changed }
    }

    /// How many of the offer's numbers changed.
    fn take_offer(&mut self, sku: &str, listed: Listed) -> usize {
        let offer = self.offers.entry(sku.to_owned()).or_default();
        (offer.name, offer.price) = (listed.name, listed.price);
        let mut changed = 0;
        for (warehouse, quantity) in listed.stores {
            let now_shown = Shelf { told: quantity, shown: quantity };
            if offer.stores.insert(warehouse.clone(), now_shown) == Some(now_shown) {
                continue;
            }
            changed += 1;
            self.journal.events.push(Event::Told { at: now(), warehouse, good: sku.to_owned(), quantity });
        }
        changed
    }

    /// Nobody knows what Kaspi does with an offer that is missing. A correct list never leaves one out.
    fn note_what_is_left_out(&mut self, list: &PriceList) {
        let missing: Vec<String> = self
            .offers
            .iter()
            .flat_map(|(sku, offer)| offer.stores.keys().map(move |store| (sku, store)))
            .filter(|(sku, store)| !list.offers.get(*sku).is_some_and(|listed| listed.stores.contains_key(*store)))
            .map(|(sku, store)| format!("the price list leaves out {sku} in {store}: it stays on sale"))
            .collect();
        missing.into_iter().for_each(|what| self.violation(what));
    }
}
