//! The routes, and their description.

mod documents;
mod holds;
mod orders;
mod stock;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use edin_domain::order::Order;
use edin_domain::{Cause, OrderId, Timestamp};
use edin_trade::record::Work;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, License, OpenApi};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Shared;
use crate::door::Door;
use crate::problem::{Problem, ProblemDetails};
use crate::wire::OrderView;

/// All routes, and the description of them.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let (router, description) = described().with_state(shared).split_for_parts();
    let description = Arc::new(description);
    router
        .route("/v1/openapi.json", get(|| async move { Json(description.as_ref().clone()) }))
        .fallback(|| async { Problem::NoRoute })
        .method_not_allowed_fallback(|| async { Problem::NoMethod })
}

/// The description of all routes: OpenAPI 3.1.
#[must_use]
pub fn description() -> OpenApi {
    described().into_openapi()
}

fn described() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(holds::place, holds::list))
        .routes(routes!(holds::extend, holds::release))
        .routes(routes!(holds::order))
        .routes(routes!(orders::place))
        .routes(routes!(orders::show))
        .routes(routes!(orders::pay))
        .routes(routes!(orders::add))
        .routes(routes!(orders::pack))
        .routes(routes!(orders::ship))
        .routes(routes!(orders::deliver))
        .routes(routes!(orders::cancel))
        .routes(routes!(orders::give_back))
        .routes(routes!(orders::sell))
        .routes(routes!(documents::post))
        .routes(routes!(stock::list))
        .routes(routes!(stock::show))
        .routes(routes!(stock::changes))
        .routes(routes!(stock::scan))
}

#[derive(utoipa::OpenApi)]
#[openapi(modifiers(&Head), components(schemas(ProblemDetails)))]
struct Described;

/// What the description says of all routes.
struct Head;

impl Modify for Head {
    fn modify(&self, description: &mut OpenApi) {
        let mut info = Info::new("Edin", "1");
        info.description = Some(
            "The seller's own doors: a till, a shop, the telephone or a script asks here before it sells. Times are RFC 3339 in \
             UTC, units are whole numbers, amounts are decimal texts. Errors are problems as of RFC 9457."
                .to_owned(),
        );
        let mut license = License::new("MIT");
        license.identifier = Some("MIT".to_owned());
        info.license = Some(license);
        description.info = info;
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("edin_…").build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

/// A cause has no more characters.
const LONGEST_CAUSE: usize = 64;

/// What a request is known by in logs and in the ledger.
fn cause(text: &str) -> Result<Cause, Problem> {
    Cause::new(text.chars().take(LONGEST_CAUSE).collect::<String>()).map_err(|_| Problem::Ours)
}

/// Records what a door tells or asks for, and answers with how the order is then.
async fn record(shared: &Shared, work: Work, status: StatusCode, now: Timestamp) -> Result<Shown, Problem> {
    Ok(Shown(shared.recorder.ask(work).await?, status, now))
}

/// An order of this door, by the id in an address.
async fn find(shared: &Shared, door: &Door, id: &str) -> Result<Order, Problem> {
    let id = OrderId::new(id).map_err(|_| Problem::Unknown("order"))?;
    let known = shared.recorder.store.orders([door.order(id)]).await?;
    known.into_values().next().ok_or(Problem::Unknown("order"))
}

/// An order as an answer, with its version.
struct Shown(Order, StatusCode, Timestamp);

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let Self(order, status, now) = self;
        let view = OrderView::of(&order, now);
        (status, [(ETAG, view.etag())], Json(view)).into_response()
    }
}
