//! What WooCommerce shows of a good. Pure.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::Article;

use super::facts::{A_PAGE, ID};
use super::row::Good;
use super::wire::{Product, Products};
use crate::kit::client::{SeenRow, StockRow};

/// What is to be asked for: lists, with the numbers in each. A listing that names no good shows nothing.
pub(super) fn questions(rows: &[StockRow]) -> Vec<(Option<u64>, Vec<u64>)> {
    let mut lists = BTreeMap::<Option<u64>, BTreeSet<u64>>::new();
    for Good { parent, id } in rows.iter().filter_map(|row| Good::of(&row.ids).ok()) {
        lists.entry(parent).or_default().insert(id);
    }
    let each = lists.into_iter().flat_map(|(parent, ids)| {
        let ids: Vec<u64> = ids.into_iter().collect();
        ids.chunks(A_PAGE).map(|some| (parent, some.to_vec())).collect::<Vec<_>>()
    });
    each.collect()
}

/// What a page shows.
pub(super) fn seen(page: Products) -> impl Iterator<Item = SeenRow> {
    page.products.readable("a product; it counts as not shown").into_iter().filter_map(row)
}

fn row(product: Product) -> Option<SeenRow> {
    let id = Article::new(&product.id.0).ok()?;
    Some(SeenRow { ids: BTreeMap::from([(ID.to_owned(), id)]), quantity: quantity(&product) })
}

/// Units that buyers can buy: none of what isn't counted, or is closed whatever its number says.
fn quantity(product: &Product) -> u32 {
    let units: i64 = product.stock_quantity.0.parse().unwrap_or(0);
    match product.stock_status.as_str() {
        "outofstock" => 0,
        _ => u32::try_from(units.max(0)).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::tolerant::read;

    fn shown(json: &str) -> Vec<(String, u32)> {
        let page: Products = read(json.as_bytes()).unwrap();
        seen(page).map(|row| (row.ids[ID].to_string(), row.quantity)).collect()
    }

    #[test]
    fn what_is_seen_is_what_can_be_bought() {
        assert_eq!(shown(include_str!("samples/products.json")), [("28".to_owned(), 9)]);
        for (product, units) in [
            (r#"{"id":1,"stock_quantity":5,"stock_status":"outofstock"}"#, 0),
            (r#"{"id":1,"stock_quantity":-901,"stock_status":"onbackorder"}"#, 0),
            (r#"{"id":1,"stock_quantity":null,"stock_status":"instock"}"#, 0),
            (r#"{"id":1,"stock_quantity":"7","stock_status":"instock"}"#, 7),
        ] {
            assert_eq!(shown(&format!("[{product}]")), [("1".to_owned(), units)], "{product}");
        }
    }

    #[test]
    fn goods_are_asked_for_by_the_list_that_they_are_in() {
        let row = |ids: &[(&str, &str)]| StockRow {
            ids: ids.iter().map(|(name, id)| ((*name).to_owned(), Article::new(*id).unwrap())).collect(),
            quantity: 1,
        };
        let rows = [row(&[("id", "30"), ("parent_id", "29")]), row(&[("id", "28")]), row(&[("sku", "CUP")])];
        assert_eq!(questions(&rows), [(None, vec![28]), (Some(29), vec![30])]);
    }
}
