//! The orders that come in, and what became of them: the same stream of orders for every function.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bench::orders::order;
use bench::runtime::Work;
use bench::tables::good;
use edin_platform::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::Peer;

/// One order of one unit.
#[derive(Debug, Clone, Copy)]
struct Order {
    number: u64,
    sku: u64,
}

/// What comes in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) peer: Peer,
    pub(crate) skus: u64,
    pub(crate) batch: usize,
    pub(crate) duplicate_percent: u64,
    /// Messages after which there are no more; none goes on for ever.
    pub(crate) most: Option<u64>,
}

/// The messages under way, and those that were answered.
pub(crate) struct Messages {
    plan: Plan,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    seed: u64,
    made: u64,
    events: u64,
    recent: VecDeque<Order>,
    again: Vec<Order>,
    under_way: HashMap<String, (Vec<Order>, Instant)>,
    measuring: bool,
    tally: Tally,
}

/// What is counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Messages handed out, those that come again included once only.
    pub(crate) sent: u64,
    /// Those of them that repeat an order.
    pub(crate) duplicates: u64,
    /// Messages answered.
    pub(crate) done: u64,
    /// Messages that came again.
    pub(crate) failed: u64,
    /// Milliseconds from handing an event out until its answer.
    pub(crate) latencies: Vec<f64>,
    /// Orders that were acknowledged, each once.
    pub(crate) acknowledged: HashSet<u64>,
    pub(crate) errors: BTreeMap<String, u64>,
}

pub(crate) const FIRST_ORDER: u64 = 700_000_000;
/// Duplicates repeat one of so many orders before them.
const RECENT: usize = 500;

impl Messages {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan, state: Mutex::new(State { seed: 12_345, ..State::default() }) }
    }

    /// Latencies count from now on, or no more.
    pub(crate) fn measure(&self, on: bool) {
        self.lock().measuring = on;
    }

    pub(crate) fn tally(&self) -> Tally {
        self.lock().tally.clone()
    }

    pub(crate) fn done(&self) -> u64 {
        self.lock().tally.done
    }

    /// Whether nothing is under way; and, where there is an end, nothing to come.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.under_way.is_empty() && (self.plan.most.is_none() || (state.again.is_empty() && self.is_over(&state)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, state: &State) -> bool {
        self.plan.most.is_some_and(|most| state.tally.sent >= most)
    }

    fn order(&self, state: &mut State) -> Option<Order> {
        if let Some(order) = state.again.pop() {
            return Some(order);
        }
        if self.is_over(state) {
            return None;
        }
        state.tally.sent += 1;
        if state.recent.len() > 20 && state.chance(100) < self.plan.duplicate_percent {
            let which = state.chance(u64::try_from(state.recent.len()).unwrap_or(1));
            state.tally.duplicates += 1;
            return state.recent.get(usize::try_from(which).unwrap_or(0)).copied();
        }
        state.made += 1;
        let order = Order { number: FIRST_ORDER + state.made, sku: state.chance(self.plan.skus) };
        state.recent.push_back(order);
        if state.recent.len() > RECENT {
            state.recent.pop_front();
        }
        Some(order)
    }

    fn body(&self, order: Order) -> String {
        match self.plan.peer {
            Peer::Edin | Peer::Floor => {
                let good = good(order.sku);
                let told = self::order(order.number, &good.sku, good.price, SystemClock.now());
                told.ok().and_then(|told| serde_json::to_string(&told).ok()).unwrap_or_default()
            }
            Peer::Node | Peer::Python => {
                let plain = json!({"orderId": order.number.to_string(), "sku": format!("SKU-{}", order.sku), "qty": 1});
                plain.to_string()
            }
        }
    }

    fn event(&self, id: &str, orders: &[Order]) -> String {
        let record = |(index, order): (usize, &Order)| {
            json!({
                "messageId": format!("{id}-{index}"), "receiptHandle": "h", "body": self.body(*order), "md5OfBody": "",
                "attributes": {
                    "ApproximateReceiveCount": "1", "SentTimestamp": "1", "SenderId": "s",
                    "ApproximateFirstReceiveTimestamp": "1",
                },
                "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:orders",
            })
        };
        json!({ "Records": orders.iter().enumerate().map(record).collect::<Vec<_>>() }).to_string()
    }
}

impl State {
    /// A number below `below`, the same ones in every run.
    fn chance(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below.max(1)
    }
}

impl Work for Messages {
    fn next(&self) -> Option<(String, String)> {
        let (id, orders) = {
            let mut state = self.lock();
            let orders: Vec<Order> = (0..self.plan.batch).map_while(|_| self.order(&mut state)).collect();
            state.events += 1;
            (format!("r{}", state.events), orders)
        };
        if orders.is_empty() {
            return None;
        }
        let event = self.event(&id, &orders);
        self.lock().under_way.insert(id.clone(), (orders, bench::now()));
        Some((id, event))
    }

    fn done(&self, id: &str, answer: Result<&[u8], &[u8]>) {
        let at = bench::now();
        let mut state = self.lock();
        let Some((orders, began)) = state.under_way.remove(id) else { return };
        if state.measuring {
            state.tally.latencies.push(at.duration_since(began).as_secs_f64() * 1_000.0);
        }
        let failed = answer.map(failures);
        if let Err(error) = answer {
            let error = String::from_utf8_lossy(error).chars().take(160).collect();
            *state.tally.errors.entry(error).or_default() += 1;
        }
        for (index, order) in orders.into_iter().enumerate() {
            if failed.as_ref().is_ok_and(|failed| !failed.contains(&format!("{id}-{index}"))) {
                state.tally.done += 1;
                state.tally.acknowledged.insert(order.number);
            } else {
                state.tally.failed += 1;
                state.again.push(order);
            }
        }
    }
}

/// The messages that an answer has come again.
fn failures(answer: &[u8]) -> HashSet<String> {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let failures = answer.get("batchItemFailures").and_then(Value::as_array);
    let id = |failure: &Value| failure.get("itemIdentifier")?.as_str().map(str::to_owned);
    failures.into_iter().flatten().filter_map(id).collect()
}
