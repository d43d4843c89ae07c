//! The seller's own doors: what a till, a shop and a telephone ask for, over the HTTP side of the house.

mod documents;
mod holds;
mod keys;
mod orders;
mod requests;
mod sales;
mod stock;

use std::time::Duration;

use acceptance::World;
use edin_domain::api_key::Scope;
use edin_domain::{ConnectionId, Timestamp};
use edin_platform::{Clock, SystemClock};
use edin_store::documents::Posted;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::http;

/// The connection of the web shop, which sells from Almaty; as `both`, from Astana too.
const SHOP: &str = "shop";
/// The connection of the till in Almaty.
const TILL: &str = "till";

const CONNECTIONS: &str = r#"
    [[connection]]
    id = "shop"
    account = { direct = {} }
    currency = "KZT"
    warehouses = { almaty = ["almaty"], both = ["almaty", "astana"] }

    [[connection]]
    id = "till"
    account = { direct = {} }
    currency = "KZT"
    warehouses = { almaty = ["almaty"] }
"#;

/// One of the seller's own doors.
struct Door<'a> {
    world: &'a World,
    connection: &'static str,
    key: String,
    client: reqwest::Client,
}

/// An answer: its status, its ETag, its JSON.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    status: u16,
    etag: String,
    body: Value,
}

impl Answer {
    fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    fn state(&self) -> &str {
        self.body["state"].as_str().unwrap()
    }

    /// The status and a problem's code.
    fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or("none"))
    }
}

/// Sets up the doors of a seller.
async fn with_doors() -> anyhow::Result<World> {
    let world = World::open().await?;
    let report = world.import("doors.toml", CONNECTIONS).await?;
    anyhow::ensure!(report.errors.is_empty(), "{:?}", report.errors);
    Ok(world)
}

impl<'a> Door<'a> {
    /// A door with a key that lets it do all.
    async fn open(world: &'a World, connection: &'static str) -> anyhow::Result<Self> {
        Self::with_key(world, connection, &Scope::ALL).await
    }

    async fn with_key(world: &'a World, connection: &'static str, scopes: &[Scope]) -> anyhow::Result<Self> {
        let key = world.house.issue_key(&ConnectionId::new(connection)?, "a test", scopes).await?;
        Ok(Self { world, connection, key: key.reveal().clone(), client: http()? })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.world.house.url())).bearer_auth(&self.key)
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let response = request.send().await?;
        let etag = response.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned());
        let (status, text) = (response.status().as_u16(), response.text().await?);
        let body = serde_json::from_str(&text).map_err(|error| anyhow::anyhow!("{status} {text:?}: {error}"))?;
        let answer = Answer { status, etag: etag.unwrap_or_default(), body };
        match (status, &answer.body["changes"]) {
            (201, Value::Array(changes)) => self.world.posted(answer.id(), posted(changes)?),
            (201, _) => self.world.asked(self.connection, answer.id()),
            _ => {}
        }
        Ok(answer)
    }

    async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::DELETE, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// A request that may be sent again under its key.
    async fn keyed(&self, path: &str, key: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::POST, path).header("idempotency-key", key).json(body)).await
    }

    /// Asks for a hold of so many units until then.
    async fn hold(&self, key: &str, sku: &str, units: u32, until: Timestamp) -> anyhow::Result<Answer> {
        let wanted = json!({ "lines": [{ "sku": sku, "quantity": units }], "until": until.to_string() });
        self.keyed("/v1/holds", key, &wanted).await
    }
}

/// What a document did.
fn posted(changes: &[Value]) -> anyhow::Result<Vec<Posted>> {
    changes.iter().map(|change| Ok(serde_json::from_value(change.clone())?)).collect()
}

/// So long from now.
fn after(duration: Duration) -> Timestamp {
    SystemClock.now().plus(duration)
}

/// Longer than any test.
const HOUR: Duration = Duration::from_secs(3_600);

/// Waits until this machine's clock says so.
async fn until_it_is(at: Timestamp) {
    while SystemClock.now() <= at {
        tokio::time::sleep(at.since(SystemClock.now()) + Duration::from_millis(1)).await;
    }
}
