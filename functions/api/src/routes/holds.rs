//! Holds: goods kept for a while, for a checkout, a visit to the shop, a call back, a chat.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use edin_domain::api_key::Scope;
use edin_domain::order::{Hold, Milestone, OrderKey, OrderState};
use edin_store::holds;
use edin_trade::record::{Premise, Work};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Shown, find, record};
use crate::Shared;
use crate::body::{Asked, IdempotencyKey, IfMatch, Told};
use crate::door::Door;
use crate::goods::named;
use crate::problem::Problem;
use crate::routes::orders::{asked, cause};
use crate::wire::{Extension, HoldPage, HoldRequest, OrderView, until};

/// Keeps goods until a time, if all of them are there. The same request under the same key is answered as before.
#[utoipa::path(
    post, path = "/v1/holds", tag = "holds", security(("key" = [])),
    params(IdempotencyKey),
    request_body = HoldRequest,
    responses(
        (status = 201, description = "They are kept", body = OrderView),
        Problem,
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
    let units = named(&shared.recorder.store, &wanted.lines).await?;
    let (state, contact) = wanted.read(units)?;
    let order = asked(&shared, &door, &key)?;
    let hold = match until(&end, now) {
        Ok(until) => Hold::until(until),
        // One that was granted is answered as it was, though its time is over by now.
        Err(problem) => granted(&shared, &order).await?.ok_or(problem)?,
    };
    let state = OrderState { hold: Some(hold), ..state };
    let work = Work::told(cause(&order.id, "hold")?, order, state).with_contact(contact).asked_for();
    record(&shared, work.only_if(Premise::begun_by(digest)), StatusCode::CREATED, now).await
}

/// What was granted before under this key, if anything was.
async fn granted(shared: &Shared, order: &OrderKey) -> Result<Option<Hold>, Problem> {
    let known = shared.recorder.store.orders([order.clone()]).await?;
    Ok(known.into_values().find_map(|known| known.state.hold))
}

/// Keeps them longer. One whose time is over is kept again, if the goods are still there.
#[utoipa::path(
    patch, path = "/v1/holds/{id}", tag = "holds", security(("key" = [])),
    params(("id" = String, Path, description = "The hold"), IfMatch),
    request_body = Extension,
    responses(
        (status = 200, description = "They are kept until then", body = OrderView),
        Problem,
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
    record(&shared, work.only_if(Premise::of_version(version)), StatusCode::OK, now).await
}

/// Lets go of them.
#[utoipa::path(
    delete, path = "/v1/holds/{id}", tag = "holds", security(("key" = [])),
    params(("id" = String, Path, description = "The hold"), IfMatch),
    responses(
        (status = 200, description = "They are free", body = OrderView),
        Problem,
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
    if known.state.has(Milestone::Cancelled) {
        return Ok(Shown(known, StatusCode::OK, now));
    }
    let told = OrderState::default().with(Milestone::Cancelled, now);
    // Whoever orders it at this moment wins: it isn't called off then without being looked at.
    let premise = Premise::of_version(version.or(Some(known.version)));
    let work = Work::told(cause(&known.key.id, "release")?, known.key, told).only_if(premise);
    record(&shared, work, StatusCode::OK, now).await
}

/// Makes an order of them, for good. One whose time is over is ordered if the goods are still there.
#[utoipa::path(
    post, path = "/v1/holds/{id}/order", tag = "holds", security(("key" = [])),
    params(("id" = String, Path, description = "The hold"), IfMatch),
    responses(
        (status = 200, description = "They are ordered", body = OrderView),
        Problem,
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
    let premise = Premise::of_version(version.or(Some(known.version)));
    let work = Work::told(cause(&known.key.id, "order")?, known.key, told).asked_for().only_if(premise);
    record(&shared, work, StatusCode::OK, now).await
}

/// Holds of a page.
const A_PAGE: usize = 100;

/// Which page of the holds.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageOf {
    /// `next` of the page before; the first page if left out.
    #[param(max_length = 200)]
    after: Option<String>,
}

/// The holds of this door, those that end first first, a hundred a page. One that changed in the last moment may be as it was.
#[utoipa::path(
    get, path = "/v1/holds", tag = "holds", security(("key" = [])),
    params(PageOf),
    responses(
        (status = 200, description = "As they are now", body = HoldPage),
        Problem,
    ),
)]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Asked(PageOf { after }): Asked<PageOf>,
) -> Result<Json<HoldPage>, Problem> {
    door.may(Scope::Read)?;
    let after = after.unwrap_or_default();
    if after.len() > LONGEST_PLACE {
        return Err(Problem::invalid("query after", "it was not handed out by this interface"));
    }
    let now = shared.recorder.clock.now();
    let holds = shared.recorder.store.holds_after(&door.connection, &after, A_PAGE).await?;
    let next = holds.last().filter(|_| holds.len() == A_PAGE).and_then(holds::place);
    Ok(Json(HoldPage { holds: holds.iter().map(|hold| OrderView::of(hold, now)).collect(), next }))
}

/// Where a page begins is told in no more bytes.
const LONGEST_PLACE: usize = 200;
