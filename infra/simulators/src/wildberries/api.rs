//! The routes, and the gate that every call passes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::account::Shop;
use super::limits::Group;
use super::refusal::{Blame, Reason, problem};
use super::{cards, orders, stock};
use crate::faults::due;
use crate::now;
use crate::server::no_answer;

pub(super) fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/api/v3/orders/new", get(orders::newest))
        .route("/api/v3/orders", get(orders::list))
        .route("/api/v3/orders/status", post(orders::statuses))
        .route("/api/v3/stocks/{warehouse}", put(stock::write).post(stock::read))
        .route("/api/v3/warehouses", get(stock::warehouses))
        .route("/content/v2/get/cards/list", post(cards::list))
        .layer(from_fn_with_state(Arc::clone(&shop), gate))
        .with_state(shop)
}

async fn ping() -> Json<Value> {
    Json(json!({ "TS": now().to_string(), "Status": "OK" }))
}

async fn gate(State(shop): State<Arc<Shop>>, request: Request, next: Next) -> Response {
    let group = Group::of(request.uri().path());
    let name = format!("{} {}", request.method(), request.uri().path());
    if let Err(answer) = shop.let_in(group, &name, request.headers()) {
        return *answer;
    }
    let answer = next.run(request).await;
    shop.let_out(group, &name, answer)
}

/// The token that a call carries, if any.
fn sent(headers: &HeaderMap) -> &str {
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.strip_prefix("Bearer ").unwrap_or(sent)
}

impl Shop {
    fn let_in(&self, group: Group, name: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
        let mut account = self.account();
        account.journal.calls += 1;
        if account.faults.down {
            return Err(Box::new(StatusCode::SERVICE_UNAVAILABLE.into_response()));
        }
        if due(&mut account.faults.throttle) {
            return Err(Box::new(group.too_many(std::time::Duration::from_secs(1))));
        }
        if let Err(wait) = account.meter(group).pass(now()) {
            account.violation(format!("{name}: too many calls for a burst of {}", group.burst()));
            return Err(Box::new(group.too_many(wait)));
        }
        let is_known = sent(headers) == account.token;
        if !is_known || account.faults.credential_ended {
            account.punish(group, now());
            if !is_known {
                account.violation(format!("{name}: 401, the token is missing or wrong"));
            }
            return Err(Box::new(problem(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "token problem; token is malformed",
            )));
        }
        Ok(())
    }

    fn let_out(&self, group: Group, name: &str, mut answer: Response) -> Response {
        let mut account = self.account();
        if answer.status().is_client_error() {
            account.punish(group, now());
            let reason = answer
                .extensions_mut()
                .remove::<Reason>()
                .unwrap_or(Reason { blame: Blame::Caller, text: "there is no such method".to_owned() });
            if reason.blame == Blame::Caller {
                account.violation(format!("{name}: {}, {}", answer.status().as_u16(), reason.text));
            }
        }
        let remaining = account.meter(group).remaining(now());
        answer.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(remaining));
        let is_lost = match name.starts_with("PUT ") && due(&mut account.faults.lose_writes) {
            true => true,
            false => due(&mut account.faults.lose_answers),
        };
        if is_lost { no_answer() } else { answer }
    }
}
