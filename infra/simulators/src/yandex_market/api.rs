//! The HTTP side: which methods there are, and what every call passes before it reaches one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, Request, State as Extract};
use axum::http::{self, HeaderMap, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use edin_domain::Timestamp;
use serde_json::Value;

use super::limits::{Quota, Resource};
use super::refusal::Refusal;
use super::request::Call;
use super::state::State;
use super::{Shop, orders, returns, stock, token};
use crate::faults::{Errand, Fate};
use crate::now;
use crate::server::no_answer;

/// Reads or changes what the shop keeps.
type Work = fn(&mut State, &Call, Timestamp) -> Result<Value, Refusal>;

/// A method, with what it counts and the accesses of which a key needs one.
struct Method {
    verb: MethodFilter,
    path: &'static str,
    resource: Resource,
    scopes: &'static [&'static str],
    work: Work,
}

const STOCKS: &str = "/v2/campaigns/{campaignId}/offers/stocks";
const TOKEN: &str = "/v2/auth/token";

const ALL: &str = "ALL_METHODS";
const ALL_TO_READ: &str = "ALL_METHODS_READ_ONLY";
const OFFERS: &str = "OFFERS_AND_CARDS_MANAGEMENT";
const OFFERS_TO_READ: &str = "OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY";
const ORDERS: &str = "INVENTORY_AND_ORDER_PROCESSING";
const ORDERS_TO_READ: &str = "INVENTORY_AND_ORDER_PROCESSING_READ_ONLY";

static METHODS: [Method; 4] = [
    Method {
        verb: MethodFilter::PUT,
        path: STOCKS,
        resource: Resource::StockWritten,
        scopes: &[ALL, OFFERS],
        work: stock::write,
    },
    Method {
        verb: MethodFilter::POST,
        path: STOCKS,
        resource: Resource::StockRead,
        scopes: &[ALL, ALL_TO_READ, OFFERS, OFFERS_TO_READ],
        work: stock::read,
    },
    Method {
        verb: MethodFilter::POST,
        path: "/v1/businesses/{businessId}/orders",
        resource: Resource::Orders,
        scopes: &[ALL, ALL_TO_READ, ORDERS, ORDERS_TO_READ, "FINANCE_AND_ACCOUNTING"],
        work: orders::list,
    },
    Method {
        verb: MethodFilter::GET,
        path: "/v2/campaigns/{campaignId}/returns",
        resource: Resource::Returns,
        scopes: &[ALL, ALL_TO_READ, ORDERS, ORDERS_TO_READ],
        work: returns::list,
    },
];

pub(super) fn router(shop: Arc<Shop>) -> Router {
    let methods = METHODS.iter().fold(Router::new(), |router, method| {
        let call = async move |Extract(shop): Extract<Arc<Shop>>,
                               Query(query): Query<BTreeMap<String, String>>,
                               uri: Uri,
                               body: Bytes| {
            let call = Call { query, body: body.to_vec() };
            shop.answer(method.resource, uri.path(), |state, now| {
                shop.permits(method.scopes, uri.path())?;
                (method.work)(state, &call, now)
            })
        };
        router.route(method.path, on(method.verb, call))
    });
    methods
        .route(TOKEN, on(MethodFilter::POST, about_the_key))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_verb)
        .layer(from_fn_with_state(Arc::clone(&shop), guard))
        .with_state(shop)
}

async fn about_the_key(Extract(shop): Extract<Arc<Shop>>) -> Response {
    shop.answer(Resource::Token, TOKEN, |_, _| Ok(token::described(&shop.scopes)))
}

async fn missing(Extract(shop): Extract<Arc<Shop>>, uri: Uri) -> Response {
    shop.refuse(uri.path(), &Refusal::NoSuchMethod)
}

async fn wrong_verb(Extract(shop): Extract<Arc<Shop>>, uri: Uri) -> Response {
    shop.refuse(uri.path(), &Refusal::WrongVerb)
}

impl Shop {
    /// Counts a call, lets a method work on what the shop keeps, and says what is left of what is counted.
    fn answer(
        &self,
        resource: Resource,
        path: &str,
        work: impl FnOnce(&mut State, Timestamp) -> Result<Value, Refusal>,
    ) -> Response {
        let now = now();
        let (outcome, quota) = {
            let mut state = self.lock();
            let counted = match resource.is_of_calls() {
                true => state.limits.of(resource).take(1, now),
                false => true,
            };
            let outcome = match counted {
                true => work(&mut state, now),
                false => Err(Refusal::Exhausted("calls within an hour".to_owned())),
            };
            (outcome, *state.limits.of(resource))
        };
        let mut response = match outcome {
            Ok(answer) => axum::Json(answer).into_response(),
            Err(refusal) => self.refuse(path, &refusal),
        };
        quota.tell(response.headers_mut());
        response
    }

    fn permits(&self, scopes: &[&str], path: &str) -> Result<(), Refusal> {
        match self.scopes.iter().any(|scope| scopes.contains(&scope.as_str())) {
            true => Ok(()),
            false => Err(Refusal::Forbidden(path.to_owned())),
        }
    }

    /// Refuses, and notes it if a correct seller's side wouldn't have been refused.
    fn refuse(&self, path: &str, refusal: &Refusal) -> Response {
        if refusal.is_violation() {
            self.lock().violation(format!("{path}: {refusal}"), now());
        }
        refusal.into_response()
    }

    /// Whether a call is let in at all.
    fn let_in(&self, request: &Request) -> Result<(), Refusal> {
        let key = request.headers().get("api-key").ok_or(Refusal::Unauthorized)?;
        if key.as_bytes() != self.api_key.as_bytes() || self.lock().faults.credential_ended {
            return Err(Refusal::WrongKey);
        }
        self.is_at_home(request.uri().path())?;
        match is_json(request.headers()) {
            true => Ok(()),
            false => Err(Refusal::Unsupported),
        }
    }

    /// Whether the path names the seller's own cabinet or shop.
    fn is_at_home(&self, path: &str) -> Result<(), Refusal> {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["", _, "businesses", business, ..] if *business != self.business_id.to_string() => {
                Err(Refusal::Forbidden(format!("business {business}")))
            }
            ["", _, "campaigns", campaign, ..] if *campaign != self.lock().campaign_id.to_string() => {
                Err(Refusal::NotFound(format!("campaign {campaign}")))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a body, if there is one, is called JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::CONTENT_TYPE) {
        Some(kind) => kind.starts_with("application/json"),
        None => text(header::CONTENT_LENGTH).is_none_or(|length| length == "0"),
    }
}

/// Injected troubles first, then the key.
async fn guard(Extract(shop): Extract<Arc<Shop>>, request: Request, next: Next) -> Response {
    let errand = if request.method() == http::Method::PUT { Errand::WriteStock } else { Errand::Other };
    let fate = {
        let mut state = shop.lock();
        state.journal.calls += 1;
        state.faults.fate(errand)
    };
    match fate {
        Fate::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fate::Throttled => throttled(),
        Fate::ServedInVain => {
            serve(&shop, request, next).await;
            no_answer()
        }
        Fate::Served => serve(&shop, request, next).await,
    }
}

fn throttled() -> Response {
    let mut response = (&Refusal::Exhausted("calls, injected".to_owned())).into_response();
    Quota::used_up(now()).tell(response.headers_mut());
    response
}

async fn serve(shop: &Arc<Shop>, request: Request, next: Next) -> Response {
    match shop.let_in(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => shop.refuse(request.uri().path(), &refusal),
    }
}
