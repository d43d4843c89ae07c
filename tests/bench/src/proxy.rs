//! Stands between a function and the engine, and adds up calls and capacity. SSM and SQS it plays itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::function::SECRETS;

/// What a kind of call came to.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Count {
    /// Calls.
    pub calls: u64,
    /// Those of them that DynamoDB refused.
    pub refused: u64,
    /// Read or write capacity units.
    pub units: f64,
}

/// By operation.
pub type Counts = BTreeMap<String, Count>;

/// Whether an operation of DynamoDB's reads.
#[must_use]
pub fn is_read(operation: &str) -> bool {
    matches!(operation, "GetItem" | "BatchGetItem" | "Query" | "Scan")
}

/// The proxy, on a loopback port. Stops when dropped.
pub struct Proxy {
    /// Where it is.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    engine: String,
    /// By name, below where they begin.
    secrets: BTreeMap<String, String>,
    http: reqwest::Client,
    counts: Mutex<Counts>,
    /// None if nobody wants them.
    recorded: Mutex<Option<Vec<Recorded>>>,
}

/// A call of DynamoDB, as it came.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `DynamoDB_20120810.` and the operation.
    pub target: String,
    /// The request.
    pub body: Value,
}

impl Proxy {
    /// Starts it before `engine`, with these secrets in SSM.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(engine: &str, secrets: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build()?;
        let shared = Arc::new(Shared {
            engine: engine.to_owned(),
            secrets,
            http,
            counts: Mutex::default(),
            recorded: Mutex::default(),
        });
        let router = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move { _ = axum::serve(listener, router).await });
        Ok(Self { url, shared, task })
    }

    /// Records calls from now on.
    pub fn record(&self) {
        *self.shared.recorded.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// What was recorded so far.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.shared.recorded.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    match shared.forward(&headers, &body).await {
        Ok((status, body)) => (status, [("content-type", "application/x-amz-json-1.0")], body).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Shared {
    async fn forward(&self, headers: &HeaderMap, body: &[u8]) -> anyhow::Result<(StatusCode, Bytes)> {
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let mut request: Value = serde_json::from_slice(body)?;
        if !target.starts_with("DynamoDB") {
            return Ok((StatusCode::OK, self.play(target, &request).to_string().into()));
        }
        if let Some(recorded) = &mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner) {
            recorded.push(Recorded { target: target.to_owned(), body: request.clone() });
        }
        if let Some(fields) = request.as_object_mut() {
            fields.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
        }
        let mut call = self.http.post(&self.engine).body(request.to_string());
        for name in ["x-amz-target", "authorization", "content-type", "x-amz-date"] {
            if let Some(value) = headers.get(name) {
                call = call.header(name, value);
            }
        }
        let answer = call.send().await?;
        let (status, body) = (answer.status(), answer.bytes().await?);
        self.count(target.rsplit('.').next().unwrap_or_default(), status.is_success(), &body);
        Ok((status, body))
    }

    /// Every secret, whichever is asked for; every message taken.
    fn play(&self, target: &str, request: &Value) -> Value {
        if target.starts_with("AmazonSSM") {
            let named = |(name, value): (&String, &String)| json!({ "Name": format!("{SECRETS}/{name}"), "Type": "SecureString", "Value": value });
            return json!({ "Parameters": self.secrets.iter().map(named).collect::<Vec<_>>() });
        }
        let entries = request.get("Entries").and_then(Value::as_array);
        let taken = |entry: &Value| json!({ "Id": entry.get("Id"), "MessageId": "1", "MD5OfMessageBody": "0" });
        json!({ "Successful": entries.into_iter().flatten().map(taken).collect::<Vec<_>>(), "Failed": [] })
    }

    fn count(&self, operation: &str, is_done: bool, body: &[u8]) {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let consumed = answer.get("ConsumedCapacity").cloned().unwrap_or_default();
        let units = |consumed: &Value| consumed.get("CapacityUnits").and_then(Value::as_f64).unwrap_or_default();
        let units = consumed.as_array().map_or_else(|| units(&consumed), |all| all.iter().map(units).sum());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(operation.to_owned()).or_default();
        count.calls += 1;
        count.refused += u64::from(!is_done);
        count.units += units;
    }
}
