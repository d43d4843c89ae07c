//! The seller's own web shop and till, which ask the house before they sell.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use edin_domain::api_key::{Presented, Scope};
use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Secret, Timestamp};
use edin_local::house::House;
use edin_platform::{Clock, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Good;

/// What the seller imports of them.
pub(super) const CONNECTIONS: &str = r#"[[connection]]
id = "web-shop"
account = { direct = {} }
currency = "KZT"
warehouses = { web = ["almaty", "astana"] }

[[connection]]
id = "till-almaty"
account = { direct = {} }
currency = "KZT"
warehouses = { almaty = ["almaty"] }
"#;

/// What a door is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Visitors put goods into a basket first.
    WebShop,
    /// Buyers come with the goods in their hands.
    Till,
}

/// A door that is open.
pub(crate) struct Door {
    pub(crate) kind: Kind,
    connection: ConnectionId,
    key: Secret<String>,
    http: reqwest::Client,
    url: String,
    /// Of this run, so that no other one has the same requests.
    opened_at: Timestamp,
    requests: AtomicU64,
}

/// So long a basket is kept for somebody who goes away.
const KEPT: Duration = Duration::from_secs(5);

impl Door {
    /// Opens both, each with a key of its own.
    ///
    /// # Errors
    /// If a key can't be made.
    pub(crate) async fn open(house: &House) -> anyhow::Result<Vec<Self>> {
        let mut doors = Vec::new();
        for (kind, id) in [(Kind::WebShop, "web-shop"), (Kind::Till, "till-almaty")] {
            let connection = ConnectionId::new(id)?;
            let key = house.issue_key(&connection, "the demo", &Scope::ALL).await?;
            let (http, url) = (reqwest::Client::builder().no_proxy().build()?, house.url().to_owned());
            let (opened_at, requests) = (SystemClock.now(), AtomicU64::new(0));
            doors.push(Self { kind, connection, key, http, url, opened_at, requests });
        }
        Ok(doors)
    }

    /// Closes it: no basket is kept any more, and its key opens nothing.
    ///
    /// # Errors
    /// If that can't be noted.
    pub(crate) async fn close(self, house: &House) -> anyhow::Result<()> {
        tokio::time::sleep(KEPT).await;
        house.end_holds().await?;
        let id = Presented::read(self.key.reveal()).context("a key is no key")?.id;
        house.store().revoke_api_key(id, SystemClock.now()).await?;
        Ok(())
    }

    /// How many of a good the door can sell.
    pub(crate) async fn available(&self, good: &Good) -> anyhow::Result<i64> {
        let (_, stock) = self.ask(Method::GET, &format!("/v1/stock/{}", good.sku), &Value::Null).await?;
        stock.get("available").and_then(Value::as_i64).with_context(|| format!("no number in {stock}"))
    }

    /// Puts a good into a basket; none if there is none left.
    pub(crate) async fn hold(&self, good: &Good) -> anyhow::Result<Option<OrderKey>> {
        let until = SystemClock.now().plus(KEPT).to_string();
        self.begin("/v1/holds", &json!({ "lines": [{ "sku": good.sku, "quantity": 1 }], "until": until })).await
    }

    /// Sells what a buyer has in hand.
    pub(crate) async fn sell(&self, good: &Good) -> anyhow::Result<Option<OrderKey>> {
        self.begin("/v1/sales", &json!({ "lines": [{ "sku": good.sku, "quantity": 1 }] })).await
    }

    /// Takes a step with an order: `order`, `ship`, `return`. Whether it could be taken.
    pub(crate) async fn step(&self, order: &OrderKey, step: &str) -> anyhow::Result<bool> {
        let list = if step == "order" { "holds" } else { "orders" };
        let (status, _) = self.ask(Method::POST, &format!("/v1/{list}/{}/{step}", order.id), &json!({})).await?;
        Ok(status.is_success())
    }

    /// Lets go of a basket.
    pub(crate) async fn let_go(&self, order: &OrderKey) -> anyhow::Result<bool> {
        let (status, _) = self.ask(Method::DELETE, &format!("/v1/holds/{}", order.id), &Value::Null).await?;
        Ok(status.is_success())
    }

    async fn begin(&self, path: &str, body: &Value) -> anyhow::Result<Option<OrderKey>> {
        let (status, told) = self.ask(Method::POST, path, body).await?;
        ensure!(status == StatusCode::CREATED || status == StatusCode::CONFLICT, "{path}: {status} {told}");
        let id = told.get("id").and_then(Value::as_str).filter(|_| status == StatusCode::CREATED);
        let id = id.map(OrderId::new).transpose()?;
        Ok(id.map(|id| OrderKey::new(self.connection.clone(), id)))
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(self.key.reveal());
        let request = request.header("idempotency-key", format!("{}-{number}", self.opened_at.millis()));
        let answer = match body {
            Value::Null => request.send().await?,
            body => request.json(body).send().await?,
        };
        let status = answer.status();
        Ok((status, answer.json().await?))
    }
}
