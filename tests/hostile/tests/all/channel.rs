//! A channel that answers what a test says, without a network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use edin_channels::client::line::{Answer, Carrier, Lines, NotCarried};
use edin_channels::client::{Client, Gate, Held, Opening};
use edin_channels::facts::Facts;
use edin_domain::limiter::Limit;
use edin_domain::{Connection, Secret, Timestamp};
use hostile::wires::NOW;
use reqwest::Request;
use reqwest::header::HeaderMap;
use serde_json::json;

/// Stands for the channel's key: it may be in one header of a request, and nowhere else.
pub(crate) const KEY: &str = "key-0c7a7b4e5d7e4a41";

/// Where it is.
pub(crate) const BASE: &str = "https://channel.example/base";

/// What it answers, call by call, over and over; nothing answers 200 and `{}`.
#[derive(Default)]
pub(crate) struct Scripted {
    answers: Vec<(u16, HeaderMap, Vec<u8>)>,
    pub(crate) requests: Mutex<Vec<Request>>,
}

impl Scripted {
    pub(crate) fn answering(answers: Vec<(u16, HeaderMap, Vec<u8>)>) -> Arc<Self> {
        Arc::new(Self { answers, requests: Mutex::default() })
    }

    pub(crate) fn calls(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

#[async_trait]
impl Carrier for Scripted {
    async fn carry(&self, request: Request) -> Result<Answer, NotCarried> {
        let mut requests = self.requests.lock().unwrap();
        let number = requests.len();
        requests.push(request);
        let of = |(status, headers, body): &(u16, HeaderMap, Vec<u8>)| Answer {
            status: *status,
            headers: headers.clone(),
            body: body.clone(),
        };
        let nothing = || Answer { status: 200, headers: HeaderMap::new(), body: b"{}".to_vec() };
        Ok(self.answers.get(number % self.answers.len().max(1)).map_or_else(nothing, of))
    }
}

/// Lets everything pass, and notes for how long a channel shut itself.
#[derive(Default)]
pub(crate) struct OpenGate {
    pub(crate) shut: Mutex<Vec<Duration>>,
}

#[async_trait]
impl Gate for OpenGate {
    async fn pass(&self, _limit: &Limit) -> Result<(), Held> {
        Ok(())
    }

    async fn charge(&self, _limit: &Limit, _calls: u32, shut_for: Option<Duration>) -> Timestamp {
        self.shut.lock().unwrap().extend(shut_for);
        NOW.plus(shut_for.unwrap_or_default())
    }
}

/// A connection at `base`.
pub(crate) fn connection(channel: &'static Facts, base: &str) -> Connection {
    let account = match channel.name.as_str() {
        "ozon" => json!({ "ozon": { "client_id": "30000001" } }),
        "kaspi" => json!({ "kaspi": { "merchant_id": "30000001", "company": "Shop", "accept_orders": true } }),
        "yandex_market" => json!({ "yandex_market": { "business_id": 30_000_001, "campaign_id": 40_000_001 } }),
        other => json!({ other: {} }),
    };
    let connection = json!({
        "id": format!("{channel}-main").replace('_', "-"), "account": account, "currency": "KZT", "base_url": base,
        "warehouses": { "31": ["almaty"] },
    });
    serde_json::from_value(connection).unwrap()
}

/// The client of a channel whose calls `lines` carry.
pub(crate) fn client(
    channel: &'static Facts,
    base: &str,
    key: &str,
    gate: Arc<dyn Gate>,
    lines: &Lines,
) -> Box<dyn Client> {
    let credentials = channel.secrets.iter().map(|secret| (secret.name.to_owned(), Secret::new(key.to_owned())));
    let (connection, credentials) = (connection(channel, base), credentials.collect::<BTreeMap<_, _>>());
    edin_channels::open(&Opening { connection: &connection, credentials: &credentials, gate, lines }).unwrap()
}

/// The client of a channel that answers as the script says.
pub(crate) fn open(channel: &'static Facts, key: &str, script: &Arc<Scripted>) -> Box<dyn Client> {
    let carrier: Arc<dyn Carrier> = script.clone();
    client(channel, BASE, key, Arc::new(OpenGate::default()), &Lines::over(carrier))
}
