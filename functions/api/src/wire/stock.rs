//! The stock as it is told.

use edin_domain::Connection;
use edin_domain::bundle::Product;
use edin_domain::stock::Level;
use edin_store::partition::Sellable;
use serde::Serialize;
use utoipa::ToSchema;

/// How many of a good can be sold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockView {
    /// The seller's own SKU.
    sku: String,
    /// What people call it.
    title: String,
    /// Units that this door can sell, all of one location: of its first warehouse, the location that has most.
    available: i64,
    /// Where it lies; of a bundle, its components.
    levels: Vec<LevelView>,
}

/// What lies at one location, in units.
#[derive(Debug, Serialize, ToSchema)]
struct LevelView {
    /// The good; of a bundle, a component.
    sku: String,
    /// Where it lies.
    location: String,
    /// In the house.
    on_hand: i64,
    /// Promised.
    reserved: i64,
    /// Not promised. Below zero after more was sold than there is.
    available: i64,
    /// Rises with every change.
    version: u64,
}

impl StockView {
    /// What a door can sell of a good.
    pub(crate) fn of(product: Product, sellable: &Sellable, door: &Connection) -> Self {
        let components = product.components();
        let locations = door.locations(None).iter();
        let of_one = locations.map(|location| sellable.stock.sellable(&components, std::slice::from_ref(location)));
        Self {
            sku: product.sku.to_string(),
            title: product.title,
            available: of_one.max().unwrap_or(0),
            levels: sellable.stock.levels().map(LevelView::of).collect(),
        }
    }
}

impl LevelView {
    fn of(level: &Level) -> Self {
        Self {
            sku: level.place.sku.to_string(),
            location: level.place.location.to_string(),
            on_hand: level.on_hand,
            reserved: level.reserved,
            available: level.available,
            version: level.version,
        }
    }
}

/// A page of the goods.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockPage {
    /// By SKU.
    pub(crate) goods: Vec<StockView>,
    /// What to ask for the next page with, as `after`; none of the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// What to ask `/v1/changes` with, as `since`, once the last page was read: take that of the first.
    pub(crate) changes: String,
}

/// Goods whose stock has changed, as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangesView {
    /// By SKU, bundles of what has changed too. Some may be told again.
    pub(crate) goods: Vec<StockView>,
    /// What to ask with the next time, as `since`.
    pub(crate) next: String,
    /// Whether there are more by now.
    pub(crate) has_more: bool,
}

/// What a scanner has read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScanView {
    /// Units of the good that the scan stands for: of a case, all that are in it; of what was weighed, grams.
    pub(crate) units: u32,
    /// The good.
    pub(crate) good: StockView,
}
