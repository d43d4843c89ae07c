//! What Wildberries is asked for. It wants no order accepted: one is taken on by putting it into a supply, which is the packer's
//! work.

use std::collections::BTreeMap;

use async_trait::async_trait;
use edin_domain::{Article, Timestamp, WarehouseId};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::calls::{Client, call};
use super::facts::{BATCH, CHRT_ID, STOCKS};
use super::orders;
use super::row::{self, Row};
use super::{answer, stock, token, wire};
use crate::kit::client::line::Answer;
use crate::kit::client::{
    self, ChannelError, Credential, Outcome, Period, ReadOrders, ReadShelf, SeenRow, StockRow, WriteStock,
};
use crate::kit::told::{Cursor, Orders, Page};

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

    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError> {
        Ok(token::credential(&self.token, now))
    }
}

/// Where a reading of what may have changed stands: in which of its months, and behind which mark. Behind the last month come those
/// in status `new`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    month: usize,
    mark: i64,
}

#[async_trait]
impl ReadOrders for Client {
    /// Whatever was created within the last minutes, in one call. Not those in status `new`: somebody may have confirmed an
    /// order in the cabinet before it was ever read, and old ones that nobody has touched are read over and over.
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        Ok(self.orders_just_created(now).await?.told())
    }

    /// All of the last thirty days or more, month by month, since the changes of an old order can't be asked for, and at last those
    /// in status `new`: what was ordered, joined with how each order stands now.
    async fn changed(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        let Place { month, mark } = Cursor::place(from);
        let (mut known, next) = match orders::periods(period.since, period.until).get(month) {
            Some(created) => {
                let (known, next) = self.orders_created(*created, mark).await?;
                let next = next.map_or(Place { month: month + 1, mark: 0 }, |mark| Place { month, mark });
                (known, Some(next))
            }
            None => (self.new_orders().await?, None),
        };
        self.note_statuses(&mut known, now).await?;
        client::page(orders::ORDERS_CALL, known.told(), next)
    }
}

#[async_trait]
impl WriteStock for Client {
    fn rows(&self) -> usize {
        BATCH
    }

    async fn write(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        let mut write = stock::write(rows);
        while let Some(batch) = write.next() {
            let answer = self.put_stock(warehouse, &batch).await;
            let sorted = answer.map(|answer| answer::sort(answer.status, &answer.body, &batch));
            write.note(&batch, sorted)?;
        }
        Ok(write.outcomes())
    }
}

#[async_trait]
impl ReadShelf for Client {
    async fn seen(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        let ids: Vec<u64> = rows.iter().filter_map(row::chrt_id).collect();
        let mut shown = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let stocks = self.seen_stock(warehouse, batch).await?.stocks.readable("a row of stock");
            shown.extend(stocks.iter().filter_map(seen));
        }
        Ok(shown)
    }
}

impl Client {
    async fn put_stock(&self, warehouse: &WarehouseId, batch: &[Row]) -> Result<Answer, ChannelError> {
        let request = self.line.request(Method::PUT, &path(warehouse)).json(&row::body(batch));
        let answer = self.send(call("PUT /api/v3/stocks", &STOCKS), request).await?;
        if let Some(problem) = answer::alarm(answer.status, &answer.body) {
            let (connection, status) = (&self.connection, answer.status);
            let wire::Problem { code, message: reason, .. } = problem;
            tracing::error!(%connection, %warehouse, status, code, reason, "a whole stock write is refused");
        }
        Ok(answer)
    }

    async fn seen_stock(&self, warehouse: &WarehouseId, chrt_ids: &[u64]) -> Result<wire::Stocks, ChannelError> {
        let request = self.line.request(Method::POST, &path(warehouse)).json(&wire::StockQuery { chrt_ids });
        self.ask(call("POST /api/v3/stocks", &STOCKS), request).await
    }
}

fn path(warehouse: &WarehouseId) -> String {
    format!("/api/v3/stocks/{warehouse}")
}

fn seen(stock: &wire::SeenStock) -> Option<SeenRow> {
    let id = Article::new(&stock.chrt_id.0).ok()?;
    Some(SeenRow { ids: BTreeMap::from([(CHRT_ID.to_owned(), id)]), quantity: stock.amount })
}
