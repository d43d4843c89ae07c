//! The seller's own doors: people who ask for goods over the API, send the same again when they get no answer, and remember
//! what they were promised.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use edin_domain::api_key::Scope;
use edin_domain::order::{Milestone, Order, OrderKey};
use edin_domain::{ConnectionId, Secret, Timestamp};
use edin_platform::Clock as _;
use edin_store::stream::image;
use edin_store::{Store, keys, level_from};
use judge::Broken;
use reqwest::{Method, Request, Url};
use serde_json::{Value, json};
use simulators::Wire;
use tokio::task::spawn_local;

use crate::aws::Aws;
use crate::clock::SimulatedClock;
use crate::trace::Trace;

/// The door that asks before it sells.
pub const SHOP: &str = "shop";
/// The door that tells what was sold over the counter.
pub const TILL: &str = "till";

/// Both, as the seller wrote them down.
pub const CONNECTIONS: &str = r#"
[[connection]]
id = "shop"
account = { direct = {} }
currency = "KZT"
warehouses = { both = ["almaty", "astana"] }

[[connection]]
id = "till"
account = { direct = {} }
currency = "KZT"
warehouses = { almaty = ["almaty"] }
"#;

/// What somebody does at a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// Asks for goods until so long from now: goods by their place in the assortment, and units.
    Hold(Vec<(usize, u32)>, Duration),
    /// Sells over the counter.
    Sell(Vec<(usize, u32)>),
    /// Comes back to what was asked for or sold.
    Again(usize, Step),
}

/// What becomes of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is to be kept so much longer.
    Longer(Duration),
    /// It is ordered.
    Order,
    /// It is let go of.
    Release,
    /// It is handed over.
    Ship,
    /// It is called off.
    Cancel,
    /// It is brought back.
    Return,
}

/// What was promised at a door: all of it must be so in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Promise {
    door: &'static str,
    id: String,
    lines: BTreeMap<String, u32>,
    reached: BTreeSet<Milestone>,
}

#[derive(Debug, Default)]
struct Seen {
    /// What was asked for at each door, whatever was answered.
    asked: Vec<(&'static str, BTreeMap<String, u32>)>,
    promised: Vec<Promise>,
    broken: Broken,
}

/// The doors of one run.
#[derive(Clone)]
pub struct Doors {
    wire: Arc<dyn Wire>,
    keys: BTreeMap<&'static str, Secret<String>>,
    clock: SimulatedClock,
    trace: Trace,
    seen: Rc<RefCell<Seen>>,
}

/// So often a request is sent, until it is answered.
const TIMES: u64 = 6;
/// So long somebody waits before the next time, and that much longer each time.
const PAUSE: Duration = Duration::from_secs(7);

impl Doors {
    /// Opens both, with keys that the table knows.
    ///
    /// # Errors
    /// If a key can't be kept.
    pub async fn open(
        wire: Arc<dyn Wire>,
        digest_key: &Secret<String>,
        store: &Store,
        clock: SimulatedClock,
        trace: Trace,
    ) -> anyhow::Result<Self> {
        let mut keys = BTreeMap::new();
        for (door, byte) in [(SHOP, 1), (TILL, 2)] {
            let named = (ConnectionId::new(door)?, door);
            let (kept, key) = api::issue(digest_key, named, Scope::ALL.into(), &[byte; 37], clock.now());
            store.put_api_key(&kept).await?;
            keys.insert(door, key);
        }
        Ok(Self { wire, keys, clock, trace, seen: Rc::default() })
    }

    /// Somebody comes, and stays for as long as it takes; `goods` are the SKUs of the assortment.
    pub fn visit(&self, visit: &Visit, number: usize, goods: &[String]) {
        let (doors, visit, goods) = (self.clone(), visit.clone(), goods.to_vec());
        spawn_local(async move {
            if let Err(error) = doors.come(&visit, number, &goods).await {
                doors.seen.borrow_mut().broken.push(format!("{visit:?}: {error:#}"));
            }
        });
    }

