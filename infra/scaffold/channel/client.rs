//! What New Channel is asked for and told.
// fill in: `shelf` if it can be asked what it shows, `acceptance` if it wants orders accepted, `hinted` if its calls only hint,
// `returns` if it tells apart of goods that came back. What it can't do stays left out.

use async_trait::async_trait;
use edin_domain::{Secret, Timestamp, WarehouseId};
use reqwest::Method;

use super::facts::{CALLS, FACTS, Settings};
use super::{map, wire};
use crate::kit::client::line::{Call, Line, RetryHeader, Throttle, excerpt};
use crate::kit::client::{
    self, CanNotOpen, ChannelError, Credential, Opening, Outcome, Period, ReadOrders, StockRow, WriteStock,
};
use crate::kit::told::{Cursor, Orders, Page, Told};
use crate::kit::tolerant;

/// How the newest orders are asked for.
// fill in: the call, with the status by which too many are refused, the header in which such an answer says how long to wait, and the
// one that says how many calls are left.
const NEWEST: Call<'_> = Call {
    name: "GET /orders",
    limit: &CALLS,
    throttle: Throttle::USUAL,
    retry: RetryHeader("Retry-After"),
    remaining: None,
};

/// New Channel, called.
pub struct Client {
    line: Line,
    token: Secret<String>,
}

impl Client {
    /// Opens a connection.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    pub fn open(opening: &Opening<'_>) -> Result<Self, CanNotOpen> {
        let Settings { .. } = opening.settings()?;
        Ok(Self { line: opening.line(FACTS.address)?, token: opening.credential("token")? })
    }

    // fill in: how a call carries the key; where a refusal has its code and its words.
    async fn newest_orders(&self) -> Result<wire::Orders, ChannelError> {
        let request = self.line.request(Method::GET, "/orders").bearer_auth(self.token.reveal());
        let answer = self.line.send(NEWEST, request).await?;
        match answer.status {
            200..=299 => tolerant::read(&answer.body).map_err(|error| ChannelError::unreadable(NEWEST.name, error)),
            status => Err(refused(NEWEST.name, status, "", &excerpt(&answer.body))),
        }
    }
}

#[async_trait]
impl client::Client for Client {
    fn orders(&self) -> Option<&dyn ReadOrders> {
        Some(self)
    }

    fn stock(&self) -> Option<&dyn WriteStock> {
        Some(self)
    }

    // fill in: the call that says until when the key lives and what it may do; the key itself may say so, too.
    async fn credential(&self, _now: Timestamp) -> Result<Credential, ChannelError> {
        Err(not_filled_in("the credential"))
    }
}

#[async_trait]
impl ReadOrders for Client {
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        let (orders, spoilt) = self.newest_orders().await?.orders.sorted();
        let mut read = Orders { told: Vec::new(), left_out: spoilt.into_iter().map(Into::into).collect() };
        for order in &orders {
            let told = map::order(order, now).map(|(id, state)| (Told::of(id, state), Vec::new()));
            read.add(&order.id.0, told);
        }
        Ok(read)
    }

    // fill in: how orders that changed within a time are asked for, page by page; see `client::page`.
    async fn changed(&self, _period: Period, _now: Timestamp, _from: Option<&Cursor>) -> Result<Page, ChannelError> {
        Err(not_filled_in("orders that changed"))
    }
}

#[async_trait]
impl WriteStock for Client {
    // fill in: the rows that one call takes.
    fn rows(&self) -> usize {
        1
    }

    // fill in: the call that tells stock, and what its answer says of each row.
    async fn write(&self, _warehouse: &WarehouseId, _rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        Err(not_filled_in("stock"))
    }
}

fn not_filled_in(call: &'static str) -> ChannelError {
    refused(call, 501, "not filled in", "client.rs of new_channel makes no such call yet")
}

fn refused(call: &'static str, status: u16, code: &str, reason: &str) -> ChannelError {
    ChannelError::Refused { call, status, code: code.to_owned(), reason: reason.to_owned() }
}
