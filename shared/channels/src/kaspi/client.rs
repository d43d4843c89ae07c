//! The calls. Kaspi pulls its stock, and can't be asked for it; what came back is among its orders.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::{OrderId, Secret, Timestamp};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::facts::{FACTS, ORDERS, Settings};
use super::map::Basket;
use super::search::{self, Entries, PAGE_SIZE, Parameters, Search, Window, segment};
use super::{map, wire};
use crate::kit::client::line::{Answer, Call, Line, RetryHeader, Throttle, brief, excerpt};
use crate::kit::client::{self, Accept, CanNotOpen, ChannelError, Credential, Opening, Period, ReadOrders};
use crate::kit::told::{Cursor, LeftOut, Orders, Page};
use crate::kit::tolerant::{self, Spoilt};

/// What a browser calls itself. Observed: without such a name a request hangs until it times out.
const USER_AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

/// Where Kaspi says how long it shuts us out. Observed; the guide is silent.
const RETRY: RetryHeader = RetryHeader("retry-after");

/// How old the newest orders may be. An older one that the bank approves late is found among the changes.
const NEWEST: Duration = Duration::from_hours(3);

const JSON_API: &str = "application/vnd.api+json";
const SEARCH: &str = "GET /v2/orders";
const ENTRIES: &str = "GET /v2/orders/{id}/entries";
const CARD: &str = "GET /v2/orderentries/{id}/product";
const OWN_CARD: &str = "GET /v2/masterproducts/{id}/merchantProduct";
const CHANGE: &str = "POST /v2/orders";
/// A shop has not so many orders in any span that is asked for.
const MOST_PAGES: usize = 1_000;
/// An order has not so many lines.
const MOST_ENTRY_PAGES: usize = 10;

/// Kaspi, called.
pub struct Client {
    line: Line,
    token: Secret<String>,
    /// Whether orders are accepted on the seller's behalf.
    accepts: bool,
    /// Whether Kaspi refused to include entries in a page of orders.
    entries_apart: AtomicBool,
}

