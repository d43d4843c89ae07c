//! The simulated channels alone, for a deployment elsewhere to sell in.
//!
//! A small HTTP side takes the part of the buyers and of the seller's cabinets: `POST /buy`, `PUT /hook`, `PUT /feed`,
//! `POST /pull`, `GET /shown/{connection}/{sku}`, `GET /journal`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Path as Parts, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::shop::PULL_EVERY;
use crate::shop::channels::Channels;

/// A buyer's wish.
#[derive(Debug, Deserialize)]
struct Wish {
    connection: String,
    sku: String,
    #[serde(default = "one")]
    units: u32,
}

const fn one() -> u32 {
    1
}

/// An address that the seller pastes into a cabinet.
#[derive(Debug, Deserialize)]
struct Pasted {
    url: String,
}

/// The channels, and their control side. Stop when dropped.
pub struct Simulated {
    channels: Channels,
    url: String,
    places: PathBuf,
    _tasks: JoinSet<()>,
}

/// Starts them where they were left, by what lies in the folder `out`, or for the first time; what must be known of them is written
/// there.
///
/// # Errors
/// If a port or a file can't be had.
pub async fn open(out: &Path) -> anyhow::Result<Simulated> {
    std::fs::create_dir_all(out)?;
    let channels = Channels::open(out).await?;
    channels.write_imports(out, |_| true)?;
    let mut tasks = JoinSet::new();
    channels.spawn(&mut tasks, PULL_EVERY);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let places = out.join("channels.json");
    let known = json!({ "control": url, "connections": channels.urls() });
    std::fs::write(&places, serde_json::to_vec_pretty(&known)?)?;
    let shared = Arc::new(channels.clone());
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, router(shared)).await {
            tracing::error!(%error, "the control side stopped");
        }
    });
    Ok(Simulated { channels, url, places, _tasks: tasks })
}

impl Simulated {
    /// Where the control side is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file that says where everything is.
    #[must_use]
    pub fn places(&self) -> &Path {
        &self.places
    }

    /// Writes the channels' state down.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn save(&self) -> anyhow::Result<()> {
        self.channels.save()
    }
}

fn router(channels: Arc<Channels>) -> Router {
    Router::new()
        .route("/buy", post(buy))
        .route("/hook", put(hook))
        .route("/feed", put(feed))
        .route("/pull", post(pull))
        .route("/shown/{connection}/{sku}", get(shown))
        .route("/journal", get(journal))
        .with_state(channels)
}

async fn buy(State(channels): State<Arc<Channels>>, Json(wish): Json<Wish>) -> Response {
    match channels.buy(&wish.connection, &wish.sku, wish.units).await {
        Ok(Ok(sale)) => Json(json!({ "order": sale.order, "at": sale.at.millis() })).into_response(),
        Ok(Err(sold_out)) => problem(StatusCode::CONFLICT, &sold_out),
        Err(error) => problem(StatusCode::BAD_REQUEST, &error),
    }
}

async fn hook(State(channels): State<Arc<Channels>>, Json(pasted): Json<Pasted>) -> StatusCode {
    channels.ozon.set_hook(Some(pasted.url));
    StatusCode::NO_CONTENT
}

async fn feed(State(channels): State<Arc<Channels>>, Json(pasted): Json<Pasted>) -> StatusCode {
    channels.kaspi.set_feed(&pasted.url);
    StatusCode::NO_CONTENT
}

async fn pull(State(channels): State<Arc<Channels>>) -> Response {
    match channels.kaspi.pull().await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => problem(StatusCode::BAD_GATEWAY, &error),
    }
}

async fn shown(State(channels): State<Arc<Channels>>, Parts((connection, sku)): Parts<(String, String)>) -> Response {
    match channels.shown(&connection, &sku) {
        Ok(units) => Json(json!({ "shown": units })).into_response(),
        Err(error) => problem(StatusCode::NOT_FOUND, &error),
    }
}

async fn journal(State(channels): State<Arc<Channels>>) -> Json<Value> {
    Json(json!({ "calls": channels.calls(), "violations": channels.violations() }))
}

fn problem(status: StatusCode, error: &impl ToString) -> Response {
    (status, Json(json!({ "error": error.to_string() }))).into_response()
}
