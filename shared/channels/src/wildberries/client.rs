//! The calls.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::limiter::Limit;
use edin_domain::{Article, Connection, ConnectionId, OrderId, Secret, Timestamp, WarehouseId};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use super::orders::Known;
use super::stock::{self, Row, Write};
use super::{BATCH, CHRT_ID, RETRY, STOCKS, answer, orders, token, wire};
use crate::inbound::Orders;
use crate::marketplace::{Capabilities, ChannelError, Credential, Marketplace, Outcome, SeenRow, StockRow};
use crate::tolerant;
use crate::transport::{Answer, Call, Transport, brief};

/// Wildberries, called.
pub struct Client {
    pub(super) transport: Transport,
    pub(super) connection: ConnectionId,
    token: Secret<String>,
    authorization: HeaderValue,
}

impl Client {
    /// A client of `connection`; the credential is its token, a JWT.
    #[must_use]
    pub fn new(transport: Transport, connection: &Connection, credential: Secret<String>) -> Self {
        let authorization = authorization(&credential);
        Self { transport, connection: connection.id.clone(), token: credential, authorization }
    }

    /// Makes a call and reads the JSON that it is answered with.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
        request: RequestBuilder,
    ) -> Result<T, ChannelError> {
        let answer = self.send(call, request).await?;
        match answer.status {
            200..=299 => tolerant::read(&answer.body).map_err(|error| ChannelError::unreadable(call.name, error)),
            _ => Err(refused(call.name, &answer)),
        }
    }

    async fn send(&self, call: Call<'_>, request: RequestBuilder) -> Result<Answer, ChannelError> {
        self.transport.send(call, request.header(AUTHORIZATION, self.authorization.clone())).await
    }

    async fn put_stock(&self, warehouse: &WarehouseId, batch: &[Row]) -> Result<Answer, ChannelError> {
        let request = self.transport.request(Method::PUT, &path(warehouse)).json(&stock::body(batch));
        let answer = self.send(call("PUT /api/v3/stocks", &STOCKS), request).await?;
        if let Some(problem) = answer::alarm(answer.status, &answer.body) {
            let (connection, status) = (&self.connection, answer.status);
            let wire::Problem { code, message: reason, .. } = problem;
            tracing::error!(%connection, %warehouse, status, code, reason, "a whole stock write is refused");
        }
        Ok(answer)
    }

    async fn seen_stock(&self, warehouse: &WarehouseId, chrt_ids: &[u64]) -> Result<wire::Stocks, ChannelError> {
        let request = self.transport.request(Method::POST, &path(warehouse)).json(&wire::StockQuery { chrt_ids });
        self.ask(call("POST /api/v3/stocks", &STOCKS), request).await
    }
}

/// The token as it is: without `Bearer`. Text that no header can hold becomes an empty one, which is answered with 401.
fn authorization(token: &Secret<String>) -> HeaderValue {
    let mut header = HeaderValue::from_str(token.reveal().trim()).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

pub(super) const fn call<'a>(name: &'static str, limit: &'a Limit) -> Call<'a> {
    Call { name, limit, retry: RETRY, remaining: None }
}

fn path(warehouse: &WarehouseId) -> String {
    format!("/api/v3/stocks/{warehouse}")
}

fn refused(call: &'static str, answer: &Answer) -> ChannelError {
    let problem: wire::Problem = tolerant::read(&answer.body).unwrap_or_default();
    let reason = if problem.message.is_empty() { problem.title + " " + &problem.detail } else { problem.message };
    ChannelError::Refused { call, status: answer.status, code: brief(&problem.code), reason: brief(&reason) }
}

fn seen(stock: &wire::SeenStock) -> Option<SeenRow> {
    let id = Article::new(&stock.chrt_id.0).ok()?;
    Some(SeenRow { ids: BTreeMap::from([(CHRT_ID.to_owned(), id)]), quantity: stock.amount })
}

#[async_trait]
impl Marketplace for Client {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rows_a_write: BATCH,
            listing_interval: Duration::ZERO,
            reach: super::REACH,
            stock_can_be_read: true,
        }
    }

    /// Whatever was created within the last minutes, in one call. Not those in status `new`: somebody may have confirmed an
    /// order in the cabinet before it was ever read, and old ones that nobody has touched are read over and over.
    async fn newest_orders(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        Ok(self.orders_just_created(now).await?.told())
    }

    /// All of the last thirty days or more, since the changes of an old order can't be asked for: what was ordered,
    /// joined with how each order stands now.
    async fn changed_orders(&self, since: Timestamp, now: Timestamp) -> Result<Orders, ChannelError> {
        let mut known = Known::default();
        for period in orders::periods(since, now) {
            known.join(self.orders_created(period).await?);
        }
        known.join(self.new_orders().await?);
        self.note_statuses(&mut known, now).await?;
        Ok(known.told())
    }

    async fn write_stock(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        let mut write = Write::of(rows);
        while let Some(batch) = write.next() {
            match self.put_stock(warehouse, &batch).await {
                Ok(answer) => write.answered(&batch, answer.status, &answer.body),
                Err(error @ (ChannelError::NoAnswer { .. } | ChannelError::Unreadable { .. })) => {
                    write.unanswered(&batch, error.to_string());
                }
                Err(error) if write.is_at_the_first_call() => return Err(error),
                Err(error) => write.stop(error.to_string()),
            }
        }
        Ok(write.outcomes())
    }

    async fn read_stock(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        let ids: Vec<u64> = rows.iter().filter_map(stock::chrt_id).collect();
        let mut shown = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let stocks = self.seen_stock(warehouse, batch).await?.stocks.readable("a row of stock");
            shown.extend(stocks.iter().filter_map(seen));
        }
        Ok(shown)
    }

    /// Nothing to do: an assembly order is taken on by putting it into a supply, which is the packer's work.
    async fn accept(&self, _order: &OrderId) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError> {
        Ok(token::credential(&self.token, now))
    }
}
