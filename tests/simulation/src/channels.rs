//! The simulated channels, and the way to them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use edin_channels::client::line::{Answer, Carrier, NotCarried};
use reqwest::Request;
use serde_json::Value;
use simulators::{Event, Kaspi, Opened, Ozon, Stage, Warehouse, Wildberries};
use tower::ServiceExt as _;

use crate::aws::Aws;
use crate::dice::{Dice, Kind};
use crate::goods::{Good, KASPI, OZON, WILDBERRIES};
use crate::invocation::Invocation;
use crate::lock;
use crate::sabotage::Sabotage;
use crate::trace::Trace;
use crate::witness::Witness;

/// Longer than any caller waits for an answer.
const TOO_LONG: Duration = Duration::from_secs(25);
/// The patience of our HTTP client.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than any of them answers.
const LARGEST: usize = 64 << 20;

/// The channels.
#[derive(Clone)]
pub struct Channels {
    /// Ozon.
    pub ozon: Ozon,
    /// Wildberries.
    pub wildberries: Wildberries,
    /// Kaspi.
    pub kaspi: Kaspi,
    /// All of them, where it doesn't matter which.
    pub stage: Stage,
}

impl Channels {
    /// A shelf of a channel that does nothing but what all of them do.
    #[must_use]
    pub fn another(&self, index: usize) -> Option<(&Opened, Warehouse)> {
        let known = [OZON, WILDBERRIES, KASPI];
        let others: Vec<_> =
            self.stage.shelves().filter(|(stand, _)| !known.contains(&stand.enrolment().connection)).collect();
        let index = index.checked_rem(others.len())?;
        others.into_iter().nth(index)
    }
}

/// The way to them.
pub struct Way {
    /// By host, with what the seller calls the connection.
    stands: BTreeMap<String, (&'static str, Opened)>,
    goods: Vec<Good>,
    dice: Dice,
    trace: Trace,
    sabotage: Sabotage,
    aws: Aws,
    witness: Witness,
    /// Events of each channel's journal that were seen.
    read: Mutex<BTreeMap<&'static str, usize>>,
    /// Calls that were made, by channel.
    calls: Mutex<BTreeMap<&'static str, u64>>,
}

impl Way {
    /// A way with these faults on it.
    #[must_use]
    pub fn new(
        channels: &Channels,
        goods: Vec<Good>,
        (dice, trace, sabotage): (Dice, Trace, Sabotage),
        aws: Aws,
        witness: Witness,
    ) -> Self {
        let (read, calls) = (Mutex::default(), Mutex::default());
        let host = |stand: &Opened| Some(reqwest::Url::parse(&stand.url()).ok()?.host_str()?.to_owned());
        let stands = channels.stage.stands();
        let stands = stands.filter_map(|stand| Some((host(stand)?, (stand.enrolment().connection, Arc::clone(stand)))));
        let stands = stands.collect();
        Self { stands, goods, dice, trace, sabotage, aws, witness, read, calls }
    }

    /// Shows the witness what push sends.
    async fn witness(&self, connection: &'static str, running: &Invocation, body: &[u8]) {
        let (rows, now) = (self.witness.rows(body), self.aws.moment().await);
        self.witness.sends(connection, &rows, running.began, now, |sold| self.aws.knows(connection, &sold.id));
    }

    /// Shows the witness what a channel took.
    fn listen(&self, connection: &'static str, stand: &Opened) {
        let journal = stand.journal();
        let mut read = lock(&self.read);
        let seen = read.entry(connection).or_default();
        for event in journal.events.get(*seen..).unwrap_or_default() {
            let Event::Told { good: called, quantity, .. } = event else { continue };
            if let Some(good) = self.goods.iter().find(|good| stand.calls(good) == *called) {
                self.witness.took(connection, &good.sku, i64::from(*quantity));
            }
        }
        *seen = journal.events.len();
    }

    /// How many calls were made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        lock(&self.calls).values().sum()
    }

    fn of(&self, request: &Request) -> Option<(&'static str, &Opened)> {
        let (connection, stand) = self.stands.get(request.url().host_str().unwrap_or_default())?;
        Some((connection, stand))
    }

    /// Refuses one good for the time of one call, if the channel refuses any by itself.
    fn refuse_a_row(&self, stand: &Opened) {
        let Some(good) = self.goods.get(self.pick(self.goods.len(), "refused good")) else { return };
        if let Ok(refusals) = stand.refusals() {
            refusals.refuse(good);
        }
    }

    fn pick(&self, from: usize, site: &str) -> usize {
        let below = u64::try_from(from).unwrap_or(1);
        usize::try_from(self.dice.below(below, site)).unwrap_or(0)
    }

