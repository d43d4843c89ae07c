//! `/v1/…`: the seller's own doors, such as a till, a shop, the telephone or a script, which ask before they sell.
//!
//! A request goes `door` (whose key is it, and may it) → `routes` (a file for each kind of thing) → `edin_trade::record`, by which
//! intake records too → `wire` (what is answered). What goes wrong is a `Problem`. The description that is
//! served under `/v1/openapi.json` is made of the same handlers and types that answer.

mod body;
mod door;
mod goods;
mod problem;
mod routes;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body as Stream, to_bytes};
use axum::http::Request;
use edin_domain::Secret;
use edin_trade::record::Recorder;
use lambda_http::{Body, Response};
use tower::ServiceExt as _;

use crate::door::Meters;

pub use crate::door::issue;
pub use crate::routes::description;

/// The function.
pub struct Api {
    router: Router,
}

/// What the handlers share.
struct Shared {
    /// What records orders.
    recorder: Recorder,
    /// What keys and order ids are digested with.
    key: Secret<String>,
    /// How fast each key is used.
    meters: Meters,
}

/// The largest answer, in bytes: above what Lambda takes, so that this is never what bounds it.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

impl Api {
    /// Records by `recorder`; `key` is what keys are digested with.
    #[must_use]
    pub fn new(recorder: Recorder, key: Secret<String>) -> Self {
        let shared = Arc::new(Shared { recorder, key, meters: Meters::default() });
        Self { router: routes::router(shared) }
    }

    /// Answers one call of `/v1/…`.
    pub async fn handle(&self, request: lambda_http::Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, Stream::from(body.as_ref().to_vec()));
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        match to_bytes(body, LARGEST_ANSWER).await {
            Ok(bytes) => Response::from_parts(parts, Body::from(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                Response::builder().status(500).body(Body::Empty).unwrap_or_default()
            }
        }
    }
}
