//! A function's own binary, given one event.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench::function::environment;
use bench::machine::{cpu_ms, peak_memory_kib};
use bench::proxy::{Count, Counts, Proxy, is_read};
use bench::runtime::{Runtime, Work};
use bench::shop::Shop;
use bench::{Measured, figure, now, round};
use edin_channels::address::{self, Purpose};
use edin_domain::ConnectionId;
use flate2::read::GzDecoder;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::Notify;

/// What a function did with one event.
#[derive(Debug, Serialize)]
struct Driven {
    /// Against the function's timeout.
    seconds: Measured,
    cpu_s: f64,
    /// Against what the budget or the template allows.
    memory_mib: Measured,
    read_calls: u64,
    read_units: f64,
    write_calls: u64,
}

/// Kaspi's price list.
#[derive(Debug, Serialize)]
pub(crate) struct Fed {
    status: u64,
    offers: usize,
    xml_mib: f64,
    /// What Lambda carries of an answer.
    answer_mib: Measured,
    is_complete: bool,
    #[serde(flatten)]
    driven: Driven,
}

/// A reconciliation with Ozon.
#[derive(Debug, Serialize)]
pub(crate) struct Reconciled {
    listings: u64,
    drift_units: u64,
    problem: Option<String>,
    channel_calls: u64,
    /// Pages of stock, and one call each for orders and for the key.
    channel_calls_needed: u64,
    violations: usize,
    #[serde(flatten)]
    driven: Driven,
}

const FEED_SECONDS: f64 = 30.0;
const FEED_MEMORY_MIB: f64 = 128.0;
const ANSWER_MIB: f64 = 6.0;
const RECONCILE_SECONDS: f64 = 900.0;
const RECONCILE_MEMORY_MIB: f64 = 512.0;
const PATIENCE: Duration = Duration::from_secs(600);
const MIB: f64 = 1_048_576.0;
/// Goods on a page of Ozon's stock.
const A_PAGE: u64 = 1_000;

pub(crate) async fn feed(binary: &Path, shop: &Shop, proxy: &Proxy) -> anyhow::Result<Fed> {
    let path = address::path(&shop.key, Purpose::Feed, &ConnectionId::new("kaspi-main")?);
    let (answer, driven) = drive(binary, proxy, &get(&path), (FEED_SECONDS, FEED_MEMORY_MIB)).await?;
    let read: Value = serde_json::from_slice(&answer)?;
    let body = body(&read)?;
    let offers = body.matches("<offer ").count();
    Ok(Fed {
        status: read.get("statusCode").and_then(Value::as_u64).unwrap_or_default(),
        offers,
        xml_mib: round(bench::count(body.len()) / MIB),
        answer_mib: Measured::against(ANSWER_MIB, bench::count(answer.len()) / MIB),
        is_complete: u64::try_from(offers).is_ok_and(|offers| offers == shop.goods)
            && body.ends_with("</kaspi_catalog>"),
        driven,
    })
}

pub(crate) async fn reconcile(binary: &Path, shop: &Shop, proxy: &Proxy) -> anyhow::Result<Reconciled> {
    let (calls, violations) = (shop.ozon.journal().calls, shop.ozon.journal().violations().count());
    let event = json!({"connection": "ozon-main"}).to_string();
    let (answer, driven) = drive(binary, proxy, &event, (RECONCILE_SECONDS, RECONCILE_MEMORY_MIB)).await?;
    let read: Value = serde_json::from_slice(&answer)?;
    let summary = read.get(0).context("it reconciled nothing")?;
    let number = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or_default();
    let after = shop.ozon.journal();
    Ok(Reconciled {
        listings: number("listings"),
        drift_units: number("drift_units"),
        problem: summary.get("problem").and_then(Value::as_str).map(str::to_owned),
        channel_calls: after.calls - calls,
        channel_calls_needed: shop.goods.div_ceil(A_PAGE) + 2,
        violations: after.violations().count() - violations,
        driven,
    })
}

impl Fed {
    pub(crate) fn is_within(&self) -> bool {
        self.is_complete && self.driven.is_within() && self.answer_mib.within
    }
}

