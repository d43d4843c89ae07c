//! The HTTP side: which routes there are, and what every call passes before it reaches one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State as Extract};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::refusal::Refusal;
use super::request::{Call, Page};
use super::state::State;
use super::{Shop, batch, orders, products, webhooks};
use crate::faults::{Errand, Fate};
use crate::now;
use crate::server::no_answer;

type Asked = Query<BTreeMap<String, String>>;
type Of = Extract<Arc<Shop>>;

const BASE: &str = "/wp-json/wc/v3";

pub(super) fn router(shop: Arc<Shop>) -> Router {
    let routes = Router::new()
        .route("/orders", get(async |shop: Of, query: Asked| shop.list("orders", query, orders::list)))
        .route("/orders/{id}", get(one_order))
        .route(
            "/products",
            get(async |shop: Of, query: Asked| {
                shop.list("products", query, |state, call| products::list(state, call, None))
            }),
        )
        .route("/products/batch", post(async |shop: Of, body: Bytes| shop.write(None, &body)))
        .route("/products/{id}/variations", get(variations))
        .route(
            "/products/{id}/variations/batch",
            post(async |shop: Of, Path(id): Path<u64>, body: Bytes| shop.write(Some(id), &body)),
        )
        .route("/webhooks", get(async |shop: Of, query: Asked| shop.list("webhooks", query, webhooks::list)))
        .route("/webhooks/{id}", put(one_webhook));
    Router::new()
        .nest(BASE, routes)
        .fallback(async |shop: Of| shop.refuse("a call", &Refusal::NoRoute))
        .method_not_allowed_fallback(async |shop: Of| shop.refuse("a call", &Refusal::NoRoute))
        .layer(from_fn_with_state(Arc::clone(&shop), guard))
        .with_state(shop)
}

async fn one_order(shop: Of, Path(id): Path<u64>, Query(query): Asked) -> Response {
    let call = Call { query, body: Vec::new() };
    shop.answer("orders/{id}", |state| orders::one(state, &call, id))
}

async fn variations(shop: Of, Path(id): Path<u64>, query: Asked) -> Response {
    shop.list("products/{id}/variations", query, |state, call| products::list(state, call, Some(id)))
}

async fn one_webhook(shop: Of, Path(id): Path<u64>, body: Bytes) -> Response {
    let call = Call { query: BTreeMap::new(), body: body.to_vec() };
    shop.answer("webhooks/{id}", |state| webhooks::update(state, &call, id))
}

impl Shop {
    fn list(
        &self,
        route: &str,
        Query(query): Asked,
        work: impl FnOnce(&mut State, &Call) -> Result<Page, Refusal>,
    ) -> Response {
        let call = Call { query, body: Vec::new() };
        let listed = work(&mut self.lock(), &call);
        match listed {
            Ok(Page { records, total, pages }) => {
                let counts = [("X-WP-Total", total.to_string()), ("X-WP-TotalPages", pages.to_string())];
                (counts, axum::Json(records)).into_response()
            }
            Err(refusal) => self.refuse(route, &refusal),
        }
    }

    fn write(&self, parent: Option<u64>, body: &Bytes) -> Response {
        let call = Call { query: BTreeMap::new(), body: body.to_vec() };
        self.answer("products/batch", |state| batch::write(state, &call, parent, now()))
    }

    fn answer(&self, route: &str, work: impl FnOnce(&mut State) -> Result<Value, Refusal>) -> Response {
        let done = work(&mut self.lock());
        match done {
            Ok(answer) => axum::Json(answer).into_response(),
            Err(refusal) => self.refuse(route, &refusal),
        }
    }

    /// Refuses, and notes it if a correct seller's side wouldn't have been refused.
    fn refuse(&self, route: &str, refusal: &Refusal) -> Response {
        if refusal.is_violation() {
            self.lock().violation(format!("{route}: {}", refusal.message()), now());
        }
        refusal.into_response()
    }

    /// Whether a call is let in at all.
    fn let_in(&self, request: &Request) -> Result<(), Refusal> {
        let told = request.headers().get(header::AUTHORIZATION).ok_or(Refusal::NobodyCalls)?;
        let expected = format!("Basic {}", STANDARD.encode(format!("{}:{}", self.key, self.secret)));
        match told.as_bytes() == expected.as_bytes() && !self.lock().faults.credential_ended {
            true => Ok(()),
            false => Err(Refusal::WrongKey),
        }
    }
}

/// Injected troubles first, then the key.
async fn guard(Extract(shop): Of, request: Request, next: Next) -> Response {
    let errand = if request.method() == Method::POST { Errand::WriteStock } else { Errand::Other };
    let fate = {
        let mut state = shop.lock();
        state.journal.calls += 1;
        state.faults.fate(errand)
    };
    match fate {
        Fate::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fate::Throttled => (&Refusal::Exhausted).into_response(),
        Fate::ServedInVain => {
            serve(&shop, request, next).await;
            no_answer()
        }
        Fate::Served => serve(&shop, request, next).await,
    }
}

async fn serve(shop: &Arc<Shop>, request: Request, next: Next) -> Response {
    match shop.let_in(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => shop.refuse(request.uri().path(), &refusal),
    }
}
