//! Lambda's Runtime API on this machine; and the AWS services that a function reaches, as far as a start and one webhook go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use bench::function::SECRETS;
use bench::now;
use edin_channels::ozon;
use edin_domain::{ConnectionId, Secret};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const PATIENCE: Duration = Duration::from_secs(20);

/// The stub, on two loopback ports.
pub(crate) struct Stub {
    /// Where the Runtime API is.
    pub(crate) runtime: String,
    /// Where AWS is.
    pub(crate) aws: String,
    told: UnboundedReceiver<Told>,
    shared: Arc<Shared>,
}

struct Shared {
    tell: UnboundedSender<Told>,
    connections: AtomicU64,
    /// Whether a function gets a webhook as its first event, or none.
    webhooks: AtomicU64,
}

/// What a function did.
enum Told {
    Asked(Instant),
    Answered(Value),
}

impl Stub {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let (tell, told) = unbounded_channel();
        let shared = Arc::new(Shared { tell, connections: AtomicU64::new(0), webhooks: AtomicU64::new(0) });
        let runtime = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .with_state(Arc::clone(&shared));
        let runtime = serve(runtime, None).await?;
        let aws = serve(Router::new().fallback(service), Some(Arc::clone(&shared))).await?;
        Ok(Self { runtime, aws, told, shared })
    }

    /// When a function asked for its first event.
    pub(crate) async fn asked(&mut self) -> anyhow::Result<Instant> {
        match self.next_told().await.context("it asked for no event")? {
            Told::Asked(at) => Ok(at),
            Told::Answered(_) => anyhow::bail!("it answered before it asked"),
        }
    }

    /// Gives the next function that asks a webhook. Returns its answer when it has given it.
    pub(crate) async fn webhook_answered(&mut self) -> anyhow::Result<Value> {
        match self.next_told().await.context("it gave no answer")? {
            Told::Answered(answer) => Ok(answer),
            Told::Asked(_) => anyhow::bail!("it asked for another event before it answered"),
        }
    }

    /// The next function that asks gets a webhook.
    pub(crate) fn have_a_webhook(&self) {
        self.shared.webhooks.store(1, Ordering::SeqCst);
    }

    /// Connections to AWS so far.
    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    async fn next_told(&mut self) -> anyhow::Result<Told> {
        tokio::time::timeout(PATIENCE, self.told.recv()).await?.context("the stub is gone")
    }
}

/// Serves on a free port, counting connections where that is asked for.
async fn serve(router: Router, counted: Option<Arc<Shared>>) -> anyhow::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?.to_string();
    let listener = listener.tap_io(move |stream| {
        let _ = stream.set_nodelay(true);
        if let Some(shared) = &counted {
            shared.connections.fetch_add(1, Ordering::SeqCst);
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// There is no event, unless a webhook was ordered.
async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let ordered = shared.webhooks.swap(0, Ordering::SeqCst) > 0;
    let _ = shared.tell.send(Told::Asked(now()));
    if !ordered {
        std::future::pending::<()>().await;
    }
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:bench"),
    ];
    (headers, Json(webhook())).into_response()
}

async fn answered(State(shared): State<Arc<Shared>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    let _ = shared.tell.send(Told::Answered(serde_json::from_slice(&body).unwrap_or_default()));
    StatusCode::ACCEPTED
}

/// What each service says to the few calls that come.
async fn service(headers: HeaderMap) -> Json<Value> {
    let call = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    Json(match call {
        "AmazonSSM.GetParameters" => {
            let name = format!("{SECRETS}/digest_key");
            json!({ "Parameters": [{ "Name": name, "Type": "SecureString", "Value": key() }] })
        }
        "AmazonSQS.SendMessageBatch" => {
            json!({ "Successful": [{ "Id": "0", "MessageId": "1", "MD5OfMessageBody": "0" }], "Failed": [] })
        }
        _ => json!({}),
    })
}

fn key() -> String {
    "0".repeat(64)
}

/// A new posting at Ozon, as API Gateway hands it on.
fn webhook() -> Value {
    use edin_channels::address::{Purpose, token};
    let id = ConnectionId::new("ozon-main");
    let token = id.map(|id| token(&Secret::new(key()), Purpose::Hook(&ozon::NAME), &id));
    let path = format!("/hooks/ozon-main/{}", token.unwrap_or_default());
    let body = json!({
        "message_type": "TYPE_NEW_POSTING", "seller_id": 30_000_001, "warehouse_id": 22_142_605_386_000_u64,
        "posting_number": "0132112277-0101-1", "products": [{ "sku": 500_000_001, "offer_id": "EDN-0001", "quantity": 2 }],
        "in_process_at": "2026-11-22T10:00:00Z", "shipment_date": "2026-11-23T09:00:00Z",
    });
    json!({
        "version": "2.0", "routeKey": "POST /hooks/{connection}/{token}", "rawPath": path, "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "example.execute-api.eu-central-1.amazonaws.com" },
        "requestContext": {
            "accountId": "000000000000", "apiId": "example", "domainName": "example", "domainPrefix": "example",
            "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "195.34.21.7", "userAgent": "Ozon" },
            "requestId": "1", "routeKey": "POST /hooks/{connection}/{token}", "stage": "$default",
            "time": "22/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_341_600_000_i64,
        },
        "body": body.to_string(), "isBase64Encoded": false,
    })
}
