//! The calls, under a key's Basic authorization. Source: github.com/woocommerce/woocommerce-rest-api-docs, 2026-11.

use std::collections::BTreeSet;

use async_trait::async_trait;
use edin_domain::{ConnectionId, OrderId, Secret, Timestamp, WarehouseId};
use reqwest::Method;
use serde_json::json;

mod ask;
mod orders;

use super::facts::{SHELF, STOCK_ROWS, STOCKS, Settings, WEBHOOKS};
use super::row::{self, Good, Row};
use super::{answer, map, shelf, webhooks, wire};
use crate::kit::client::line::{Answer, Line};
use crate::kit::client::search::Search;
use crate::kit::client::{
    self, CanNotOpen, ChannelError, Credential, Opening, Outcome, Period, ReadHinted, ReadOrders, ReadShelf, SeenRow,
    StockRow, WriteStock,
};
use crate::kit::told::{Cursor, LeftOut, Orders, Page};
use ask::call;

/// Why a row isn't sent yet.
const MANY: &str = "the variations are of more products than one write has calls; the others follow";

/// A shop, called.
pub struct Client {
    line: Line,
    key: Secret<String>,
    secret: Secret<String>,
    connection: ConnectionId,
    /// The warehouses as the connection has them: a shop has one number a good, and is told it without a warehouse.
    warehouses: Vec<WarehouseId>,
}

impl Client {
    /// Opens a connection.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    pub fn open(opening: &Opening<'_>) -> Result<Self, CanNotOpen> {
        let Settings {} = opening.settings()?;
        Ok(Self {
            line: opening.own_line()?,
            key: opening.credential("consumer_key")?,
            secret: opening.credential("consumer_secret")?,
            connection: opening.connection.id.clone(),
            warehouses: opening.connection.warehouses.keys().cloned().collect(),
        })
    }

    /// Where it sells from, if that is one warehouse.
    fn warehouse(&self) -> Option<&WarehouseId> {
        match self.warehouses.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// What orders tell. A checkout that nobody has finished tells nothing.
    fn told(&self, page: wire::Orders, now: Timestamp) -> Orders {
        let (orders, spoilt) = page.orders.sorted();
        let mut told = Orders { left_out: spoilt.into_iter().map(LeftOut::from).collect(), ..Orders::default() };
        for order in orders.iter().filter(|order| map::is_order(order)) {
            told.add(&order.id.0, map::order(order, self.warehouse(), now));
        }
        told
    }

    async fn put(&self, batch: &[Row]) -> Result<Answer, ChannelError> {
        let path = Good::list(batch.first().and_then(|row| row.good.parent)) + "/batch";
        let request = self.request(Method::POST, &path).json(&row::body(batch));
        self.line.send(call("POST /products/batch", &STOCKS), request).await
    }

    /// Switches a webhook on again that the shop had switched off. What that missed is found by asking.
    async fn revive(&self, webhook: u64) -> Result<(), ChannelError> {
        let request = self.request(Method::PUT, &format!("/webhooks/{webhook}")).json(&json!({"status": "active"}));
        let wire::Webhook { topic, .. } = self.ask(call("PUT /webhooks/{id}", &WEBHOOKS), request).await?;
        tracing::warn!(connection = %self.connection, topic, "the shop had switched a webhook off; it is on again");
        Ok(())
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

    /// A key doesn't say what it may do. What it must be able to do is tried here, and its webhooks are looked after along the way.
    async fn credential(&self, _now: Timestamp) -> Result<Credential, ChannelError> {
        let request = self.request(Method::GET, "/webhooks").query(&[("per_page", "100")]);
        let page: wire::Webhooks = self.ask(call("GET /webhooks", &WEBHOOKS), request).await?;
        let webhooks::Standing { disabled, problems } = webhooks::standing(page, &self.connection);
        for webhook in disabled {
            self.revive(webhook).await?;
        }
        Ok(Credential { expires_at: None, problems })
    }
}

#[async_trait]
impl ReadOrders for Client {
    /// Whatever changed within the last minutes: one call, unless that is more than a page.
    async fn newest(&self, now: Timestamp) -> Result<Orders, ChannelError> {
        self.newest_orders(now).await
    }

    async fn changed(&self, period: Period, now: Timestamp, from: Option<&Cursor>) -> Result<Page, ChannelError> {
        self.page_of_changed(period, now, from).await
    }

    fn hinted(&self) -> Option<&dyn ReadHinted> {
        Some(self)
    }
}

#[async_trait]
impl ReadHinted for Client {
    async fn hinted(&self, orders: &[OrderId], now: Timestamp) -> Result<Orders, ChannelError> {
        self.orders_by_number(&orders.iter().collect::<BTreeSet<_>>(), now).await
    }
}

#[async_trait]
impl WriteStock for Client {
    fn rows(&self) -> usize {
        STOCK_ROWS
    }

    async fn write(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        if self.warehouse() != Some(warehouse) {
            let other = "a shop has one number for a good: give the connection one warehouse, and it all the locations";
            return Ok(vec![Outcome::refused("WAREHOUSE", other); rows.len()]);
        }
        let mut write = Search::of(row::sendable(rows), row::batches).saying(MANY);
        while let Some(batch) = write.next() {
            let answer = self.put(&batch).await;
            write.note(&batch, answer.map(|answer| answer::sort(answer.status, &answer.body, &batch)))?;
        }
        Ok(write.outcomes())
    }
}

#[async_trait]
impl ReadShelf for Client {
    async fn seen(&self, _warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        let mut seen = Vec::with_capacity(rows.len());
        for (parent, ids) in shelf::questions(rows) {
            let include: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let query = [
                ("include", include.join(",")),
                ("per_page", "100".to_owned()),
                ("_fields", "id,stock_quantity,stock_status".to_owned()),
            ];
            let request = self.request(Method::GET, &Good::list(parent)).query(&query);
            seen.extend(shelf::seen(self.ask(call("GET /products", &SHELF), request).await?));
        }
        Ok(seen)
    }
}
