//! The simulated channels alone, for a deployment elsewhere to sell in.
//!
//! A small HTTP side takes the part of the buyers and of the seller's cabinets: `POST /buy`,
//! `PUT /cabinet/{connection}`, `POST /step/{connection}`, `GET /shown/{connection}/{sku}`, `GET /journal`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Path as Parts, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use simulators::{Addresses, Opened, Sale, SoldOut};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::shop::STEP_EVERY;
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

/// Addresses that the seller pastes into a cabinet, in the place of those that are there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    hook: Option<String>,
    #[serde(default)]
    secret: Option<String>,
    list: Option<String>,
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
    channels.spawn(&mut tasks, STEP_EVERY);
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
        .route("/cabinet/{connection}", put(paste))
        .route("/step/{connection}", post(step))
        .route("/shown/{connection}/{sku}", get(shown))
        .route("/journal", get(journal))
        .with_state(channels)
}

async fn buy(State(channels): State<Arc<Channels>>, Json(wish): Json<Wish>) -> Result<Json<Value>, Problem> {
    match bought(&channels, &wish).await {
        Ok(Ok(sale)) => Ok(Json(json!({ "order": sale.order, "at": sale.at.millis() }))),
        Ok(Err(sold_out)) => Err(problem(StatusCode::CONFLICT, &sold_out)),
        Err(error) => Err(problem(StatusCode::BAD_REQUEST, &error)),
    }
}

/// A buyer buys at the first warehouse, where the channel shows enough.
async fn bought(channels: &Channels, wish: &Wish) -> anyhow::Result<Result<Sale, SoldOut>> {
    let (stand, good) = (channels.stand(&wish.connection)?, channels.good(&wish.sku)?);
    let warehouse = first_warehouse(stand);
    Ok(match wish.units {
        1 => stand.buy(good, &warehouse).await,
        units => stand.baskets()?.buy(&[(good, units)], &warehouse).await,
    })
}

fn first_warehouse(stand: &Opened) -> String {
    stand.enrolment().warehouses.into_iter().next().map(|warehouse| warehouse.name).unwrap_or_default()
}

async fn paste(
    State(channels): State<Arc<Channels>>,
    Parts(connection): Parts<String>,
    Json(Pasted { hook, secret, list }): Json<Pasted>,
) -> Result<StatusCode, Problem> {
    known(channels.stand(&connection))?.dial(Addresses { hook, secret, list });
    Ok(StatusCode::NO_CONTENT)
}

async fn step(State(channels): State<Arc<Channels>>, Parts(connection): Parts<String>) -> Result<StatusCode, Problem> {
    let stepped = known(channels.stand(&connection))?.step().await;
    stepped.map(|()| StatusCode::NO_CONTENT).map_err(|error| problem(StatusCode::BAD_GATEWAY, &error))
}

/// What buyers see of a good at the first warehouse; null if it isn't listed there.
async fn shown(
    State(channels): State<Arc<Channels>>,
    Parts((connection, sku)): Parts<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let (stand, good) = (known(channels.stand(&connection))?, known(channels.good(&sku))?);
    Ok(Json(json!({ "shown": stand.shown(good, &first_warehouse(stand)) })))
}

async fn journal(State(channels): State<Arc<Channels>>) -> Json<Value> {
    Json(json!({ "calls": channels.stage.calls(), "violations": channels.stage.violations() }))
}

/// A status, and what is wrong.
type Problem = (StatusCode, Json<Value>);

/// What the seller doesn't have is not found.
fn known<T>(found: anyhow::Result<T>) -> Result<T, Problem> {
    found.map_err(|error| problem(StatusCode::NOT_FOUND, &error))
}

fn problem(status: StatusCode, error: &impl ToString) -> Problem {
    (status, Json(json!({ "error": error.to_string() })))
}
