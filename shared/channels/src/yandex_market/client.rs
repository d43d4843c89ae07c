//! The calls, under `Api-Key`. Source: github.com/yandex-market/yandex-market-partner-api, 2026-07-17. Orders come accepted: what the
//! Market wants next, that they are packed, is for who packs them to say.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::limiter::Limit;
use edin_domain::{OrderId, Timestamp, WarehouseId};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};

mod ask;
mod page;
mod question;

use super::facts::{FACTS, ORDERS_A_PAGE, RETURNS_ORDERS, SHELF, SHELF_GOODS, STOCK_ROWS, STOCKS, Shop, TOKEN, shop};
use super::row::{self, Row};
use super::{answer, map, returns, shelf, stock, token, wire};
use crate::kit::client::line::{Answer, Call, Line, RetryHeader, Throttle};
use crate::kit::client::pages::Rows;
use crate::kit::client::{
    self, CanNotOpen, ChannelError, Credential, Opening, Outcome, Period, ReadHinted, ReadOrders, ReadReturns,
    ReadShelf, SeenRow, StockRow, WriteStock,
};
use crate::kit::told::{Cursor, LeftOut, Orders, Page};
use crate::kit::tolerant::Spoilt;

const DAY: Duration = Duration::from_hours(24);
/// How far back the newest orders are read, by their last change.
const NEWEST: Duration = Duration::from_mins(10);
/// By how much the Market's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_mins(1);
/// Of how long ago a change may be that is still asked for.
const OLDEST: Duration = DAY.saturating_mul(90);

/// A call. A refusal for too many is a 420. With some of the quota left it is for calls at the same time: every answer says how
/// much is left, and until when. Source: yandex.com/dev/market/partner-api/doc/en/concepts/limits, 2026-11.
const fn call(name: &'static str, limit: &'static Limit) -> Call<'static> {
    let throttle = Throttle { status: 420, left: Some("X-RateLimit-Resource-Remaining") };
    Call { name, limit, throttle, retry: RetryHeader("X-RateLimit-Resource-Until"), remaining: None }
}

/// Yandex Market, called: one shop.
pub struct Client {
    line: Line,
    shop: Shop,
    api_key: HeaderValue,
    /// The shop's warehouses as the connection has them: the Market knows one, and is told of it without its number.
    warehouses: Vec<WarehouseId>,
}

impl Client {
    /// Opens a connection.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    pub fn open(opening: &Opening<'_>) -> Result<Self, CanNotOpen> {
        let connection = opening.connection;
        let wrong = |error| CanNotOpen::Account { connection: connection.id.to_string(), error };
        Ok(Self {
            line: opening.line(FACTS.address)?,
            shop: shop(&connection.account).map_err(wrong)?,
            api_key: ask::header(&opening.credential("api_key")?),
            warehouses: connection.warehouses.keys().cloned().collect(),
        })
    }

    /// What orders tell. Tests and what lies in the Market's own warehouse tell nothing.
    fn told(&self, (orders, spoilt): Rows<wire::Orders>, now: Timestamp) -> Orders {
        let mut told = Orders { left_out: spoilt.into_iter().map(LeftOut::from).collect(), ..Orders::default() };
        for order in orders.iter().filter(|order| map::is_ours(order)) {
            told.add(&order.order_id.0, map::order(order, self.warehouse(), now));
        }
        told
    }

    /// Where it sells from, if that is one warehouse.
    fn warehouse(&self) -> Option<&WarehouseId> {
        match self.warehouses.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// What came back of these orders: all of it.
    async fn returns_of(&self, orders: BTreeSet<String>) -> Result<Orders, ChannelError> {
        let orders: Vec<_> = orders.into_iter().collect();
        let (mut all, mut spoilt) = (Vec::new(), Vec::new());
        for some in orders.chunks(RETURNS_ORDERS) {
            let asked = question::returns_of(self.shop, some);
            let (good, bad) = self.all::<wire::Answer<wire::Returns>>(&asked).await?;
            all.extend(good);
            spoilt.extend(bad);
        }
        let mut told = returns::returns(&all);
        told.left_out.extend(spoilt.into_iter().map(returns::spoilt_return));
        Ok(told)
    }

    async fn put(&self, batch: &[Row<'_>]) -> Result<Answer, ChannelError> {
        let path = format!("/v2/campaigns/{}/offers/stocks", self.shop.campaign);
        let request = self.line.request(Method::PUT, &path).json(&row::body(batch));
        self.send(call("PUT /v2/campaigns/{campaignId}/offers/stocks", &STOCKS), request).await
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

    fn shelf(&self) -> Option<&dyn ReadShelf> {
        Some(self)
    }

    async fn credential(&self, _now: Timestamp) -> Result<Credential, ChannelError> {
        let request = self.line.request(Method::POST, "/v2/auth/token");
        let answer: wire::Answer<wire::Token> = self.ask(call("POST /v2/auth/token", &TOKEN), request).await?;
        Ok(Credential { expires_at: None, problems: token::problems(&answer.result.api_key) })
    }
}

/// Where a reading of what changed stands: in which of its times, and on which page.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    time: usize,
    page: String,
}

#[async_trait]
impl ReadOrders for Client {
    /// Whatever changed within the last minutes: one call, unless those are more than a page.
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        let asked = question::orders_changed(self.shop, (now.minus(NEWEST), now.plus(AHEAD)));
        Ok(self.told(self.all::<wire::Orders>(&asked).await?, now))
    }

    async fn changed(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        let Place { time, page } = Cursor::place(from);
        let times = question::times(period);
        let Some(covered) = times.get(time) else { return Ok(Page::default()) };
        let asked = question::orders_changed(self.shop, *covered);
        let (orders, next) = self.page::<wire::Orders>(&asked, &page).await?;
        let next = match next {
            Some(page) => Some(Place { time, page }),
            None => (time + 1 < times.len()).then(|| Place { time: time + 1, page: String::new() }),
        };
        client::page(asked.call.name, self.told(orders, now), next)
    }

    fn hinted(&self) -> Option<&dyn ReadHinted> {
        Some(self)
    }

    fn returns(&self) -> Option<&dyn ReadReturns> {
        Some(self)
    }
}

