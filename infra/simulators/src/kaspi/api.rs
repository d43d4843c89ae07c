//! The routes, and the gate that every call passes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::account::Desk;
use super::headers::header;
use super::refusal::{AskedFor, Refusal, Title};
use super::{change, orders};
use crate::faults::due;
use crate::server::no_answer;

/// How long a caller that isn't a browser is left hanging.
const HANGS: Duration = Duration::from_secs(20);

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/v2/orders", get(orders::list).post(change::change))
        .route("/v2/orders/{id}/entries", get(orders::entries))
        .route("/v2/orderentries/{id}", get(orders::entry))
        .route("/v2/orderentries/{id}/product", get(orders::card))
        .route("/v2/masterproducts/{id}/merchantProduct", get(orders::own_card))
        .layer(from_fn_with_state(Arc::clone(&desk), gate))
        .with_state(desk)
}

async fn gate(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let name = format!("{} {}", request.method(), request.uri().path());
    match desk.let_in(&name, request.headers()) {
        Admission::Passes => desk.let_out(&name, next.run(request).await),
        Admission::Turned(answer) => *answer,
        Admission::Hangs => {
            tokio::time::sleep(HANGS).await;
            no_answer()
        }
    }
}

enum Admission {
    Passes,
    Turned(Box<Response>),
    Hangs,
}

impl Desk {
    fn let_in(&self, name: &str, headers: &HeaderMap) -> Admission {
        let mut account = self.account();
        account.journal.calls += 1;
        if account.faults.down {
            return Admission::Turned(Box::new(StatusCode::SERVICE_UNAVAILABLE.into_response()));
        }
        if !header(headers, USER_AGENT.as_str()).contains("Mozilla") {
            account.violation(format!("{name}: hangs, the User-Agent isn't a browser's"));
            return Admission::Hangs;
        }
        let is_known = header(headers, "x-auth-token") == self.token;
        if !is_known {
            account.violation(format!("{name}: 401, the token is missing or wrong"));
        }
        if !is_known || account.faults.credential_ended {
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized");
            return Admission::Turned(Box::new(refusal.into_response()));
        }
        if due(&mut account.faults.throttle) {
            let answer = (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")]).into_response();
            return Admission::Turned(Box::new(answer));
        }
        Admission::Passes
    }

    fn let_out(&self, name: &str, mut answer: Response) -> Response {
        let mut account = self.account();
        let is_asked_for = answer.extensions_mut().remove::<AskedFor>().is_some();
        if answer.status().is_client_error() && !is_asked_for {
            let title = answer.extensions_mut().remove::<Title>();
            let Title(why) = title.unwrap_or_else(|| Title("there is no such method".to_owned()));
            account.violation(format!("{name}: {}, {why}", answer.status().as_u16()));
        }
        if due(&mut account.faults.lose_answers) { no_answer() } else { answer }
    }
}