impl Client {
    /// Opens a connection, with its token from the cabinet.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    pub fn open(opening: &Opening<'_>) -> Result<Self, CanNotOpen> {
        let Settings { accept_orders: accepts, .. } = opening.settings()?;
        let (line, token) = (opening.line(FACTS.address)?, opening.credential("token")?);
        Ok(Self { line, token, accepts, entries_apart: AtomicBool::new(false) })
    }

    /// All that a search finds, read as of `read_at`.
    async fn told(&self, search: Search<'_>, read_at: Timestamp) -> Result<Orders, ChannelError> {
        let mut orders = Orders::default();
        for number in 0..MOST_PAGES {
            let (more, is_last) = self.told_on(search, number, read_at).await?;
            orders.extend(more);
            if is_last {
                return Ok(orders);
            }
        }
        Err(endless(SEARCH, MOST_PAGES))
    }

    /// What a page of a search tells, and whether it is the last one.
    async fn told_on(
        &self,
        search: Search<'_>,
        number: usize,
        read_at: Timestamp,
    ) -> Result<(Orders, bool), ChannelError> {
        let wire::Orders { data, included, meta } = self.page(search, number, PAGE_SIZE).await?;
        let is_last = search::is_last(&meta, number, data.len());
        let (found, spoilt) = data.sorted();
        let mut orders = Orders { left_out: spoilt.into_iter().map(LeftOut::from).collect(), ..Orders::default() };
        // One that can't be read is asked for with its order.
        let included = by_id(included.sorted().0);
        for order in &found {
            let basket = self.basket(order, &included).await?;
            orders.add(&order.attributes.code.0, map::order(order, basket, read_at));
        }
        Ok((orders, is_last))
    }

    /// A page of orders: with their entries, unless Kaspi refuses to include them.
    async fn page(&self, search: Search<'_>, number: usize, size: usize) -> Result<wire::Orders, ChannelError> {
        let page = |entries| self.get(SEARCH, "/v2/orders", search.page(number, size, entries));
        if self.entries_apart.load(Ordering::Relaxed) {
            return page(Entries::Apart).await;
        }
        let refused = match page(Entries::Included).await {
            Err(refused @ ChannelError::Refused { .. }) => refused,
            read => return read,
        };
        let read = page(Entries::Apart).await.map_err(|_| refused)?;
        self.entries_apart.store(true, Ordering::Relaxed);
        Ok(read)
    }

    /// What is in an order, as far as it can be read and named.
    async fn basket(
        &self,
        order: &wire::OrderResource,
        included: &HashMap<String, wire::Entry>,
    ) -> Result<Basket, ChannelError> {
        let mut basket = match listed(order, included) {
            Some(entries) => Basket { entries, left_out: Vec::new() },
            None => self.entries_if_told(order).await?,
        };
        for entry in basket.entries.iter_mut().filter(|entry| map::is_nameless(entry)) {
            match self.sku(entry).await {
                Ok(sku) => entry.attributes.offer.code = sku,
                Err(error) => tracing::warn!(order = order.attributes.code.0, %error, "a line's good is not known"),
            }
        }
        Ok(basket)
    }

    /// None if Kaspi won't list them for this order: what else it tells counts all the same, and must not hide other orders.
    async fn entries_if_told(&self, order: &wire::OrderResource) -> Result<Basket, ChannelError> {
        match self.entries(order).await {
            Err(error @ (ChannelError::Refused { .. } | ChannelError::Unreadable { .. })) => {
                let left_out = LeftOut::of(&order.attributes.code.0, &format!("its lines: {error}"));
                Ok(Basket { left_out: vec![left_out], ..Basket::default() })
            }
            other => other,
        }
    }

    async fn entries(&self, order: &wire::OrderResource) -> Result<Basket, ChannelError> {
        let path = format!("/v2/orders/{}/entries", part_of_path(ENTRIES, &order.id)?);
        let mut basket = Basket::default();
        for number in 0..MOST_ENTRY_PAGES {
            let page: wire::Entries = self.get(ENTRIES, &path, search::page(number, PAGE_SIZE)).await?;
            let is_last = search::is_last(&page.meta, number, page.data.len());
            let (entries, spoilt) = page.data.sorted();
            let of_order = |line: &Spoilt| LeftOut::of(&order.attributes.code.0, &format!("the line {line}"));
            basket.left_out.extend(spoilt.iter().map(of_order));
            basket.entries.extend(entries);
            if is_last {
                return Ok(basket);
            }
        }
        Err(endless(ENTRIES, MOST_ENTRY_PAGES))
    }

    /// The seller's SKU of an entry that doesn't tell it, by way of Kaspi's card.
    async fn sku(&self, entry: &wire::Entry) -> Result<String, ChannelError> {
        let card = match &entry.relationships.product.data {
            Some(card) => card.id.clone(),
            None => {
                let path = format!("/v2/orderentries/{}/product", part_of_path(CARD, &entry.id)?);
                self.get::<wire::Card>(CARD, &path, Parameters::new()).await?.data.id
            }
        };
        let path = format!("/v2/masterproducts/{}/merchantProduct", part_of_path(OWN_CARD, &card)?);
        Ok(self.get::<wire::Card>(OWN_CARD, &path, Parameters::new()).await?.data.attributes.code)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        name: &'static str,
        path: &str,
        parameters: Parameters,
    ) -> Result<T, ChannelError> {
        let answer = self.send(name, self.line.request(Method::GET, path).query(&parameters)).await?;
        tolerant::read(&answer.body).map_err(|error| ChannelError::unreadable(name, error))
    }

    async fn send(&self, name: &'static str, request: RequestBuilder) -> Result<Answer, ChannelError> {
        let request = request
            .header("X-Auth-Token", self.token.reveal())
            .header("Content-Type", JSON_API)
            .header("Accept", JSON_API)
            .header("User-Agent", USER_AGENT);
        let call = Call { name, limit: &ORDERS, throttle: Throttle::USUAL, retry: RETRY, remaining: None };
        let answer = self.line.send(call, request).await?;
        match answer.status {
            200..=299 => Ok(answer),
            _ => Err(refused(name, &answer)),
        }
    }
}

#[async_trait]
impl client::Client for Client {
    fn orders(&self) -> Option<&dyn ReadOrders> {
        Some(self)
    }

    fn acceptance(&self) -> Option<&dyn Accept> {
        self.accepts.then_some(self)
    }