#[async_trait]
impl ReadHinted for Client {
    /// With what came back of them: a hint may be of a return, and an order says nothing of those.
    async fn hinted(&self, orders: &[OrderId], now: Timestamp) -> Result<Orders, ChannelError> {
        let numbers: BTreeSet<u64> = orders.iter().filter_map(|order| order.as_str().parse().ok()).collect();
        let (mut found, mut spoilt) = (Vec::new(), Vec::<Spoilt>::new());
        for some in numbers.into_iter().collect::<Vec<_>>().chunks(ORDERS_A_PAGE) {
            let (good, bad) = self.all::<wire::Orders>(&question::orders_by_number(self.shop, some)).await?;
            found.extend(good);
            spoilt.extend(bad);
        }
        let known: BTreeSet<_> = found
            .iter()
            .map(|order| &order.order_id.0)
            .chain(spoilt.iter().map(|order| &order.name))
            .cloned()
            .collect();
        let missing = orders.iter().filter(|order| !known.contains(order.as_str()));
        let missing: Vec<_> =
            missing.map(|order| LeftOut::of(order.as_str(), &"the Market lists no such order")).collect();
        let ours = found.iter().filter(|order| map::is_ours(order) && map::may_come_back(order));
        let back = ours.map(|order| order.order_id.0.clone()).collect();
        let mut told = self.told((found, spoilt), now);
        told.left_out.extend(missing);
        told.extend(self.returns_of(back).await?);
        Ok(told)
    }
}

#[async_trait]
impl ReadReturns for Client {
    async fn returned(&self, period: Period, _now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        let (asked, at) = (question::returns_changed(self.shop, period), Cursor::place::<String>(from));
        let ((changed, spoilt), next) = self.page::<wire::Answer<wire::Returns>>(&asked, &at).await?;
        let received = changed.iter().filter(|of| returns::is_received(of));
        let mut told = self.returns_of(received.map(|of| of.order_id.0.clone()).collect()).await?;
        told.left_out.extend(spoilt.into_iter().map(returns::spoilt_return));
        client::page(asked.call.name, told, next)
    }
}

#[async_trait]
impl WriteStock for Client {
    fn rows(&self) -> usize {
        STOCK_ROWS
    }

    async fn write(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        if self.warehouse() != Some(warehouse) {
            let other =
                "the Market is told a shop's stock without a warehouse: give the connection the one in use, alone";
            return Ok(vec![Outcome::refused("WAREHOUSE", other); rows.len()]);
        }
        let mut write = stock::write(rows);
        while let Some(batch) = write.next() {
            let answer = self.put(&batch).await;
            let sorted = answer.map(|answer| answer::sort(answer.status, &answer.body, &batch));
            write.note(&batch, sorted)?;
        }
        Ok(write.outcomes())
    }
}

#[async_trait]
impl ReadShelf for Client {
    async fn seen(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        let skus: Vec<_> = rows.iter().filter_map(row::sku).collect::<BTreeSet<_>>().into_iter().collect();
        let path = format!("/v2/campaigns/{}/offers/stocks", self.shop.campaign);
        let mut seen = Vec::with_capacity(skus.len());
        for offer_ids in skus.chunks(SHELF_GOODS) {
            let request = self.line.request(Method::POST, &path).json(&wire::ShelfQuery { offer_ids });
            let asked = call("POST /v2/campaigns/{campaignId}/offers/stocks", &SHELF);
            let answer: wire::Answer<wire::Shelves> = self.ask(asked, request).await?;
            seen.extend(shelf::seen(answer.result, warehouse));
        }
        Ok(seen)
    }
}
