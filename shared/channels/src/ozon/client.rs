//! The calls. Every one is a POST with JSON, under `Client-Id` and `Api-Key`. Source: docs.ozon.ru/api/seller,
//! 2026-10-01. Postings come accepted: what Ozon wants next, that they are packed, is for who packs them to say.

use std::time::Duration;

use async_trait::async_trait;
use edin_domain::{ConnectionId, Secret, Timestamp, WarehouseId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

mod ask;
mod page;

use super::facts::{EVERY_CALL, FACTS, RETURNS_POSTINGS, STOCK_ROWS, STOCK_WRITES, STOCKS_A_PAGE, Settings};
use super::wire::{self, Posting, Return};
use super::{map, returns, stock};
use crate::kit::client::line::{Call, Line, RetryHeader, Throttle};
use crate::kit::client::{
    self, CanNotOpen, ChannelError, Credential, Opening, Outcome, Period, ReadOrders, ReadReturns, ReadShelf, SeenRow,
    StockRow, WriteStock,
};
use crate::kit::told::{Cursor, LeftOut, Orders, Page};
use crate::kit::tolerant::{Records, Spoilt};

const UNFULFILLED: Call<'static> = call("POST /v4/posting/fbs/unfulfilled/list");
const LIST: Call<'static> = call("POST /v4/posting/fbs/list");
const GET: Call<'static> = call("POST /v3/posting/fbs/get");
const RETURNS: Call<'static> = call("POST /v1/returns/list");
const READ_STOCK: Call<'static> = call("POST /v1/product/info/warehouse/stocks");
const WRITE_STOCK: Call<'static> = Call { limit: &STOCK_WRITES, ..call("POST /v2/products/stocks") };
const NOTIFICATIONS: Call<'static> = call("POST /v1/notification/list");
const ROLES: Call<'static> = call("POST /v1/roles");

/// What the key must be allowed.
const NEEDED: [Call<'static>; 6] = [UNFULFILLED, LIST, GET, RETURNS, READ_STOCK, WRITE_STOCK];

const fn call(name: &'static str) -> Call<'static> {
    let (throttle, retry) = (Throttle::USUAL, RetryHeader("Retry-After"));
    Call { name, limit: &EVERY_CALL, throttle, retry, remaining: Some("Ratelimit-Remaining") }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How far back the newest postings are read, by the change of their status.
const NEWEST: Duration = Duration::from_secs(10 * 60);
/// By how much Ozon's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(60);
/// Of how long ago a posting may be that still changes. Ozon lists at most a year.
const OLDEST: Duration = DAY.saturating_mul(90);
/// How far ahead a posting may have to be assembled: of goods on pre-order.
const FARTHEST: Duration = DAY.saturating_mul(180);

/// Postings of a list: those that can be read, and those that can't.
type Listed = (Vec<Posting>, Vec<Spoilt>);

/// Ozon, called.
pub struct Client {
    line: Line,
    connection: ConnectionId,
    client_id: String,
    api_key: Secret<String>,
}

impl Client {
    /// Opens a connection.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    pub fn open(opening: &Opening<'_>) -> Result<Self, CanNotOpen> {
        Ok(Self {
            line: opening.line(FACTS.address)?,
            connection: opening.connection.id.clone(),
            client_id: opening.settings::<Settings>()?.client_id,
            api_key: opening.credential("api_key")?,
        })
    }

    /// One posting, with the buyer's telephone number, which lists leave out.
    ///
    /// # Errors
    /// [`ChannelError`] as of any call.
    pub async fn posting(&self, posting_number: &str) -> Result<Posting, ChannelError> {
        self.ask(GET, &json!({"posting_number": posting_number})).await
    }

    /// What came back by posting, of the postings on a page of what changed: all of it, not only what is new.
    async fn all_returns(&self, (changed, spoilt): (Vec<Return>, Vec<Spoilt>)) -> Result<Orders, ChannelError> {
        let received = changed.iter().filter(|of| returns::is_received(of));
        let mut postings: Vec<_> = received.map(|of| of.posting_number.clone()).collect();
        postings.sort_unstable();
        postings.dedup();
        let (mut all, mut spoilt) = (Vec::new(), spoilt);
        for some in postings.chunks(RETURNS_POSTINGS) {
            let filter = json!({"posting_numbers": some});
            let (good, bad) = self.all::<wire::Returns>(RETURNS, |last| page::returns(&filter, last)).await?;
            all.extend(good);
            spoilt.extend(bad);
        }
        let mut orders = returns::returns(&all);
        orders.left_out.extend(spoilt.into_iter().map(returns::spoilt_return));
        Ok(orders)
    }

    /// What the postings tell; those of which the list left out what is `lacking` are read one by one.
    async fn told(
        &self,
        (postings, spoilt): Listed,
        lacking: fn(&Posting) -> bool,
        now: Timestamp,
    ) -> Result<Orders, ChannelError> {
        let mut orders = Orders { left_out: spoilt.into_iter().map(LeftOut::from).collect(), ..Orders::default() };
        for listed in postings {
            let posting = if lacking(&listed) { self.completed(listed).await? } else { listed };
            orders.add(&posting.posting_number, map::posting(&posting, now));
            if map::lacks_products(&posting) {
                orders.left_out.push(LeftOut::of(&posting.posting_number, &"Ozon lists no goods of it"));
            }
        }
        Ok(orders)
    }

    /// A posting that can't be read by itself is told as it was listed: that must not keep the others from being told.
    async fn completed(&self, listed: Posting) -> Result<Posting, ChannelError> {
        match self.posting(&listed.posting_number).await {
            Ok(full) => Ok(map::completed(listed, full)),
            Err(error @ (ChannelError::Refused { .. } | ChannelError::Unreadable { .. })) => {
                let order = &listed.posting_number;
                tracing::warn!(order, "posting {order} is told as it was listed: {error}");
                Ok(listed)
            }
            Err(error) => Err(error),
        }
    }

    /// What is wrong with the pushes, if the key may ask: it needs no right to do so for anything else.
    async fn push_problems(&self) -> Vec<String> {
        match self.ask::<wire::Notifications>(NOTIFICATIONS, &json!({})).await {
            Ok(notifications) => map::push_problems(notifications, &self.connection),
            Err(error) => {
                tracing::debug!(connection = %self.connection, %error, "how pushes stand is not known");
                Vec::new()
            }
        }
    }

    async fn put(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        let request = stock::write(ask::number(WRITE_STOCK, warehouse)?, rows);
        if request.stocks.is_empty() {
            return Ok(stock::outcomes(rows, &[]));
        }
        let results: Records<wire::StockResult> = self.ask(WRITE_STOCK, &request).await?;
        Ok(stock::outcomes(rows, &results.readable("what became of a number")))
    }
}

/// Which list is being read, and where its page begins.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    list: List,
    at: String,
}

/// The lists of what may have changed, in the order in which they are read.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum List {
    /// Those whose status changed.
    #[default]
    Changed,
    /// Those that aren't fulfilled.
    Unfulfilled,
}

fn changed_within(period: Period) -> Value {
    let (oldest, until) = (period.until.minus(OLDEST), period.until.plus(AHEAD).to_string());
    let window = json!({"from": period.since.max(oldest).to_string(), "to": until});
    json!({"since": oldest.to_string(), "to": until, "last_changed_status_date": window})
}

fn unfulfilled(now: Timestamp) -> Value {
    let (cutoff_from, cutoff_to) = due(now);
    json!({"cutoff_from": cutoff_from, "cutoff_to": cutoff_to})
}

/// When postings have to be assembled, wherever they are between [`OLDEST`] and [`FARTHEST`].
fn due(now: Timestamp) -> (String, String) {
    (now.minus(OLDEST).to_string(), now.plus(FARTHEST).to_string())
}

#[async_trait]
impl client::Client for Client {
    fn orders(&self) -> Option<&dyn ReadOrders> {
        Some(self)
    }

    fn stock(&self) -> Option<&dyn WriteStock> {
        Some(self)
    }

    fn shelf(&self) -> Option<&dyn ReadShelf> {
        Some(self)
    }

    async fn credential(&self, _now: Timestamp) -> Result<Credential, ChannelError> {
        let roles: wire::Roles = self.ask(ROLES, &json!({})).await?;
        let expires_at = roles.expires_at.0;
        let mut problems = map::missing(roles, NEEDED.map(ask::path));
        problems.extend(self.push_problems().await);
        Ok(Credential { expires_at, problems })
    }
}

#[async_trait]
impl ReadOrders for Client {
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        let (cutoff_from, cutoff_to) = due(now);
        let newest = json!({"from": now.minus(NEWEST).to_string(), "to": now.plus(AHEAD).to_string()});
        let filter = json!({"cutoff_from": cutoff_from, "cutoff_to": cutoff_to, "last_changed_status_date": newest});
        let postings = self.all::<wire::Postings>(UNFULFILLED, |from| page::postings(&filter, from)).await?;
        self.told(postings, map::lacks_products, now).await
    }

    /// What changed since `since`, and then whatever isn't fulfilled yet: if a part of a posting is cancelled, its status stays as
    /// it is, and so does the date of its last change.
    async fn changed(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        let Place { list, at } = Cursor::place(from);
        let (call, filter, lacking): (_, _, fn(&Posting) -> bool) = match list {
            List::Changed => {
                (LIST, changed_within(period), |posting| map::lacks_products(posting) || map::lacks_phone(posting))
            }
            List::Unfulfilled => (UNFULFILLED, unfulfilled(period.until), map::lacks_products),
        };
        let (postings, next) = self.page::<wire::Postings>(call, &page::postings(&filter, &at), &at).await?;
        let orders = self.told(postings, lacking, now).await?;
        let next = match (next, list) {
            (Some(at), list) => Some(Place { list, at }),
            (None, List::Changed) => Some(Place { list: List::Unfulfilled, at: String::new() }),
            (None, List::Unfulfilled) => None,
        };
        client::page(call.name, orders, next)
    }

    fn returns(&self) -> Option<&dyn ReadReturns> {
        Some(self)
    }
}

