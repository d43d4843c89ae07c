//! What was answered right before the process is killed is there afterwards, and once: pushes of a channel that can't be asked for
//! its orders, and what the seller's own doors hold, order and sell. A hold whose time comes while nothing runs is over then.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use edin_local::state::endpoints::Endpoints;
use fastrand::Rng;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::check::until_empty;
use crate::process::{self, Process, run};
use crate::setting;

/// The process is killed so often.
const ROUNDS: usize = 8;
const STOCK: i64 = 100_000;
const WAREHOUSE: u64 = 22_142_605_386_000;
/// So long a hold lasts.
const HELD: Duration = Duration::from_secs(2);
/// Nobody listens there: no order can be read.
const CONNECTIONS: &str = r#"
    [[connection]]
    id = "ozon-shop"
    account = { ozon = { client_id = "7" } }
    base_url = "http://127.0.0.1:9"
    currency = "KZT"
    warehouses = { "22142605386000" = ["almaty"] }
    secrets = { api_key = "key" }

    [[connection]]
    id = "till"
    account = { direct = {} }
    currency = "KZT"
    warehouses = { almaty = ["almaty"] }
"#;

/// What somebody wants of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Told by the channel, which has sold one.
    Push,
    Hold,
    Order,
    Sale,
}

/// One wish, by a number that no other one has.
#[derive(Debug, Clone)]
struct Request {
    wish: Wish,
    number: u64,
    until: String,
}

/// What came of all wishes so far.
#[derive(Debug, Default)]
struct Ledger {
    asked: u64,
    answered: Vec<Request>,
    unanswered: Vec<Request>,
}

/// Who asks, and where.
#[derive(Clone)]
struct Asker {
    client: Client,
    key: String,
    http: String,
    hook: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_right_before_the_process_is_killed_is_there_afterwards_and_once() {
    let seed = setting("EDIN_SEED", 1);
    match story(setting("EDIN_ROUNDS", ROUNDS), seed).await {
        Ok(told) => println!("{told}"),
        Err(wrong) => panic!("with EDIN_SEED={seed}: {wrong:?}"),
    }
}

async fn story(rounds: usize, seed: u64) -> anyhow::Result<String> {
    let state = tempfile::tempdir()?;
    let key = prepare(state.path()).await?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(Duration::from_secs(20)).build()?;
    let (ledger, mut rng) = (Arc::<Mutex<Ledger>>::default(), Rng::with_seed(seed));
    for _ in 0..rounds {
        let mut process = Process::start(state.path())?;
        let asker = Asker::of(&process.answers().await?, &client, &key)?;
        let mut askers = JoinSet::new();
        for wish in [Wish::Push, Wish::Push, Wish::Push, Wish::Hold, Wish::Order, Wish::Sale] {
            askers.spawn(ask_until_it_dies(asker.clone(), wish, Arc::clone(&ledger)));
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(100..700))).await;
        process.kill()?;
        askers.join_all().await;
    }
    tokio::time::sleep(HELD).await;
    let mut process = Process::start(state.path())?;
    let asker = Asker::of(&process.answers().await?, &client, &key)?;
    let unanswered = std::mem::take(&mut lock(&ledger).unanswered);
    for request in &unanswered {
        asker.ask_again(request).await?;
    }
    let mut all = std::mem::take(&mut lock(&ledger).answered);
    ensure!(all.iter().any(|request| request.wish == Wish::Push), "no push was answered");
    let answered = all.len();
    all.extend(unanswered.iter().cloned());
    until_the_stock_is(&asker, &all).await?;
    process.kill()?;
    process::check_logs(state.path())?;
    Ok(format!("{answered} requests were answered, {} had to be made again; none is lost", unanswered.len()))
}

/// Imports a good and its shops. Returns the key of the till.
async fn prepare(state: &Path) -> anyhow::Result<String> {
    let (connections, catalogue) = (state.join("connections.toml"), state.join("catalogue.csv"));
    std::fs::write(&connections, CONNECTIONS)?;
    let header = "sku,title,location,on_hand,ozon-shop.offer_id,ozon-shop.product_id,ozon-shop.sku";
    std::fs::write(&catalogue, format!("{header}\nTEA,Green tea,almaty,{STOCK},TEA,118597312,147451939\n"))?;
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a temporary folder whose name is no text");
    run(state, &["import", &text(&connections)?, &text(&catalogue)?]).await?;
    let key = run(state, &["key", "make", "till", "--name", "test", "--scope", "till,shop,read"]).await?;
    key.split_whitespace().find(|word| word.starts_with("edin_")).map(str::to_owned).context("no key was printed")
}

