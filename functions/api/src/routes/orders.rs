//! Orders of a door, and sales over the counter.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use edin_domain::api_key::Scope;
use edin_domain::order::{LineState, Milestone, Order, OrderKey, OrderState};
use edin_domain::{Cause, LineId, OrderId, Sku, Timestamp};
use edin_platform::digest;
use edin_trade::record::{Premise, Refusal, Work};

use super::{Shown, find, record};
use crate::Shared;
use crate::body::{IdempotencyKey, IfMatch, Told};
use crate::door::Door;
use crate::goods::named;
use crate::problem::Problem;
use crate::wire::{Condition, More, OrderView, Part, Return, State as Stage, Wanted, WantedLine, lines};

/// Digits of an order's id.
const DIGITS: usize = 32;

/// The order that a request under this key is about: the same again whenever it is sent. The key may tell of a person, so its digest
/// stands for it.
pub(super) fn asked(shared: &Shared, door: &Door, key: &str) -> Result<OrderKey, Problem> {
    let named = format!("{}/{key}", door.connection);
    let id: String = digest::keyed(&shared.key, "order", &named).chars().take(DIGITS).collect();
    OrderId::new(id).map(|id| door.order(id)).map_err(|_| Problem::Ours)
}

/// What a step of an order is known by in logs and in the ledger.
pub(super) fn cause(order: &OrderId, step: &str) -> Result<Cause, Problem> {
    super::cause(&format!("{step}:{order}"))
}

