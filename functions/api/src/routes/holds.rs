//! Holds: goods kept for a while, for a checkout, a visit to the shop, a call back, a chat.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use edin_domain::api_key::Scope;
use edin_domain::order::{Hold, Milestone, OrderState};
use edin_trade::record::{Premise, Work};

use super::{Shown, find, record};
use crate::Shared;
use crate::body::{IdempotencyKey, IfMatch, Told};
use crate::door::Door;
use crate::problem::{Problem, ProblemDetails};
use crate::routes::orders::{asked, cause};
use crate::wire::{Extension, HoldRequest, OrderView, until};

/// Keeps goods until a time, if all of them are there. The same request under the same key is answered as before.
#[utoipa::path(
    post, path = "/v1/holds", tag = "holds", security(("key" = [])),
    params(("Idempotency-Key" = String, Header, min_length = 1, max_length = 60, pattern = r#"^[!$-~][!$-~]*$"#, description = "A text of your own for this request, the same when it is sent again")),
    request_body = HoldRequest,
    responses(
        (status = 201, description = "They are kept", body = OrderView),
        (status = "4XX", description = "They are not", body = ProblemDetails, content_type = "application/problem+json"),
        (status = "5XX", description = "Nothing is known to be kept; send it again", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn place(
    State(shared): State<Arc<Shared>>,
    door: Door,
    IdempotencyKey(key): IdempotencyKey,
    Told { what, digest }: Told<HoldRequest>,
) -> Result<Shown, Problem> {
    door.may(Scope::Shop)?;
    let now = shared.recorder.clock.now();
    let (wanted, end) = what.parts();
    let (state, contact) = wanted.read()?;
    let order = asked(&shared, &door, &key)?;
    // One that was granted is answered as it was, though its time may be over.
    let hold = match shared.recorder.store.orders([order.clone()]).await?.into_values().next() {
        Some(known) => known.state.hold.map_or_else(|| until(&end, now).map(Hold::until), Ok)?,
        None => Hold::until(until(&end, now)?),
    };
    let state = OrderState { hold: Some(hold), ..state };
    let work = Work::told(cause(&order.id, "hold")?, order, state).with_contact(contact).asked_for();
    let known = record(&shared, work.only_if(Premise { request: Some(digest), version: None })).await?;
    Ok(Shown(known, StatusCode::CREATED, now))
}

/// Keeps them longer. One whose time is over is kept again, if the goods are still there.
#[utoipa::path(
    patch, path = "/v1/holds/{id}", tag = "holds", security(("key" = [])),
    params(("id" = String, Path, description = "The hold"), ("If-Match" = Option<String>, Header, nullable = false, pattern = r#"^(\*|"[0-9]{1,18}")$"#, description = "The ETag that it was read with")),
    request_body = Extension,
    responses(
        (status = 200, description = "They are kept until then", body = OrderView),
        (status = "4XX", description = "They are not", body = ProblemDetails, content_type = "application/problem+json"),
        (status = "5XX", description = "Send it again", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn extend(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Told { what, .. }: Told<Extension>,
) -> Result<Shown, Problem> {
    door.may(Scope::Shop)?;
    let now = shared.recorder.clock.now();
    let hold = Hold::until(until(&what.until, now)?);
    let known = find(&shared, &door, &id).await?;
    if known.state.held().is_none() {
        return Err(Problem::NotHeld);
    }
    let told = OrderState { hold: Some(hold), ..OrderState::default() };
    let work = Work::told(cause(&known.key.id, "extend")?, known.key, told).asked_for();
    let known = record(&shared, work.only_if(Premise { request: None, version })).await?;
    Ok(Shown(known, StatusCode::OK, now))
}

/// Lets go of them.
#[utoipa::path(
    delete, path = "/v1/holds/{id}", tag = "holds", security(("key" = [])),
    params(("id" = String, Path, description = "The hold"), ("If-Match" = Option<String>, Header, nullable = false, pattern = r#"^(\*|"[0-9]{1,18}")$"#, description = "The ETag that it was read with")),
    responses(
        (status = 200, description = "They are free", body = OrderView),
        (status = "4XX", description = "They are as they were", body = ProblemDetails, content_type = "application/problem+json"),
        (status = "5XX", description = "Send it again", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn release(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Shown, Problem> {
    door.may(Scope::Shop)?;
    let now = shared.recorder.clock.now();
    let known = find(&shared, &door, &id).await?;
    if known.state.is_ordered() {
        return Err(Problem::NotHeld);
    }
    let told = OrderState::default().with(Milestone::Cancelled, now);
    // Whoever orders it at this moment wins: it isn't called off then without being looked at.
    let premise = Premise { request: None, version: version.or(Some(known.version)) };
    let work = Work::told(cause(&known.key.id, "release")?, known.key.clone(), told).only_if(premise);
    match known.state.has(Milestone::Cancelled) {
        true => Ok(Shown(known, StatusCode::OK, now)),
        false => Ok(Shown(record(&shared, work).await?, StatusCode::OK, now)),
    }
}

/// Makes an order of them, for good. One whose time is over is ordered if the goods are still there.
#[utoipa::path(
    post, path = "/v1/holds/{id}/order", tag = "holds", security(("key" = [])),
    params(("id" = String, Path, description = "The hold"), ("If-Match" = Option<String>, Header, nullable = false, pattern = r#"^(\*|"[0-9]{1,18}")$"#, description = "The ETag that it was read with")),
    responses(
        (status = 200, description = "They are ordered", body = OrderView),
        (status = "4XX", description = "They are not", body = ProblemDetails, content_type = "application/problem+json"),
        (status = "5XX", description = "Send it again", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn order(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Shown, Problem> {
    door.may(Scope::Shop)?;
    let now = shared.recorder.clock.now();
    let known = find(&shared, &door, &id).await?;
    if known.state.is_ordered() {
        return Ok(Shown(known, StatusCode::OK, now));
    }
    if known.state.has(Milestone::Cancelled) {
        return Err(Problem::NotHeld);
    }
    let told = OrderState::default().with(Milestone::Placed, now);
    // Whoever releases it at this moment wins: it isn't ordered then without being looked at.
    let premise = Premise { request: None, version: version.or(Some(known.version)) };
    let work = Work::told(cause(&known.key.id, "order")?, known.key, told).asked_for().only_if(premise);
    Ok(Shown(record(&shared, work).await?, StatusCode::OK, now))
}