    async fn come(&self, visit: &Visit, number: usize, goods: &[String]) -> anyhow::Result<()> {
        match visit {
            Visit::Hold(basket, lasts) => {
                let until = self.clock.now().plus(*lasts);
                let lines = named(basket, goods);
                let body = json!({ "lines": listed(&lines), "until": until.to_string() });
                self.ask((SHOP, "/v1/holds"), &format!("visit-{number}"), &body, lines, &[], Some(until)).await
            }
            Visit::Sell(basket) => {
                let lines = named(basket, goods);
                let body = json!({ "lines": listed(&lines) });
                let reached = [Milestone::Placed, Milestone::Paid, Milestone::Shipped, Milestone::Delivered];
                self.ask((TILL, "/v1/sales"), &format!("R-{number}"), &body, lines, &reached, None).await
            }
            Visit::Again(which, step) => self.again(*which, *step).await,
        }
    }

    /// Asks for something, until a time if one is named, and remembers what was promised.
    async fn ask(
        &self,
        (door, path): (&'static str, &str),
        key: &str,
        body: &Value,
        lines: BTreeMap<String, u32>,
        reached: &[Milestone],
        until: Option<Timestamp>,
    ) -> anyhow::Result<()> {
        self.seen.borrow_mut().asked.push((door, lines.clone()));
        let Some((status, answer)) = self.send(door, Method::POST, path, Some(key), body).await? else { return Ok(()) };
        match (status, answer.get("code").and_then(Value::as_str)) {
            (201, _) => {
                let id = answer.get("id").and_then(Value::as_str).context("an order without an id")?.to_owned();
                let reached = reached.iter().copied().collect();
                self.seen.borrow_mut().promised.push(Promise { door, id, lines, reached });
                Ok(())
            }
            (409, Some("not-enough")) => Ok(()),
            (400, Some("invalid")) if self.is_past(until) => Ok(()),
            other => anyhow::bail!("{path} was answered with {other:?}"),
        }
    }

    async fn again(&self, which: usize, step: Step) -> anyhow::Result<()> {
        let promised = self.seen.borrow().promised.clone();
        let Some(index) = which.checked_rem(promised.len()) else { return Ok(()) };
        let Some(Promise { door, id, .. }) = promised.get(index) else { return Ok(()) };
        let until = match step {
            Step::Longer(by) => Some(self.clock.now().plus(by)),
            _ => None,
        };
        let longer = json!({ "until": until.map(|until| until.to_string()) });
        let (method, path, body, reached) = match step {
            Step::Longer(_) => (Method::PATCH, format!("/v1/holds/{id}"), longer, None),
            Step::Order => (Method::POST, format!("/v1/holds/{id}/order"), json!({}), Some(Milestone::Placed)),
            Step::Release => (Method::DELETE, format!("/v1/holds/{id}"), json!({}), Some(Milestone::Cancelled)),
            Step::Ship => (Method::POST, format!("/v1/orders/{id}/ship"), json!({}), Some(Milestone::Shipped)),
            Step::Cancel => (Method::POST, format!("/v1/orders/{id}/cancel"), json!({}), Some(Milestone::Cancelled)),
            Step::Return => (Method::POST, format!("/v1/orders/{id}/return"), json!({}), Some(Milestone::Returned)),
        };
        let Some((status, answer)) = self.send(door, method, &path, None, &body).await? else { return Ok(()) };
        match (status, reached) {
            (200, Some(reached)) => {
                let mut seen = self.seen.borrow_mut();
                seen.promised.get_mut(index).into_iter().for_each(|promise| _ = promise.reached.insert(reached));
                Ok(())
            }
            // It has come to another state, or somebody else changed it, or its goods are gone.
            (200 | 409 | 412, _) => Ok(()),
            (400, None) if self.is_past(until) => Ok(()),
            other => anyhow::bail!("{path} was answered with {other:?}: {answer}"),
        }
    }

    /// Whether the time that a request named has passed on its way: who got no answer until then is kept nothing.
    fn is_past(&self, until: Option<Timestamp>) -> bool {
        until.is_some_and(|until| self.clock.now() >= until)
    }

    /// Sends a request until it is answered. None if it never is: then nobody knows whether it was done.
    async fn send(
        &self,
        door: &'static str,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<Option<(u16, Value)>> {
        for time in 1..=TIMES {
            let mut request = Request::new(method.clone(), Url::parse(&format!("http://edin.invalid{path}"))?);
            let bearer = self.keys.get(door).map(|key| format!("Bearer {}", key.reveal())).unwrap_or_default();
            request.headers_mut().insert("authorization", bearer.parse()?);
            if let Some(key) = key {
                request.headers_mut().insert("idempotency-key", key.parse()?);
            }
            *request.body_mut() = Some(body.to_string().into());
            match self.wire.carry(request).await {
                Ok(answer) if answer.status < 500 => {
                    let told: Value = serde_json::from_slice(&answer.body)?;
                    self.trace.note(door, format_args!("{method} {path}: {} {told}", answer.status));
                    return Ok(Some((answer.status, told)));
                }
                _ => tokio::time::sleep(PAUSE * u32::try_from(time)?).await,
            }
        }
        Ok(None)
    }

    /// The doors' orders in the table, by their keys.
    ///
    /// # Errors
    /// If the table can't be read.
    pub async fn orders(&self, names: &BTreeSet<String>, store: &Store) -> anyhow::Result<BTreeMap<OrderKey, Order>> {
        let keys = names.iter().filter_map(|name| keys::order_key(name));
        Ok(store.orders(keys.filter(|key| [SHOP, TILL].contains(&key.connection.as_str()))).await?)
    }

    /// What doesn't hold once everything is quiet: what was promised isn't so, what nobody asked for is there, a hold whose time is
    /// over keeps goods, or something was granted that wasn't there.
    ///
    /// # Errors
    /// If the stream can't be read.
    pub async fn broken(&self, orders: &BTreeMap<OrderKey, Order>, aws: &Aws) -> anyhow::Result<Broken> {
        let now = self.clock.now();
        let mut broken = self.seen.borrow().broken.clone();
        for promise in &self.seen.borrow().promised {
            broken.extend(kept(promise, orders));
        }
        for (key, order) in orders {
            let mut lines: Vec<_> = order.state.lines.iter().map(|(id, line)| (id.to_string(), line.ordered)).collect();
            lines.sort();
            let door = key.connection.as_str();
            let is_asked = |(at, asked): &(&str, BTreeMap<String, u32>)| {
                *at == door && asked.clone().into_iter().eq(lines.clone())
            };
            if !self.seen.borrow().asked.iter().any(is_asked) {
                broken.push(format!("{key} is in the table, and nobody asked for it: {lines:?}"));
            }
            let is_over = order.state.held().is_some_and(|hold| hold.is_over(now));
            if is_over && !order.state.has_lapsed() {
                broken.push(format!("{key} is over, and nobody has found it"));
            }
        }
        broken.extend(granted_too_much(aws).await?);
        Ok(broken)
    }
}

/// What was promised and isn't so.
fn kept(promise: &Promise, orders: &BTreeMap<OrderKey, Order>) -> Option<String> {
    let Promise { door, id, lines, reached } = promise;
    let order = orders.iter().find(|(key, _)| key.connection.as_str() == *door && key.id.as_str() == id);
    let Some((_, order)) = order else { return Some(format!("{door}/{id} was promised and is not in the table")) };
    let ordered: BTreeMap<String, u32> =
        order.state.lines.iter().map(|(id, line)| (id.to_string(), line.ordered)).collect();
    let is_so = ordered == *lines && reached.iter().all(|milestone| order.state.has(*milestone));
    (!is_so).then(|| format!("{door}/{id} was promised {lines:?} and {reached:?}; the table says {:?}", order.state))
}

/// Levels that the door which asks took below zero.
async fn granted_too_much(aws: &Aws) -> anyhow::Result<Broken> {
    let mut broken = Broken::new();
    for record in aws.records(0).await? {
        let is_level = edin_store::stream::text(&record.change.keys, "sk").is_some_and(|sk| sk.starts_with("LEVEL#"));
        let Some(after) = image(&record.change.new_image).filter(|_| is_level) else { continue };
        let level = level_from(after)?;
        let is_granted = level.changes.iter().any(|change| change.freed() < 0 && change.order.starts_with("shop/"));
        if is_granted && level.available < 0 {
            broken.push(format!("more was granted than there was: {level:?}"));
        }
    }
    Ok(broken)
}

/// Goods by their SKU.
fn named(basket: &[(usize, u32)], goods: &[String]) -> BTreeMap<String, u32> {
    basket.iter().filter_map(|(good, units)| Some((goods.get(*good)?.clone(), *units))).collect()
}

fn listed(lines: &BTreeMap<String, u32>) -> Value {
    lines.iter().map(|(sku, units)| json!({ "sku": sku, "quantity": units })).collect()
}
