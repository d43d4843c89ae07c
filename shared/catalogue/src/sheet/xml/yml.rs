//! YML, which Yandex Market and many shops read: `yml_catalog` (<https://yandex.ru/support/marketplace/assortment/fields/index.html>).

use super::{Element, Kind};
use crate::exports::YML;

pub(super) const KIND: Kind = Kind { root: "yml_catalog", export: YML, cell };

fn cell(element: &Element) -> Option<(String, String)> {
    match (element.depth, element.name.as_str()) {
        (0, _) => Some(("id".to_owned(), element.attribute("id")?.to_owned())),
        (1, "name" | "model" | "vendor" | "vendorCode" | "barcode" | "price" | "currencyId" | "count") => {
            Some((element.name.clone(), element.text.clone()))
        }
        _ => None,
    }
}