/// Takes an order, if all of it is there. The same request under the same key is answered as before.
#[utoipa::path(
    post, path = "/v1/orders", tag = "orders", security(("key" = [])),
    params(IdempotencyKey),
    request_body = Wanted,
    responses(
        (status = 201, description = "It is ordered", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn place(
    State(shared): State<Arc<Shared>>,
    door: Door,
    IdempotencyKey(key): IdempotencyKey,
    Told { what, digest }: Told<Wanted>,
) -> Result<Shown, Problem> {
    door.may(Scope::Shop)?;
    let now = shared.recorder.clock.now();
    let units = named(&shared.recorder.store, &what.lines).await?;
    let (state, contact) = what.read(units)?;
    let order = asked(&shared, &door, &key)?;
    let work = Work::told(cause(&order.id, "order")?, order, state.with(Milestone::Placed, now)).with_contact(contact);
    record(&shared, work.asked_for().only_if(Premise::begun_by(digest)), StatusCode::CREATED, now).await
}

/// Tells of a sale over the counter: the goods are gone, so it is recorded whatever was left. Its key is the receipt's number.
#[utoipa::path(
    post, path = "/v1/sales", tag = "sales", security(("key" = [])),
    params(IdempotencyKey),
    request_body = Wanted,
    responses(
        (status = 201, description = "It is recorded", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn sell(
    State(shared): State<Arc<Shared>>,
    door: Door,
    IdempotencyKey(key): IdempotencyKey,
    Told { what, digest }: Told<Wanted>,
) -> Result<Shown, Problem> {
    door.may(Scope::Till)?;
    let now = shared.recorder.clock.now();
    let units = named(&shared.recorder.store, &what.lines).await?;
    let (state, contact) = what.read(units)?;
    check_goods(&shared, &state).await?;
    let id = OrderId::new(key).map_err(|error| Problem::invalid("header Idempotency-Key", error))?;
    let steps = [Milestone::Placed, Milestone::Paid, Milestone::Shipped, Milestone::Delivered];
    let state = steps.into_iter().fold(state, |state, step| state.with(step, now));
    let work = Work::told(cause(&id, "sale")?, door.order(id), state).with_contact(contact);
    record(&shared, work.only_if(Premise::begun_by(digest)), StatusCode::CREATED, now).await
}

/// Refuses what nobody imported: a till can be corrected, and a line that waits for ever would take nothing.
async fn check_goods(shared: &Shared, state: &OrderState) -> Result<(), Problem> {
    let mut skus = Vec::new();
    for line in state.lines.keys() {
        skus.extend(Sku::new(line.as_str()));
    }
    let known = shared.recorder.store.products(skus).await?;
    let unknown = state.lines.keys().filter(|line| !known.contains_key(line.as_str()));
    let unknown: Vec<(LineId, String)> =
        unknown.map(|line| (line.clone(), "it is none of the goods; import it first".to_owned())).collect();
    if unknown.is_empty() { Ok(()) } else { Err(Problem::Refused(Refusal::NotTaken(unknown))) }
}

/// An order, or a hold.
#[utoipa::path(
    get, path = "/v1/orders/{id}", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order, or the hold")),
    responses(
        (status = 200, description = "As it is now", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
) -> Result<Shown, Problem> {
    door.may(Scope::Read)?;
    let known = find(&shared, &door, &id).await?;
    Ok(Shown(known, StatusCode::OK, shared.recorder.clock.now()))
}

/// It is paid.
#[utoipa::path(
    post, path = "/v1/orders/{id}/pay", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order"), IfMatch),
    responses(
        (status = 200, description = "It is paid", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn pay(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Shown, Problem> {
    let told = |_: &OrderState, now| OrderState::default().with(Milestone::Paid, now);
    step(&shared, &door, &id, version, "pay", &[Stage::Placed, Stage::Shipped, Stage::Delivered], told).await
}

/// It lies ready to be fetched, or to be sent.
#[utoipa::path(
    post, path = "/v1/orders/{id}/pack", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order"), IfMatch),
    responses(
        (status = 200, description = "It is packed", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn pack(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Shown, Problem> {
    let told = |_: &OrderState, now| OrderState::default().with(Milestone::Packed, now);
    step(&shared, &door, &id, version, "pack", &[Stage::Placed], told).await
}

/// More of an order or a hold that hasn't left: so many units of lines altogether, new ones too, if all of that is there.
#[utoipa::path(
    post, path = "/v1/orders/{id}/add", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order, or the hold"), IfMatch),
    request_body = More,
    responses(
        (status = 200, description = "It is as asked for", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Told { what, .. }: Told<More>,
) -> Result<Shown, Problem> {
    door.may(Scope::Shop)?;
    let now = shared.recorder.clock.now();
    let units = named(&shared.recorder.store, &what.lines).await?;
    let told = what.read(units)?;
    let known = in_state(&shared, &door, &id, &[Stage::Held, Stage::Placed], now).await?;
    check_more(&known.state, &told)?;
    let premise = Premise::of_version(version.or(Some(known.version)));
    let work = Work::told(cause(&known.key.id, "add")?, known.key, told).asked_for().only_if(premise);
    record(&shared, work, StatusCode::OK, now).await
}

/// All of it that isn't called off has left.
#[utoipa::path(
    post, path = "/v1/orders/{id}/ship", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order"), IfMatch),
    responses(
        (status = 200, description = "It has left", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn ship(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Shown, Problem> {
    let told = |_: &OrderState, now| OrderState::default().with(Milestone::Shipped, now);
    step(&shared, &door, &id, version, "ship", &[Stage::Placed, Stage::Shipped], told).await
}

/// The buyer has it.
#[utoipa::path(
    post, path = "/v1/orders/{id}/deliver", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order"), IfMatch),
    responses(
        (status = 200, description = "The buyer has it", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn deliver(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Shown, Problem> {
    let told =
        |_: &OrderState, now| OrderState::default().with(Milestone::Shipped, now).with(Milestone::Delivered, now);
    step(&shared, &door, &id, version, "deliver", &[Stage::Placed, Stage::Shipped, Stage::Delivered], told).await
}

/// Calls off what hasn't left: all of it, or so many units of lines altogether.
#[utoipa::path(
    post, path = "/v1/orders/{id}/cancel", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order"), IfMatch),
    request_body = Part,
    responses(
        (status = 200, description = "It is called off", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn cancel(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Told { what, .. }: Told<Part>,
) -> Result<Shown, Problem> {
    let part =
        part(&shared, what.lines.as_deref(), |units| LineState { cancelled: units, ..LineState::default() }).await?;
    let told = |_: &OrderState, now| part.unwrap_or_else(|| OrderState::default().with(Milestone::Cancelled, now));
    step(&shared, &door, &id, version, "cancel", &[Stage::Placed, Stage::Cancelled], told).await
}

/// Goods are back: all that is out, or so many units of lines altogether in this condition. Those that are fit are stock again.
#[utoipa::path(
    post, path = "/v1/orders/{id}/return", tag = "orders", security(("key" = [])),
    params(("id" = String, Path, description = "The order"), IfMatch),
    request_body = Return,
    responses(
        (status = 200, description = "They are back", body = OrderView),
        Problem,
    ),
)]
pub(super) async fn give_back(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Told { what: Return { lines, condition }, .. }: Told<Return>,
) -> Result<Shown, Problem> {
    let back = |units| match condition {
        Condition::Fit => LineState { returned: units, ..LineState::default() },
        Condition::Unfit => LineState { unfit: units, ..LineState::default() },
    };
    let part = part(&shared, lines.as_deref(), back).await?;
    let told = |known: &OrderState, now| match (part, condition) {
        (Some(part), _) => part,
        (None, Condition::Fit) => OrderState::default().with(Milestone::Returned, now),
        (None, Condition::Unfit) => all_unfit(known),
    };
    step(&shared, &door, &id, version, "return", &[Stage::Shipped, Stage::Delivered, Stage::Returned], told).await
}

/// That whatever of an order is out came back unfit.
fn all_unfit(known: &OrderState) -> OrderState {
    let line = |line: &LineState| {
        let counted = known.counted(line);
        LineState { unfit: counted.unfit + counted.out(), ..LineState::default() }
    };
    let lines = known.lines.iter().map(|(id, known)| (id.clone(), line(known))).collect();
    OrderState { lines, ..OrderState::default() }
}

/// Units of some lines; none if all is meant.
async fn part(
    shared: &Shared,
    wanted: Option<&[WantedLine]>,
    line: impl Fn(u32) -> LineState,
) -> Result<Option<OrderState>, Problem> {
    let Some(wanted) = wanted else { return Ok(None) };
    let units = named(&shared.recorder.store, wanted).await?;
    let lines = lines(units, |_, units| line(units));
    Ok(Some(OrderState { lines, ..OrderState::default() }))
}

/// Tells what became of an order that is in one of these states, if it has the lines that are told of.
async fn step(
    shared: &Shared,
    door: &Door,
    id: &str,
    version: Option<u64>,
    name: &str,
    from: &[Stage],
    told: impl FnOnce(&OrderState, Timestamp) -> OrderState,
) -> Result<Shown, Problem> {
    if door.may(Scope::Shop).is_err() {
        door.may(Scope::Till)?;
    }
    let now = shared.recorder.clock.now();
    let known = in_state(shared, door, id, from, now).await?;
    let told = told(&known.state, now);
    check_lines(&known.state, &told)?;
    let premise = Premise::of_version(version.or(Some(known.version)));
    let work = Work::told(cause(&known.key.id, name)?, known.key, told).only_if(premise);
    record(shared, work, StatusCode::OK, now).await
}

/// An order of this door, if it is in one of these states.
async fn in_state(shared: &Shared, door: &Door, id: &str, states: &[Stage], now: Timestamp) -> Result<Order, Problem> {
    let known = find(shared, door, id).await?;
    let stage = Stage::of(&known.state, now);
    if states.contains(&stage) { Ok(known) } else { Err(Problem::WrongState(stage.name())) }
}

/// Refuses fewer units than the order has: what isn't wanted any more is cancelled.
fn check_more(known: &OrderState, told: &OrderState) -> Result<(), Problem> {
    for (id, line) in &told.lines {
        let has = known.lines.get(id).map_or(0, |line| line.ordered);
        if line.ordered < has {
            let wrong = format!("the order has {has} units of {id}, which is more; cancel those that are too many");
            return Err(Problem::invalid("body.lines", wrong));
        }
    }
    Ok(())
}

/// Refuses lines that the order doesn't have, and more units than it can be of.
fn check_lines(known: &OrderState, told: &OrderState) -> Result<(), Problem> {
    for (id, line) in &told.lines {
        let has = known.lines.get(id).map(|line| known.counted(line));
        let has = has.ok_or_else(|| Problem::invalid("body.lines", format!("the order has no line of {id}")))?;
        let (units, most) = match (line.returned, line.unfit) {
            (0, 0) => (line.cancelled, has.ordered.saturating_sub(has.shipped)),
            (0, units) => (units, has.shipped.saturating_sub(has.returned)),
            (units, _) => (units, has.shipped.saturating_sub(has.unfit)),
        };
        if units > most {
            return Err(Problem::invalid(
                "body.lines",
                format!("of {id} it can be {most} units altogether, not {units}"),
            ));
        }
    }
    Ok(())
}