    async fn go(&self, request: Request) -> Result<Answer, NotCarried> {
        let unknown = || NotCarried { sent: false, reason: format!("no such host: {}", request.url()) };
        let (connection, stand) = self.of(&request).ok_or_else(unknown)?;
        let router = stand.router();
        *lock(&self.calls).entry(connection).or_default() += 1;
        let path = request.url().path().to_owned();
        let name = format!("{} {path}", request.method());
        let Some(running) = Invocation::running() else { return serve(router, request).await };
        let site = format!("{}/{connection} {}", running.function, route(&path));
        tokio::time::sleep(Duration::from_millis(20 + self.dice.below(120, &format!("latency of {site}")))).await;
        let falls = |kind| {
            let falls = self.dice.falls(kind, &site);
            if falls {
                running.disturb();
                self.trace.note(running.function, format_args!("! {kind:?} at {connection} {name}"));
            }
            falls
        };
        let is_write = is_write(&name);
        if falls(Kind::DiesBefore) {
            running.die().await;
        }
        if falls(Kind::ChannelUnreachable) {
            return Err(NotCarried { sent: false, reason: "it can't be reached".to_owned() });
        }
        if falls(Kind::ChannelBroken) {
            stand.faults(&mut |faults| faults.down = true);
            let answer = serve(router, request).await;
            stand.faults(&mut |faults| faults.down = false);
            return answer;
        }
        if falls(Kind::ChannelThrottles) {
            stand.faults(&mut |faults| faults.throttle = 1);
        }
        let refuses = is_write && falls(Kind::RowRefused);
        if refuses {
            self.refuse_a_row(stand);
        }
        if is_write {
            let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
            self.trace.note(running.function, format_args!("{connection} {name} {}", String::from_utf8_lossy(body)));
            self.witness(connection, &running, body).await;
        }
        let answer = serve(router, request).await;
        if is_write {
            self.listen(connection, stand);
        }
        if refuses {
            stand.faults(&mut |faults| faults.refuse.clear());
        }
        if falls(Kind::DiesAfter) {
            running.die().await;
        }
        if falls(Kind::ChannelSlow) {
            tokio::time::sleep(PATIENCE).await;
            return Err(NotCarried { sent: true, reason: "it took too long".to_owned() });
        }
        if falls(Kind::ChannelAnswerLost) {
            return Err(NotCarried { sent: true, reason: "the answer is lost".to_owned() });
        }
        answer.map(|answer| self.sabotaged(running.function, &path, is_write, answer))
    }

    fn sabotaged(&self, function: &str, path: &str, is_write: bool, mut answer: Answer) -> Answer {
        match self.sabotage {
            Sabotage::TwoHundredBelieved if is_write => believe(&mut answer),
            Sabotage::OrdersUnreadAroundWrites if function == "push" && path.contains("unfulfilled") => {
                answer.body = br#"{"postings":[],"cursor":"","has_next":false}"#.to_vec();
            }
            Sabotage::OrdersUnreadAroundWrites if function == "push" && path.starts_with("/api/v3/orders") => {
                answer.body = br#"{"orders":[]}"#.to_vec();
            }
            _ => {}
        }
        answer
    }
}

/// A path without its numbers.
fn route(path: &str) -> String {
    path.chars().filter(|character| !character.is_ascii_digit()).collect()
}

fn is_write(name: &str) -> bool {
    let is_put = name.starts_with("PUT ") && name.contains("/stocks");
    is_put || name == "POST /v2/products/stocks" || name.starts_with("POST ") && name.ends_with("/batch")
}

/// Whatever went wrong went well.
fn believe(answer: &mut Answer) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        for row in body.get_mut("result").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(row) = row.as_object_mut() {
                row.insert("updated".to_owned(), Value::Bool(true));
                row.insert("errors".to_owned(), Value::Array(Vec::new()));
            }
        }
        answer.body = serde_json::to_vec(&body).unwrap_or_default();
    }
    if answer.status == 409 || answer.status == 404 {
        answer.status = 204;
        answer.body.clear();
    }
}

async fn serve(router: Router, request: Request) -> Result<Answer, NotCarried> {
    let lost = |reason: String| NotCarried { sent: true, reason };
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
    let mut call = http::Request::builder().method(request.method().clone()).uri(request.url().as_str());
    if let Some(headers) = call.headers_mut() {
        headers.clone_from(request.headers());
    }
    let call = call.body(Body::from(body)).map_err(|error| lost(error.to_string()))?;
    let serving = async {
        let answer = match router.oneshot(call).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, LARGEST).await.map_err(|error| lost(error.to_string()))?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.to_vec() })
    };
    match tokio::time::timeout(TOO_LONG, serving).await {
        Ok(answer) => answer,
        Err(_) => Err(lost("it took too long".to_owned())),
    }
}

#[async_trait]
impl Carrier for Way {
    async fn carry(&self, request: Request) -> Result<Answer, NotCarried> {
        self.go(request).await
    }
}

/// A handle that the functions' lines can own.
pub struct Shared(pub Arc<Way>);

#[async_trait]
impl Carrier for Shared {
    async fn carry(&self, request: Request) -> Result<Answer, NotCarried> {
        self.0.go(request).await
    }
}