    /// Asks for one order. Kaspi tells no expiry of a token, and documents none (`api/general/q3193`).
    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError> {
        let search = Search::In("NEW", Window { from: now.minus(Duration::from_hours(24)), to: now });
        match self.page(search, 0, 1).await {
            Ok(_) => Ok(Credential::default()),
            Err(denied @ ChannelError::Denied { .. }) => {
                Ok(Credential { expires_at: None, problems: vec![denied.to_string()] })
            }
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl ReadOrders for Client {
    /// The orders of the last days, without those that have ended. No upper bound: Kaspi's clock may be ahead of ours.
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        self.told(Search::Since(now.minus(NEWEST)), now).await
    }

    /// Every order that may still change. Kaspi can't be asked what changed since a time, so when the period
    /// begins narrows nothing: an
    /// order of six weeks ago may have been returned this minute. Nor does it tell when goods came back: what the last reading
    /// hadn't found to be back came back since.
    async fn changed(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        let Place { search, page } = Cursor::place(from);
        let mut searches = search::all(period.until).skip(search);
        let Some((state, window)) = searches.next() else { return Ok(Page::default()) };
        let (mut orders, is_last) = self.told_on(Search::In(state, window), page, now).await?;
        orders.told.iter_mut().for_each(|told| map::came_back_since(told, period.since));
        let next = match is_last {
            true => searches.next().map(|_| Place { search: search + 1, page: 0 }),
            false => Some(Place { search, page: page + 1 }),
        };
        client::page(SEARCH, orders, next)
    }
}

#[async_trait]
impl Accept for Client {
    /// Accepts an order that waits for it, as Kaspi tells just now; any other is left as it is. A change that got no answer
    /// is never repeated here: the next poll reads what became of it.
    async fn accept(&self, order: &OrderId) -> Result<(), ChannelError> {
        let (found, _) = self.page(Search::Code(order.as_str()), 0, 1).await?.data.sorted();
        let found = found.iter().find(|found| found.attributes.code.0 == order.as_str());
        let Some(acceptance) = map::acceptance(found.ok_or_else(|| unknown(order))?) else { return Ok(()) };
        let request = self.line.request(Method::POST, "/v2/orders").body(acceptance.to_string());
        self.send(CHANGE, request).await?;
        Ok(())
    }
}

/// Where a reading of what may have changed stands: at which of its searches, and on which page of that.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    search: usize,
    page: usize,
}

fn by_id(included: Vec<wire::Entry>) -> HashMap<String, wire::Entry> {
    included.into_iter().map(|entry| (entry.id.clone(), entry)).collect()
}

/// An order's entries, if the page includes all of them.
fn listed(order: &wire::OrderResource, included: &HashMap<String, wire::Entry>) -> Option<Vec<wire::Entry>> {
    let named = order.relationships.entries.as_ref()?.data.as_ref()?;
    let entries: Option<Vec<_>> = named.iter().map(|entry| included.get(&entry.id).cloned()).collect();
    entries.filter(|entries| !entries.is_empty())
}

fn refused(call: &'static str, answer: &Answer) -> ChannelError {
    let problems = tolerant::read::<wire::Errors>(&answer.body).map(|body| body.errors).unwrap_or_default();
    let titles: Vec<String> = problems.sorted().0.into_iter().map(|problem| problem.title).collect();
    let reason = match titles.is_empty() {
        true => excerpt(&answer.body),
        false => brief(&titles.join("; ")),
    };
    ChannelError::Refused { call, status: answer.status, code: "without a code".to_owned(), reason }
}

fn endless(call: &'static str, pages: usize) -> ChannelError {
    ChannelError::Unreadable { call, reason: format!("there are more than {pages} pages") }
}

fn part_of_path(call: &'static str, id: &str) -> Result<String, ChannelError> {
    let unusable = || ChannelError::Unreadable { call, reason: format!("an id is {id:?}, which no path can hold") };
    segment(id).ok_or_else(unusable)
}

fn unknown(order: &OrderId) -> ChannelError {
    let reason = format!("Kaspi finds no order {order}");
    ChannelError::Refused { call: SEARCH, status: 200, code: "not_found".to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(entries: &str, included: &str) -> wire::Orders {
        let order = format!(
            r#"{{"id":"b3BhcXVl","attributes":{{"code":"1","status":"COMPLETED"}},"relationships":{{"entries":{entries}}}}}"#
        );
        tolerant::read(format!(r#"{{"data":[{order}],"included":{included}}}"#).as_bytes()).unwrap()
    }

    fn listed_on(page: wire::Orders) -> Option<usize> {
        listed(&page.data.sorted().0[0], &by_id(page.included.sorted().0)).map(|entries| entries.len())
    }

    #[test]
    fn entries_are_asked_for_unless_the_page_includes_every_one() {
        let named = r#"{"data":[{"type":"orderentries","id":"a"},{"type":"orderentries","id":"b"}]}"#;
        let a = r#"{"id":"a","attributes":{"offer":{"code":"SKU1"},"quantity":1}}"#;
        let b = r#"{"id":"b","attributes":{"offer":{"code":"SKU2"},"quantity":1}}"#;
        assert_eq!(listed_on(page(named, &format!("[{a},{b}]"))), Some(2));
        assert_eq!(listed_on(page(named, &format!("[{a}]"))), None);
        assert_eq!(listed_on(page(r#"{"data":[]}"#, &format!("[{a}]"))), None);
        assert_eq!(listed_on(page(r#"{"links":{}}"#, "[]")), None);
    }

    #[test]
    fn a_refusal_carries_the_words_of_kaspi() {
        let reason = |body: &str| {
            let answer = Answer { status: 400, headers: reqwest::header::HeaderMap::new(), body: body.into() };
            refused(SEARCH, &answer).to_string()
        };
        let too_wide = r#"{"errors":[{"title":"Actual [30], max [14]."}]}"#;
        assert_eq!(reason(too_wide), "GET /v2/orders: refused (400 without a code): Actual [30], max [14].");
        assert_eq!(reason("<html>"), "GET /v2/orders: refused (400 without a code): <html>");
    }
}
