//! How many of a good there are.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use edin_domain::Sku;
use edin_domain::api_key::Scope;
use edin_domain::bundle::Product;

use crate::Shared;
use crate::door::Door;
use crate::problem::Problem;
use crate::wire::{LevelView, StockView};

/// How many of a good this door can sell, and where it lies.
#[utoipa::path(
    get, path = "/v1/stock/{sku}", tag = "stock", security(("key" = [])),
    params(("sku" = String, Path, description = "The seller's own SKU")),
    responses(
        (status = 200, description = "As it is now", body = StockView),
        Problem,
    ),
)]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(sku): Path<String>,
) -> Result<Json<StockView>, Problem> {
    door.may(Scope::Read)?;
    let unknown = || Problem::Unknown("good");
    let sku = Sku::new(sku).map_err(|_| unknown())?;
    let store = &shared.recorder.store;
    let connection = store.connection(&door.connection).await?.ok_or(Problem::Ours)?;
    let sellable = store.sellable(&sku).await?;
    let product: Product = sellable.partition.product.ok_or_else(unknown)?;
    let locations = connection.locations(None);
    let of_one =
        locations.iter().map(|location| sellable.stock.sellable(&product.components(), std::slice::from_ref(location)));
    let available = of_one.max().unwrap_or(0);
    let levels = sellable.stock.levels().map(|level| LevelView {
        sku: level.place.sku.to_string(),
        location: level.place.location.to_string(),
        on_hand: level.on_hand,
        reserved: level.reserved,
        available: level.available,
        version: level.version,
    });
    Ok(Json(StockView { sku: sku.to_string(), title: product.title, available, levels: levels.collect() }))
}
