//! How many of a good there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use edin_domain::api_key::Scope;
use edin_domain::{Connection, Sku};
use edin_store::changes::{Changes, Position};
use edin_store::partition::Glance;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Shared;
use crate::body::Asked;
use crate::door::Door;
use crate::goods::scanned;
use crate::problem::Problem;
use crate::wire::{ChangesView, ScanView, StockPage, StockView};

/// Goods of a page: each is a query or two.
const A_PAGE: u16 = 100;
/// Goods that are looked at at the same time.
const AT_ONCE: usize = 16;

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
    let connection = connection(&shared, &door).await?;
    let view = view(&shared.recorder.store.glance(), &connection, &sku).await?;
    view.map(|(view, _)| Json(view)).ok_or_else(unknown)
}

/// Which page of the goods.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageOf {
    /// `next` of the page before; the first page if left out.
    #[param(max_length = 64)]
    after: Option<String>,
}

/// All goods, a hundred a page, for who keeps a copy of them.
#[utoipa::path(
    get, path = "/v1/stock", tag = "stock", security(("key" = [])),
    params(PageOf),
    responses(
        (status = 200, description = "As they are now", body = StockPage),
        Problem,
    ),
)]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Asked(PageOf { after }): Asked<PageOf>,
) -> Result<Json<StockPage>, Problem> {
    door.may(Scope::Read)?;
    let changes = Position::at(shared.recorder.clock.now());
    let after = after.map(Sku::new).transpose().map_err(|error| Problem::invalid("query after", error))?;
    let connection = connection(&shared, &door).await?;
    let goods = shared.recorder.store.goods_after(after.as_ref(), A_PAGE).await?;
    let skus: Vec<Sku> = goods.into_iter().map(|product| product.sku).collect();
    let next = skus.last().filter(|_| skus.len() == usize::from(A_PAGE)).map(Sku::to_string);
    let goods = views(&shared, &connection, skus).await?;
    Ok(Json(StockPage { goods: known(goods), next, changes: changes.as_str().to_owned() }))
}

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    /// `changes` of the first page of the goods, or `next` of the answer before.
    #[param(min_length = 1, max_length = 100)]
    since: String,
}

/// The goods whose stock has changed, as it is now. Ask again at once while there are more, and every few seconds otherwise.
#[utoipa::path(
    get, path = "/v1/changes", tag = "stock", security(("key" = [])),
    params(Since),
    responses(
        (status = 200, description = "What has changed", body = ChangesView),
        Problem,
    ),
)]
pub(super) async fn changes(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Asked(Since { since }): Asked<Since>,
) -> Result<Json<ChangesView>, Problem> {
    door.may(Scope::Read)?;
    let now = shared.recorder.clock.now();
    let since = Position::parse(&since);
    let since = since.ok_or_else(|| Problem::invalid("query since", "it was not handed out by this interface"))?;
    if since.is_too_old(now) {
        return Err(Problem::TooOld);
    }
    let connection = connection(&shared, &door).await?;
    let Changes { skus, next, has_more } = shared.recorder.store.changes_since(&since, A_PAGE.into(), now).await?;
    let changed = views(&shared, &connection, skus.iter().cloned().collect()).await?;
    let bundles: BTreeSet<Sku> = changed.iter().flat_map(|(_, bundles)| bundles).cloned().collect();
    let bundles = bundles.difference(&skus).cloned().collect();
    let mut goods = known(changed);
    goods.extend(known(views(&shared, &connection, bundles).await?));
    Ok(Json(ChangesView { goods, next: next.as_str().to_owned(), has_more }))
}

/// What a scanner has read: the good, and how many units of it the scan stands for.
#[utoipa::path(
    get, path = "/v1/barcodes/{code}", tag = "stock", security(("key" = [])),
    params(("code" = String, Path, description = "What the scanner has read")),
    responses(
        (status = 200, description = "It is of this good", body = ScanView),
        Problem,
    ),
)]
pub(super) async fn scan(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Path(code): Path<String>,
) -> Result<Json<ScanView>, Problem> {
    door.may(Scope::Read)?;
    let connection = connection(&shared, &door).await?;
    let (sku, units) = scanned(&shared.recorder.store, &code).await?;
    let view = view(&shared.recorder.store.glance(), &connection, &sku).await?;
    let (good, _) = view.ok_or(Problem::Unknown("good"))?;
    Ok(Json(ScanView { units, good }))
}

async fn connection(shared: &Shared, door: &Door) -> Result<Connection, Problem> {
    shared.recorder.store.connection(&door.connection).await?.ok_or(Problem::Ours)
}

/// A good as it is told, with the bundles that it is part of; none if it isn't known.
type View = Option<(StockView, BTreeSet<Sku>)>;

async fn view(glance: &Glance<'_>, door: &Connection, sku: &Sku) -> Result<View, Problem> {
    let mut sellable = glance.sellable(sku).await?;
    let Some(product) = sellable.partition.product.take() else { return Ok(None) };
    Ok(Some((StockView::of(product, &sellable, door), sellable.partition.bundles)))
}

/// Goods as they are told, in the order that they are asked for.
async fn views(shared: &Shared, door: &Connection, skus: Vec<Sku>) -> Result<Vec<(StockView, BTreeSet<Sku>)>, Problem> {
    let glance = shared.recorder.store.glance();
    let views = skus.iter().map(|sku| view(&glance, door, sku)).collect::<Vec<_>>();
    let views: Vec<View> = stream::iter(views).buffered(AT_ONCE).try_collect().await?;
    Ok(views.into_iter().flatten().collect())
}

fn known(views: Vec<(StockView, BTreeSet<Sku>)>) -> Vec<StockView> {
    views.into_iter().map(|(view, _)| view).collect()
}
