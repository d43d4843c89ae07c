//! The floor: the calls of DynamoDB that intake makes for an event, recorded once and made again and again for other orders.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use bench::proxy::{Proxy, Recorded};
use bench::runtime::Runtime;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::engine::Engine;
use crate::messages::{FIRST_ORDER, Messages, Plan};
use crate::run::{spawn, until_idle};
use crate::{Load, Peer};

/// Events that are recorded.
const EVENTS: usize = 200;
/// What the first of them are answered from is not yet what later ones find.
const WARM: usize = 20;
/// Orders of different environments are so far apart.
const APART: u64 = 10_000_000;
/// By what ends an event's calls.
const COMMIT: &str = "DynamoDB_20120810.TransactWriteItems";
/// The engine checks none, and wants one.
const SIGNATURE: &str =
    "AWS4-HMAC-SHA256 Credential=bench/20261122/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// The calls of one event.
#[derive(Debug, Serialize, Deserialize)]
struct Event(Vec<Call>);

#[derive(Debug, Serialize, Deserialize)]
struct Call {
    target: String,
    /// Text, and the orders' numbers between.
    body: Vec<Piece>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Piece {
    Text(String),
    Order(u64),
}

/// Records what intake calls for events of this plan, into a file.
pub(crate) async fn record(load: &Load, plan: Plan) -> anyhow::Result<NamedTempFile> {
    let plan = Plan { peer: Peer::Edin, most: Some(u64::try_from(plan.batch * EVENTS)?), ..plan };
    let engine = Engine::start(plan.peer, plan.skus, &load.memory).await?;
    let proxy = Proxy::start(&engine.url, BTreeMap::new()).await?;
    proxy.record();
    let messages = Arc::new(Messages::new(plan));
    let runtime = Runtime::start(messages.clone()).await?;
    let _intake = spawn(load, plan.peer, Vec::new(), &runtime, &proxy.url)?;
    runtime.ready(1).await?;
    runtime.open();
    until_idle(&messages, &runtime).await?;
    let events: Vec<Event> = events(proxy.recorded()).into_iter().skip(WARM).collect();
    ensure!(!events.is_empty(), "intake committed nothing");
    let mut file = NamedTempFile::new()?;
    file.write_all(&serde_json::to_vec(&events)?)?;
    Ok(file)
}

/// Each event ends with its commit, for none of its orders is known.
fn events(recorded: Vec<Recorded>) -> Vec<Event> {
    let (mut events, mut calls) = (Vec::new(), Vec::new());
    for Recorded { target, mut body } in recorded {
        // It would make the second of two equal commits none.
        body.as_object_mut().and_then(|body| body.remove("ClientRequestToken"));
        let is_last = target == COMMIT;
        calls.push(Call { target, body: pieces(&body.to_string()) });
        if is_last {
            events.push(Event(std::mem::take(&mut calls)));
        }
    }
    events
}

/// Orders are numbers of nine digits, and nothing else is one.
fn pieces(body: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(String::new())];
    for part in body.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
        let digits = part.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let number = digits.parse::<u64>().ok().filter(|number| (FIRST_ORDER..FIRST_ORDER + APART).contains(number));
        pieces.extend(number.map(Piece::Order));
        let text = if number.is_some() { part.trim_start_matches(digits) } else { part };
        match pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ => pieces.push(Piece::Text(text.to_owned())),
        }
    }
    pieces
}

/// An environment: answers each event when its calls are made.
pub(crate) async fn serve(recording: &Path, environment: u64) -> anyhow::Result<()> {
    let events: Vec<Event> = serde_json::from_slice(&std::fs::read(recording)?)?;
    let setting = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let (runtime, engine) = (setting("AWS_LAMBDA_RUNTIME_API")?, setting("DDB_ENDPOINT")?);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let invocation = format!("http://{runtime}/2018-06-01/runtime/invocation");
    let round = APART / 1_000;
    let mut later = environment * APART;
    loop {
        for event in &events {
            let next = http.get(format!("{invocation}/next")).send().await?;
            let id = next.headers().get("lambda-runtime-aws-request-id").context("an event without an id")?;
            let response = format!("{invocation}/{}/response", id.to_str()?);
            next.bytes().await?;
            for call in &event.0 {
                make(&http, &engine, call, later).await?;
            }
            http.post(response).body(r#"{"batchItemFailures":[]}"#).send().await?;
        }
        later += round;
    }
}

async fn make(http: &Client, engine: &str, call: &Call, later: u64) -> anyhow::Result<()> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Order(number) => (number + later).to_string(),
    };
    let body: String = call.body.iter().map(text).collect();
    let headers = [
        ("x-amz-target", call.target.as_str()),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-date", "20261122T100000Z"),
        ("authorization", SIGNATURE),
    ];
    let request = headers.into_iter().fold(http.post(engine), |request, (name, value)| request.header(name, value));
    let answer = request.body(body).send().await?;
    let (status, body) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{}: {status} {body}", call.target);
    Ok(())
}
