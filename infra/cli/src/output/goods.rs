//! Goods, listings and locations, as tables.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use edin_domain::LocationId;
use edin_domain::listing::{OwnBuffer, OwnPolicy, Standing};
use edin_look::goods::{GoodCard, ListingCard, LocationCard, Units};

fn table<const N: usize>(titles: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    // A line a row: there may be thousands.
    table.load_style(presets::NOTHING);
    table.set_header(titles);
    table.add_rows(rows);
    table.to_string()
}

/// Goods, a row each.
pub(crate) fn goods(goods: &[GoodCard]) -> String {
    let row = |good: &GoodCard| {
        let [on_hand, reserved, available] = numbers(good.units());
        [good.product.sku.to_string(), good.product.title.clone(), on_hand, reserved, available]
    };
    table(["SKU", "title", "on hand", "reserved", "available"], goods.iter().map(row))
}

/// Where a good lies, a row a location.
pub(crate) fn levels(good: &GoodCard) -> String {
    let row = |(location, units): (&LocationId, &Units)| {
        let [on_hand, reserved, available] = numbers(*units);
        [location.to_string(), on_hand, reserved, available]
    };
    table(["location", "on hand", "reserved", "available"], good.locations.iter().map(row))
}

/// Listings, a row each.
pub(crate) fn listings(listings: &[ListingCard]) -> String {
    let row = |card: &ListingCard| {
        let state = match (card.ended_at, card.standing) {
            (Some(_), _) => "ended",
            (None, Standing::Paused) => "paused",
            (None, Standing::Selling | Standing::OutsideAssortment | Standing::Delisted) => "selling",
        };
        let ids: Vec<String> = card.ids.iter().map(|(name, id)| format!("{name} {id}")).collect();
        let price = card.price.map_or_else(String::new, |price| price.to_string());
        let (connection, warehouse) = (card.connection.to_string(), card.warehouse.to_string());
        [card.sku.to_string(), connection, warehouse, state.to_owned(), price, own(&card.policy), ids.join(", ")]
    };
    table(["SKU", "connection", "warehouse", "is", "price", "policy of its own", "called"], listings.iter().map(row))
}

/// Locations, a row each.
pub(crate) fn locations(locations: &BTreeMap<LocationId, LocationCard>) -> String {
    let row = |(id, card): (&LocationId, &LocationCard)| {
        let [on_hand, reserved, available] = numbers(card.units);
        let sells_for: Vec<&str> = card.sells_for.keys().map(|id| id.as_str()).collect();
        [id.to_string(), card.goods.to_string(), on_hand, reserved, available, sells_for.join(", ")]
    };
    table(["location", "goods", "on hand", "reserved", "available", "sells for"], locations.iter().map(row))
}

fn numbers(units: Units) -> [String; 3] {
    [units.on_hand, units.reserved, units.available].map(|units| units.to_string())
}

fn own(policy: &OwnPolicy) -> String {
    let buffer = policy.buffer.map(|buffer| match buffer {
        OwnBuffer::Fixed(units) => format!("buffer {units}"),
        OwnBuffer::Adaptive(_) => "buffer adaptive".to_owned(),
        OwnBuffer::Weighed(_) => "buffer weighed".to_owned(),
    });
    let share = policy.share.map(|share| format!("share {share} %"));
    let max = policy.max.map(|max| format!("{max} at most"));
    let end_when = policy.end_when.map(|units| format!("none at {units} or fewer"));
    [share, buffer, max, end_when].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