impl Reconciled {
    pub(crate) fn is_within(&self) -> bool {
        let is_well = self.problem.is_none() && self.drift_units == 0 && self.violations == 0;
        is_well && self.channel_calls <= self.channel_calls_needed && self.driven.is_within()
    }
}

impl Driven {
    const fn is_within(&self) -> bool {
        self.seconds.within && self.memory_mib.within
    }
}

/// The file, unpacked as the HTTP API hands it out and a caller reads it.
fn body(answer: &Value) -> anyhow::Result<String> {
    let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    if answer.get("isBase64Encoded").and_then(Value::as_bool) != Some(true) {
        return Ok(body.to_owned());
    }
    let mut unpacked = String::new();
    GzDecoder::new(STANDARD.decode(body)?.as_slice()).read_to_string(&mut unpacked)?;
    Ok(unpacked)
}

/// A pull, as the HTTP API hands it on.
fn get(path: &str) -> String {
    let event = json!({
        "version": "2.0", "routeKey": "GET /feeds/{file}", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "example.execute-api.eu-central-1.amazonaws.com", "accept-encoding": "gzip" },
        "requestContext": {
            "accountId": "000000000000", "apiId": "example", "domainName": "example", "domainPrefix": "example",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "195.34.21.7", "userAgent": "Kaspi" },
            "requestId": "1", "routeKey": "GET /feeds/{file}", "stage": "$default",
            "time": "22/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_341_600_000_i64,
        },
        "isBase64Encoded": false,
    });
    event.to_string()
}

/// One event, and its answer.
struct Once {
    event: Mutex<Option<String>>,
    answer: Mutex<Option<Result<Vec<u8>, String>>>,
    answered: Notify,
}

impl Work for Once {
    fn next(&self) -> Option<(String, String)> {
        let event = self.event.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(("once".to_owned(), event))
    }

    fn done(&self, _: &str, answer: Result<&[u8], &[u8]>) {
        let answer = answer.map(<[u8]>::to_vec).map_err(|error| String::from_utf8_lossy(error).into_owned());
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        self.answered.notify_one();
    }
}

async fn drive(
    binary: &Path,
    proxy: &Proxy,
    event: &str,
    (most_seconds, most_mib): (f64, f64),
) -> anyhow::Result<(Vec<u8>, Driven)> {
    let work =
        Arc::new(Once { event: Mutex::new(Some(event.to_owned())), answer: Mutex::default(), answered: Notify::new() });
    let runtime = Runtime::start(work.clone()).await?;
    let mut command = Command::new(binary);
    let aws = proxy.url.trim_start_matches("http://");
    command.env_clear().envs(environment(runtime.address(), aws)).env("RUST_LOG", "error");
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
    let process = child.id().context("it ended")?;
    runtime.ready(1).await?;
    let (counts, began) = (proxy.counts(), now());
    runtime.open();
    tokio::time::timeout(PATIENCE, work.answered.notified()).await.context("it gave no answer")?;
    let seconds = began.elapsed().as_secs_f64();
    let spent = since(&proxy.counts(), &counts);
    let calls = |reading: bool| {
        let of = spent.iter().filter(|(call, _)| is_read(call) == reading);
        of.fold((0, 0.0), |(calls, units), (_, count)| (calls + count.calls, units + count.units))
    };
    let driven = Driven {
        seconds: Measured::against(most_seconds, seconds),
        cpu_s: round(figure(cpu_ms(process)) / 1_000.0),
        memory_mib: Measured::against(most_mib, figure(peak_memory_kib(process)) / 1_024.0),
        read_calls: calls(true).0,
        read_units: round(calls(true).1),
        write_calls: calls(false).0,
    };
    let answer = work.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    let answer = answer.context("it gave no answer")?.map_err(anyhow::Error::msg)?;
    Ok((answer, driven))
}

fn since(after: &Counts, before: &Counts) -> BTreeMap<String, Count> {
    let difference = |(call, count): (&String, &Count)| {
        let earlier = before.get(call).copied().unwrap_or_default();
        let count = Count {
            calls: count.calls - earlier.calls,
            refused: count.refused - earlier.refused,
            units: count.units - earlier.units,
        };
        (call.clone(), count)
    };
    after.iter().map(difference).collect()
}
