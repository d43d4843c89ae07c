//! Stock work: what people say of the stock besides orders.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use edin_domain::LocationId;
use edin_domain::api_key::Scope;
use edin_domain::document::{Document, DocumentLine};
use edin_store::commit::Stamp;

use super::cause;
use crate::Shared;
use crate::body::{IdempotencyKey, Told};
use crate::door::Door;
use crate::goods::count;
use crate::problem::Problem;
use crate::wire::{DocumentRequest, DocumentView};

/// Takes a receipt, a stocktake, a move, a write-off or a correction: all its lines, or none if one of them can't be. The same
/// request under the same key is answered as before; each kind has keys of its own.
#[utoipa::path(
    post, path = "/v1/documents", tag = "stock", security(("key" = [])),
    params(IdempotencyKey),
    request_body = DocumentRequest,
    responses(
        (status = 201, description = "It is taken", body = DocumentView),
        Problem,
    ),
)]
pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    door: Door,
    IdempotencyKey(key): IdempotencyKey,
    Told { mut what, .. }: Told<DocumentRequest>,
) -> Result<(StatusCode, Json<DocumentView>), Problem> {
    door.may(Scope::Stock)?;
    let now = shared.recorder.clock.now();
    count(&shared.recorder.store, &mut what.lines).await?;
    let document = what.read(format!("{}/{key}", door.connection), door.name().to_owned(), now)?;
    check_locations(&shared, &document).await?;
    let stamp = Stamp { cause: cause(&document.name())?, at: now };
    let posted = shared.recorder.store.post(&document, &stamp).await?;
    Ok((StatusCode::CREATED, Json(DocumentView::of(&document, posted))))
}

/// Refuses a location that nothing is sold from: a name mistyped would hide the goods from every channel.
async fn check_locations(shared: &Shared, document: &Document) -> Result<(), Problem> {
    let connections = shared.recorder.store.connections().await?;
    let warehouses = connections.values().flat_map(|connection| connection.warehouses.values());
    let known: BTreeSet<&LocationId> = warehouses.flatten().collect();
    let named = |line: &DocumentLine| line.places().map(|place| place.location).collect::<Vec<_>>();
    match document.lines.iter().flat_map(named).find(|location| !known.contains(location)) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = known.into_iter().map(LocationId::as_str).collect();
            let wrong = format!("nothing is sold from {unknown}; what is sold from: {}", known.join(", "));
            Err(Problem::invalid("body.lines", wrong))
        }
    }
}
