//! Holds at the seller's own door while much is sold elsewhere: how long a visitor waits until goods are kept, and no longer are.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bench::machine::{busy_ms, cpu_ms, foreign_percent};
use bench::shop::{PATIENCE, Shop};
use bench::tables::good;
use bench::{now, round};
use edin_domain::api_key::Scope;
use edin_domain::{Connection, ConnectionId, Secret};
use edin_local::house::House;
use edin_platform::{Clock, SystemClock};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::Flow;
use crate::watch::Watch;
use crate::whole::{Lag, Pace, is_correct, produce};

/// What a run came to.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    part: &'static str,
    goods: u64,
    rate: u32,
    orders: usize,
    held: Lag,
    let_go: Lag,
    foreign_cpu_percent: f64,
    cpus: f64,
    /// Every order took its unit, and nothing is held any more.
    pub(crate) is_correct: bool,
}

const DOOR: &str = "web-shop";
/// More than are on their way into the table at a time.
const PRODUCERS: usize = 64;
/// Between two visitors.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) async fn run(flow: &Flow) -> anyhow::Result<Report> {
    let shop = Shop::open(flow.steady_goods, &flow.memory).await?;
    let house = Arc::new(shop.house().await?);
    let door = Door::open(&house).await?;
    let watch = Watch::start(house.watch());
    let (spent, busy, began) = (cpu_ms(std::process::id()), busy_ms(), now());
    let pace = Pace { lasts: Duration::from_secs(flow.hold_seconds), rate: Some(flow.rate) };
    let seen = watch.seen();
    let selling = produce(pace, flow.steady_goods, PRODUCERS, &house, &seen);
    let (sent, visits) = tokio::try_join!(selling, door.visits(pace.lasts, flow.steady_goods))?;
    let milliseconds = began.elapsed().as_secs_f64() * 1_000.0;
    let (spent, busy) = (cpu_ms(std::process::id()) - spent, busy_ms() - busy);
    house.settle(PATIENCE).await?;
    let (held, let_go) = visits.into_iter().unzip();
    Ok(Report {
        part: "holds",
        goods: flow.steady_goods,
        rate: flow.rate,
        orders: sent.len(),
        held: Lag::of(held),
        let_go: Lag::of(let_go),
        foreign_cpu_percent: foreign_percent(busy, spent, milliseconds),
        cpus: round(bench::figure(spent) / milliseconds),
        is_correct: is_correct(&shop, &house, sent.len()).await?,
    })
}

/// The seller's own web shop.
struct Door {
    key: Secret<String>,
    http: reqwest::Client,
    url: String,
}

impl Door {
    async fn open(house: &House) -> anyhow::Result<Self> {
        let connection: Connection = serde_json::from_value(json!({
            "id": DOOR, "account": { "direct": {} }, "currency": "KZT", "warehouses": { "web": ["almaty"] },
        }))?;
        house.store().put_connection(&connection).await?;
        let key = house.issue_key(&ConnectionId::new(DOOR)?, "the bench", &Scope::ALL).await?;
        Ok(Self { key, http: reqwest::Client::builder().no_proxy().build()?, url: house.url().to_owned() })
    }

    /// One visitor after another holds a good, and lets it go. Returns how long each took, in ms.
    async fn visits(&self, lasts: Duration, goods: u64) -> anyhow::Result<Vec<(f64, f64)>> {
        let (deadline, mut all) = (now() + lasts, Vec::new());
        for number in 0.. {
            if now() >= deadline {
                break;
            }
            let began = now();
            let until = SystemClock.now().plus(Duration::from_secs(600)).to_string();
            let wanted = json!({ "lines": [{ "sku": good(number % goods).sku, "quantity": 1 }], "until": until });
            let (status, told) = self.ask(Method::POST, "/v1/holds", number, &wanted).await?;
            ensure!(status == StatusCode::CREATED, "a hold: {status} {told}");
            let held = began.elapsed();
            let id = told.get("id").and_then(Value::as_str).context("a hold has no id")?;
            let (status, told) = self.ask(Method::DELETE, &format!("/v1/holds/{id}"), number, &Value::Null).await?;
            ensure!(status.is_success(), "letting go: {status} {told}");
            all.push((held, began.elapsed() - held));
            tokio::time::sleep(PAUSE).await;
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
        Ok(all.into_iter().map(|(held, let_go)| (milliseconds(held), milliseconds(let_go))).collect())
    }

    async fn ask(&self, method: Method, path: &str, number: u64, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(self.key.reveal());
        let answer = request.header("idempotency-key", format!("visit-{number}")).json(body).send().await?;
        let status = answer.status();
        Ok((status, answer.json().await?))
    }
}