/// Asks one thing after another. What isn't answered when the process dies is noted.
async fn ask_until_it_dies(asker: Asker, wish: Wish, ledger: Arc<Mutex<Ledger>>) {
    loop {
        let request = lock(&ledger).next(wish);
        let answer = asker.ask(&request).await;
        let is_taken = answer.as_ref().is_ok_and(StatusCode::is_success);
        lock(&ledger).note(request, is_taken);
        match answer {
            Err(_) => return,
            Ok(_) if is_taken => {}
            // It asks for more than is let through.
            Ok(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    fn next(&mut self, wish: Wish) -> Request {
        self.asked += 1;
        Request { wish, number: self.asked, until: simulators::now().plus(HELD).to_string() }
    }

    fn note(&mut self, request: Request, is_taken: bool) {
        let list = if is_taken { &mut self.answered } else { &mut self.unanswered };
        list.push(request);
    }
}

impl Asker {
    fn of(endpoints: &Endpoints, client: &Client, key: &str) -> anyhow::Result<Self> {
        let ozon = endpoints.connections.get("ozon-shop").and_then(|one| one.webhook.clone());
        let hook = ozon.context("Ozon has nowhere to push to")?;
        Ok(Self { client: client.clone(), key: key.to_owned(), http: endpoints.http.clone(), hook })
    }

    async fn ask(&self, request: &Request) -> reqwest::Result<StatusCode> {
        let (url, body) = self.call(request);
        let call = self.client.post(url).bearer_auth(&self.key);
        let call = call.header("Idempotency-Key", format!("key-{}", request.number)).json(&body);
        Ok(call.send().await?.status())
    }

    fn call(&self, Request { wish, number, until }: &Request) -> (String, Value) {
        let lines = json!([{ "sku": "TEA", "quantity": 1 }]);
        match wish {
            Wish::Push => (self.hook.clone(), push(*number)),
            Wish::Hold => (format!("{}/v1/holds", self.http), json!({ "lines": lines, "until": until })),
            Wish::Order => (format!("{}/v1/orders", self.http), json!({ "lines": lines })),
            Wish::Sale => (format!("{}/v1/sales", self.http), json!({ "lines": lines })),
        }
    }

    /// Asks until there is an answer. That the time of a hold has passed is one, too.
    async fn ask_again(&self, request: &Request) -> anyhow::Result<()> {
        until_empty("requests without an answer", async || {
            let status = self.ask(request).await?;
            let is_over = request.wish == Wish::Hold && status.is_client_error();
            Ok(Some((request.clone(), status)).filter(|_| !status.is_success() && !is_over).into_iter().collect())
        })
        .await
    }

    /// What lies in Almaty: on hand, and reserved.
    async fn stock(&self) -> anyhow::Result<(i64, i64)> {
        let url = format!("{}/v1/stock/TEA", self.http);
        let stock: Value = self.client.get(url).bearer_auth(&self.key).send().await?.error_for_status()?.json().await?;
        let number = |name: &str| {
            let found = stock.pointer(&format!("/levels/0/{name}")).and_then(Value::as_i64);
            found.with_context(|| format!("no {name} in {stock}"))
        };
        Ok((number("on_hand")?, number("reserved")?))
    }
}

/// As Ozon tells of a new posting.
fn push(number: u64) -> Value {
    json!({
        "message_type": "TYPE_NEW_POSTING", "seller_id": 7, "warehouse_id": WAREHOUSE,
        "posting_number": format!("{number}-0001-1"),
        "products": [{ "sku": 147_451_939, "offer_id": "TEA", "quantity": 1 }],
        "in_process_at": simulators::now().to_string(),
    })
}

/// Waits until each order is counted once, and no hold any more.
async fn until_the_stock_is(asker: &Asker, all: &[Request]) -> anyhow::Result<()> {
    let count = |wishes: &[Wish]| all.iter().filter(|request| wishes.contains(&request.wish)).count();
    let (sold, reserved) = (count(&[Wish::Sale]), count(&[Wish::Push, Wish::Order]));
    let expected = (STOCK - i64::try_from(sold)?, i64::try_from(reserved)?);
    until_empty("stock on hand and reserved, found and expected", async || {
        let found = asker.stock().await?;
        Ok(Some((found, expected)).filter(|_| found != expected).into_iter().collect())
    })
    .await
}
