//! Lambda's Runtime API, as far as a function gets before its first event; and SSM, where it reads its secret.

use std::time::{Duration, Instant};

use anyhow::Context;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where the secrets begin.
pub(crate) const SECRETS: &str = "/edin/bench";
const PATIENCE: Duration = Duration::from_secs(20);

/// The stub, on a loopback port.
pub(crate) struct Stub {
    pub(crate) address: String,
    asked: UnboundedReceiver<Instant>,
}

impl Stub {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (ask, asked) = unbounded_channel();
        let router = Router::new().route("/2018-06-01/runtime/invocation/next", get(next));
        let router = router.fallback(parameters).with_state(ask);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, asked })
    }

    /// When a function asked for its first event.
    pub(crate) async fn asked(&mut self) -> anyhow::Result<Instant> {
        let asked = tokio::time::timeout(PATIENCE, self.asked.recv()).await;
        asked.context("it asked for no event")?.context("the stub is gone")
    }
}

/// There is no event.
async fn next(State(ask): State<UnboundedSender<Instant>>) -> StatusCode {
    let _ = ask.send(now());
    std::future::pending().await
}

async fn parameters() -> Json<Value> {
    let name = format!("{SECRETS}/digest_key");
    Json(json!({ "Parameters": [{ "Name": name, "Type": "SecureString", "Value": "0".repeat(64) }] }))
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "wall-clock time is what is measured here")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
