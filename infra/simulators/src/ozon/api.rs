//! The HTTP side: which methods there are, and what every call passes before it reaches one.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use edin_domain::Timestamp;
use serde_json::Value;

use super::request::Refusal;
use super::state::{Limits, State};
use super::{Shop, account, orders, returns, stock};
use crate::faults::{Errand, Fate};
use crate::now;
use crate::server::no_answer;

/// A method: reads or changes what the shop keeps.
type Method = fn(&mut State, &[u8], Timestamp) -> Result<Value, Refusal>;

const METHODS: [(&str, Method); 10] = [
    ("/v4/posting/fbs/unfulfilled/list", orders::unfulfilled),
    ("/v4/posting/fbs/list", orders::list),
    ("/v3/posting/fbs/get", orders::get),
    (stock::WRITE, stock::write),
    ("/v1/product/info/warehouse/stocks", stock::read_warehouse),
    ("/v1/returns/list", returns::list),
    ("/v1/roles", account::roles),
    ("/v1/notification/list", account::notifications),
    ("/v2/warehouse/list", account::warehouses),
    ("/v3/product/list", account::products),
];

/// Methods that tutorials still use and that Ozon has switched off (changelog, March to September 2026).
const OBSOLETE: [&str; 8] = [
    "/v3/posting/fbs/list",
    "/v3/posting/fbs/unfulfilled/list",
    "/v2/posting/fbo/list",
    "/v3/finance/transaction/list",
    "/v3/finance/transaction/totals",
    "/v1/warehouse/list",
    "/v1/delivery-method/list",
    "/v1/product/info/stocks-by-warehouse/fbs",
];

pub(super) fn router(shop: Arc<Shop>) -> Router {
    let methods = METHODS.into_iter().fold(Router::new(), |router, (path, method)| {
        let call = async move |Extract(shop): Extract<Arc<Shop>>, body: Bytes| {
            shop.answer(path, |state, now| method(state, &body, now))
        };
        router.route(path, post(call))
    });
    OBSOLETE
        .into_iter()
        .fold(methods, |router, path| router.route(path, post(missing)))
        .fallback(missing)
        .method_not_allowed_fallback(missing)
        .layer(from_fn_with_state(Arc::clone(&shop), guard))
        .with_state(shop)
}

async fn missing(Extract(shop): Extract<Arc<Shop>>, uri: Uri) -> Response {
    let refusal = if OBSOLETE.contains(&uri.path()) { Refusal::Obsolete } else { Refusal::NoSuchMethod };
    shop.refuse(uri.path(), &refusal)
}

impl Shop {
    /// Lets a method work on what the shop keeps, and answers with what it says, or with its refusal in Ozon's words.
    fn answer(&self, path: &str, method: impl FnOnce(&mut State, Timestamp) -> Result<Value, Refusal>) -> Response {
        let outcome = method(&mut self.lock(), now());
        match outcome {
            Ok(answer) => axum::Json(answer).into_response(),
            Err(refusal) => self.refuse(path, &refusal),
        }
    }

    /// Refuses, and notes it if a correct seller's side wouldn't have been refused.
    fn refuse(&self, path: &str, refusal: &Refusal) -> Response {
        if refusal.is_violation() {
            self.lock().violation(format!("POST {path}: {refusal}"), now());
        }
        refused(refusal)
    }

    fn is_owner(&self, headers: &HeaderMap) -> bool {
        let says =
            |name: &str, expected: &str| headers.get(name).is_some_and(|value| value.as_bytes() == expected.as_bytes());
        says("client-id", &self.client_id) && says("api-key", &self.api_key) && !self.lock().faults.credential_ended
    }
}

/// Injected troubles first, then the key, then the limit of all methods.
async fn guard(Extract(shop): Extract<Arc<Shop>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let errand = if path == stock::WRITE { Errand::WriteStock } else { Errand::Other };
    let fate = {
        let mut state = shop.lock();
        state.journal.calls += 1;
        state.faults.fate(errand)
    };
    let mut response = match fate {
        Fate::Down => return unavailable(),
        Fate::Throttled => refused(&Refusal::Exhausted { retry_after: 1, limit: "injected" }),
        Fate::ServedInVain => {
            serve(&shop, request, next).await;
            return no_answer();
        }
        Fate::Served => serve(&shop, request, next).await,
    };
    let remaining = shop.lock().limits.remaining(&path, now());
    response.headers_mut().insert("ratelimit-remaining", HeaderValue::from(remaining));
    response
}

async fn serve(shop: &Arc<Shop>, request: Request, next: Next) -> Response {
    if !shop.is_owner(request.headers()) {
        return refused(&Refusal::Denied);
    }
    let counted = shop.lock().limits.count(now());
    match counted {
        Ok(()) => next.run(request).await,
        Err(refusal) => shop.refuse(request.uri().path(), &refusal),
    }
}

impl Limits {
    fn count(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if self.calls.pass(now) {
            return Ok(());
        }
        Err(Refusal::exhausted(self.calls.how_long(now), "50 requests a second"))
    }

    /// What a call to `path` has left.
    fn remaining(&mut self, path: &str, now: Timestamp) -> usize {
        let of_all = self.calls.remaining(now);
        if path == stock::WRITE { of_all.min(self.stock_writes.remaining(now)) } else { of_all }
    }
}

/// Ozon's words for a refusal.
fn refused(refusal: &Refusal) -> Response {
    let mut response = (refusal.status(), axum::Json(refusal.body())).into_response();
    if let Refusal::Exhausted { retry_after, .. } = refusal {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
    }
    response
}

fn unavailable() -> Response {
    let page = "<html><head><title>503 Service Temporarily Unavailable</title></head></html>";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}
