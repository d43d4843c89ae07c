//! Kaspi's price list: `kaspi_catalog`, whose offers name the units at each store.

use super::{Element, Kind};
use crate::exports::KASPI_XML;

pub(super) const KIND: Kind = Kind { root: "kaspi_catalog", export: KASPI_XML, cell };

/// What Kaspi is told of a store is a column called as the store: it is what was offered, not what lies there.
fn cell(element: &Element) -> Option<(String, String)> {
    match (element.depth, element.name.as_str()) {
        (0, _) => Some(("sku".to_owned(), element.attribute("sku")?.to_owned())),
        (1, "model" | "brand" | "price") => Some((element.name.clone(), element.text.clone())),
        (2, "availability") => {
            Some((element.attribute("storeId")?.to_owned(), element.attribute("stockCount")?.to_owned()))
        }
        _ => None,
    }
}