#[async_trait]
impl ReadReturns for Client {
    async fn returned(&self, period: Period, _now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        let since = period.since.max(period.until.minus(OLDEST));
        let window = json!({"time_from": since.to_string(), "time_to": period.until.plus(AHEAD).to_string()});
        let (filter, at) = (json!({"visual_status_change_moment": window}), Cursor::place::<String>(from));
        let (changed, next) = self.page::<wire::Returns>(RETURNS, &page::returns(&filter, &at), &at).await?;
        client::page(RETURNS.name, self.all_returns(changed).await?, next)
    }
}

#[async_trait]
impl WriteStock for Client {
    fn rows(&self) -> usize {
        STOCK_ROWS
    }

    async fn write(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        match self.put(warehouse, rows).await {
            Err(error @ (ChannelError::NoAnswer { .. } | ChannelError::Unreadable { .. })) => {
                tracing::warn!(%warehouse, rows = rows.len(), "whether stock was taken is not known: {error}");
                Ok(vec![Outcome::Unknown; rows.len()])
            }
            Err(ChannelError::Refused { code, reason, .. }) => {
                Ok(vec![Outcome::Refused { code, message: reason }; rows.len()])
            }
            outcomes => outcomes,
        }
    }
}

#[async_trait]
impl ReadShelf for Client {
    async fn seen(&self, warehouse: &WarehouseId, _rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        let warehouse = ask::number(READ_STOCK, warehouse)?;
        let request = |cursor: &str| json!({"warehouse_id": warehouse, "limit": STOCKS_A_PAGE, "cursor": cursor});
        let (stocks, spoilt) = self.all::<wire::WarehouseStocks>(READ_STOCK, request).await?;
        for row in spoilt {
            tracing::error!(warehouse, "a row of stock: {row}; it counts as not shown");
        }
        Ok(stocks.iter().map(stock::seen).collect())
    }
}
