//! The calls.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::{Connection, OrderId, Secret, Timestamp, WarehouseId};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use super::search::{self, Parameters, STATES, Search, Window, segment};
use super::{CAPABILITIES, LOOK_BACK, NEWEST, ORDERS, PAGE_SIZE, RETRY, USER_AGENT, map, wire};
use crate::inbound::Told;
use crate::marketplace::{Capabilities, ChannelError, Credential, Marketplace, Outcome, SeenRow, StockRow};
use crate::tolerant;
use crate::transport::{Answer, Call, Transport, brief, excerpt};

const JSON_API: &str = "application/vnd.api+json";
const SEARCH: &str = "GET /v2/orders";
const ENTRIES: &str = "GET /v2/orders/{id}/entries";
const CHANGE: &str = "POST /v2/orders";
/// A shop has not so many orders in any span that is asked for.
const MOST_PAGES: usize = 1_000;
/// An order has not so many lines.
const MOST_ENTRY_PAGES: usize = 10;

/// Kaspi, called.
pub struct Client {
    transport: Transport,
    token: Secret<String>,
}

impl Client {
    /// A client of the connection that `transport` leads to, with its token from the cabinet.
    #[must_use]
    pub fn new(transport: Transport, _connection: &Connection, token: Secret<String>) -> Self {
        Self { transport, token }
    }

    /// All that a search finds, read as of `read_at`.
    async fn told(&self, search: Search<'_>, read_at: Timestamp) -> Result<Vec<Told>, ChannelError> {
        let mut told = Vec::new();
        for number in 0..MOST_PAGES {
            let page: wire::Orders = self.get(SEARCH, "/v2/orders", &search.page(number, PAGE_SIZE)).await?;
            let included = by_id(&page.included);
            for order in &page.data {
                let entries = match listed(order, &included) {
                    Some(entries) => entries,
                    None => self.entries_if_told(order).await?,
                };
                told.extend(readable(order, &entries, read_at));
            }
            if search::is_last(&page.meta, number, page.data.len()) {
                return Ok(told);
            }
        }
        Err(endless(SEARCH, MOST_PAGES))
    }

    /// None if Kaspi won't list them for this order: what else it tells counts all the same, and must not hide other orders.
    async fn entries_if_told(&self, order: &wire::OrderResource) -> Result<Vec<wire::Entry>, ChannelError> {
        match self.entries(&order.id).await {
            Err(error @ (ChannelError::Refused { .. } | ChannelError::Unreadable { .. })) => {
                tracing::error!(order = order.attributes.code, %error, "order without its lines: it reserves nothing new");
                Ok(Vec::new())
            }
            other => other,
        }
    }

    async fn entries(&self, order: &str) -> Result<Vec<wire::Entry>, ChannelError> {
        let path = format!("/v2/orders/{}/entries", segment(order).ok_or_else(|| unusable(order))?);
        let mut entries = Vec::new();
        for number in 0..MOST_ENTRY_PAGES {
            let page: wire::Entries = self.get(ENTRIES, &path, &search::page(number, PAGE_SIZE)).await?;
            let last = search::is_last(&page.meta, number, page.data.len());
            entries.extend(page.data);
            if last {
                return Ok(entries);
            }
        }
        Err(endless(ENTRIES, MOST_ENTRY_PAGES))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        name: &'static str,
        path: &str,
        parameters: &Parameters,
    ) -> Result<T, ChannelError> {
        let answer = self.send(name, self.transport.request(Method::GET, path).query(parameters)).await?;
        tolerant::read(&answer.body).map_err(|error| ChannelError::Unreadable { call: name, reason: error.to_string() })
    }

    async fn send(&self, name: &'static str, request: RequestBuilder) -> Result<Answer, ChannelError> {
        let request = request
            .header("X-Auth-Token", self.token.reveal())
            .header("Content-Type", JSON_API)
            .header("Accept", JSON_API)
            .header("User-Agent", USER_AGENT);
        let answer = self.transport.send(Call { name, limit: &ORDERS, retry: RETRY }, request).await?;
        match answer.status {
            200..=299 => Ok(answer),
            _ => Err(refused(name, &answer)),
        }
    }
}

#[async_trait]
impl Marketplace for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    /// The orders of the last days, without those that have ended. No upper bound: Kaspi's clock may be ahead of ours.
    async fn newest_orders(&self, now: Timestamp) -> Result<Vec<Told>, ChannelError> {
        self.told(Search::Since(now.minus(NEWEST)), now).await
    }

    /// Every order that may still change. Kaspi can't be asked what changed since a time, so `since` narrows nothing: an
    /// order of six weeks ago may have been returned this minute.
    async fn changed_orders(&self, _since: Timestamp, now: Timestamp) -> Result<Vec<Told>, ChannelError> {
        let mut told = Vec::new();
        for state in STATES {
            for window in search::windows(now.minus(LOOK_BACK), now) {
                told.extend(self.told(Search::In(state, window), now).await?);
            }
        }
        Ok(told)
    }

    async fn write_stock(&self, _warehouse: &WarehouseId, _rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        Err(pulled("stock"))
    }

    async fn read_stock(&self, _warehouse: &WarehouseId, _rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        Err(pulled("stock"))
    }

    /// Accepts an order that waits for it, as Kaspi tells just now; any other is left as it is. A change that got no answer
    /// is never repeated here: the next poll reads what became of it.
    async fn accept(&self, order: &OrderId) -> Result<(), ChannelError> {
        let search = Search::Code(order.as_str());
        let found: wire::Orders = self.get(SEARCH, "/v2/orders", &search.page(0, 1)).await?;
        let found = found.data.iter().find(|found| found.attributes.code == order.as_str());
        let found = found.ok_or_else(|| unknown(order))?;
        let Some(acceptance) = map::acceptance(found) else { return Ok(()) };
        let request = self.transport.request(Method::POST, "/v2/orders").body(acceptance.to_string());
        self.send(CHANGE, request).await?;
        Ok(())
    }

    /// Asks for one order. Kaspi tells no expiry of a token, and documents none (`api/general/q3193`).
    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError> {
        let search = Search::In("NEW", Window { from: now.minus(Duration::from_hours(24)), to: now });
        match self.get::<wire::Orders>(SEARCH, "/v2/orders", &search.page(0, 1)).await {
            Ok(_) => Ok(Credential::default()),
            Err(denied @ ChannelError::Denied { .. }) => {
                Ok(Credential { expires_at: None, problems: vec![denied.to_string()] })
            }
            Err(error) => Err(error),
        }
    }
}

fn by_id(included: &[wire::Entry]) -> HashMap<&str, &wire::Entry> {
    included.iter().map(|entry| (entry.id.as_str(), entry)).collect()
}

/// An order's entries, if the page includes all of them.
fn listed(order: &wire::OrderResource, included: &HashMap<&str, &wire::Entry>) -> Option<Vec<wire::Entry>> {
    let named = order.relationships.entries.as_ref()?.data.as_ref()?;
    let entries: Option<Vec<_>> = named.iter().map(|entry| included.get(entry.id.as_str()).copied().cloned()).collect();
    entries.filter(|entries| !entries.is_empty())
}

/// One order that can't be read must not hide the others: it is left out, and somebody is called.
fn readable(order: &wire::OrderResource, entries: &[wire::Entry], read_at: Timestamp) -> Option<Told> {
    map::order(order, entries, read_at)
        .inspect_err(
            |error| tracing::error!(order = order.attributes.code, %error, "order left out: it reserves nothing"),
        )
        .ok()
}

fn refused(call: &'static str, answer: &Answer) -> ChannelError {
    let problems = tolerant::read::<wire::Errors>(&answer.body).map(|body| body.errors).unwrap_or_default();
    let titles: Vec<String> = problems.into_iter().map(|problem| problem.title).collect();
    let reason = match titles.is_empty() {
        true => excerpt(&answer.body),
        false => brief(&titles.join("; ")),
    };
    ChannelError::Refused { call, status: answer.status, code: "without a code".to_owned(), reason }
}

fn endless(call: &'static str, pages: usize) -> ChannelError {
    ChannelError::Unreadable { call, reason: format!("there are more than {pages} pages") }
}

fn unusable(order: &str) -> ChannelError {
    ChannelError::Unreadable { call: ENTRIES, reason: format!("an order's id is {order:?}, which no path can hold") }
}

fn unknown(order: &OrderId) -> ChannelError {
    let reason = format!("Kaspi finds no order {order}");
    ChannelError::Refused { call: SEARCH, status: 200, code: "not_found".to_owned(), reason }
}

/// No call is made: there is none. Status 0 says so.
fn pulled(call: &'static str) -> ChannelError {
    let reason = "Kaspi pulls its stock and can't be asked for it; hand it out with the price list".to_owned();
    ChannelError::Refused { call, status: 0, code: "pulled".to_owned(), reason }
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

    fn listed_on(page: &wire::Orders) -> Option<usize> {
        listed(&page.data[0], &by_id(&page.included)).map(|entries| entries.len())
    }

    #[test]
    fn entries_are_asked_for_unless_the_page_includes_every_one() {
        let named = r#"{"data":[{"type":"orderentries","id":"a"},{"type":"orderentries","id":"b"}]}"#;
        let a = r#"{"id":"a","attributes":{"offer":{"code":"SKU1"},"quantity":1}}"#;
        let b = r#"{"id":"b","attributes":{"offer":{"code":"SKU2"},"quantity":1}}"#;
        assert_eq!(listed_on(&page(named, &format!("[{a},{b}]"))), Some(2));
        assert_eq!(listed_on(&page(named, &format!("[{a}]"))), None);
        assert_eq!(listed_on(&page(r#"{"data":[]}"#, &format!("[{a}]"))), None);
        assert_eq!(listed_on(&page(r#"{"links":{}}"#, "[]")), None);
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
