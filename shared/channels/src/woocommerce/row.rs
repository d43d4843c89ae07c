//! Rows of stock to WooCommerce's wire. Pure.
//!
//! Products are written in one list, and variations in a list of each product that has some.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::Article;

use super::facts::{ID, PARENT_ID, STOCK_ROWS};
use super::wire;
use crate::kit::client::search;
use crate::kit::client::{Outcome, StockRow};

/// A row that can be sent, and which of those asked for it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) index: usize,
    pub(super) good: Good,
    pub(super) quantity: u32,
}

/// A product, or a variation of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Good {
    /// The product that it is a variation of.
    pub(super) parent: Option<u64>,
    /// Its number.
    pub(super) id: u64,
}

impl search::Row for Row {
    fn index(&self) -> usize {
        self.index
    }
}

impl Good {
    /// The good of a listing.
    ///
    /// # Errors
    /// Why it can be none, as what became of its row.
    pub(super) fn of(ids: &BTreeMap<String, Article>) -> Result<Self, Outcome> {
        let id = ids.get(ID).ok_or_else(|| Outcome::refused("NO_ID", "the listing has no id; map it again"))?;
        let parent = ids.get(PARENT_ID).map(|parent| number(PARENT_ID, parent)).transpose()?;
        Ok(Self { parent, id: number(ID, id)? })
    }

    /// Where the list is in which it stands.
    pub(super) fn list(parent: Option<u64>) -> String {
        parent.map_or_else(|| "/products".to_owned(), |parent| format!("/products/{parent}/variations"))
    }
}

fn number(name: &str, id: &Article) -> Result<u64, Outcome> {
    let number = id.as_str().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Outcome::refused("NO_NUMBER", &format!("{name} {id} is no number; map the listing again")))
}

/// Each row as it is sent, or why it isn't.
pub(super) fn sendable(rows: &[StockRow]) -> Vec<Result<Row, Outcome>> {
    let mut seen = BTreeSet::new();
    let each = rows.iter().enumerate().map(|(index, StockRow { ids, quantity })| {
        let good = Good::of(ids)?;
        match seen.insert(good.id) {
            true => Ok(Row { index, good, quantity: *quantity }),
            false => Err(Outcome::refused("DUPLICATE_ID", "two listings have this id; give each its own")),
        }
    });
    each.collect()
}

/// Rows in as many calls as it takes: those of one list together, as many as the shop takes at once.
pub(super) fn batches(rows: impl IntoIterator<Item = Row>) -> Vec<Vec<Row>> {
    let mut lists = BTreeMap::<Option<u64>, Vec<Row>>::new();
    for row in rows {
        lists.entry(row.good.parent).or_default().push(row);
    }
    lists.into_values().flat_map(|rows| rows.chunks(STOCK_ROWS).map(<[Row]>::to_vec).collect::<Vec<_>>()).collect()
}

/// What is sent. No row makes a product: that would be a `create`.
pub(super) fn body(batch: &[Row]) -> wire::StockWrite {
    let each = batch.iter().map(|row| wire::StockRow {
        id: row.good.id,
        manage_stock: true,
        stock_quantity: row.quantity,
        stock_status: if row.quantity > 0 { "instock" } else { "outofstock" },
    });
    wire::StockWrite { update: each.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ids: &[(&str, &str)], quantity: u32) -> StockRow {
        let ids = ids.iter().map(|(name, id)| ((*name).to_owned(), Article::new(*id).unwrap())).collect();
        StockRow { ids, quantity }
    }

    #[test]
    fn a_number_is_sent_with_what_makes_the_shop_take_it() {
        let rows = [row(&[("id", "28"), ("sku", "CUP")], 7), row(&[("id", "31")], 0)];
        let sent: Vec<_> = sendable(&rows).into_iter().map(Result::unwrap).collect();
        let expected = r#"{"update":[{"id":28,"manage_stock":true,"stock_quantity":7,"stock_status":"instock"},{"id":31,"manage_stock":true,"stock_quantity":0,"stock_status":"outofstock"}]}"#;
        assert_eq!(serde_json::to_string(&body(&sent)).unwrap(), expected);
    }

    #[test]
    fn variations_are_sent_by_the_product_that_they_are_of_and_no_call_has_too_many_rows() {
        let simple = (1..=230_u64).map(|id| row(&[("id", &id.to_string())], 1));
        let sizes = (1_000..1_003_u64).map(|id| row(&[("id", &id.to_string()), ("parent_id", "999")], 1));
        let rows: Vec<_> = simple.chain(sizes).collect();
        let batches = batches(sendable(&rows).into_iter().map(Result::unwrap));
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 30, 3]);
        assert_eq!(Good::list(batches[0][0].good.parent), "/products");
        assert_eq!(Good::list(batches[3][0].good.parent), "/products/999/variations");
    }

    #[test]
    fn a_row_that_names_no_good_or_one_twice_is_not_sent() {
        let rows = [
            row(&[("sku", "CUP")], 1),
            row(&[("id", "CUP")], 1),
            row(&[("id", "0")], 1),
            row(&[("id", "28"), ("parent_id", "../9")], 1),
            row(&[("id", "29")], 1),
            row(&[("id", "29")], 2),
        ];
        let codes: Vec<_> = sendable(&rows)
            .into_iter()
            .map(|row| match row {
                Ok(row) => row.good.id.to_string(),
                Err(Outcome::Refused { code, .. }) => code,
                Err(other) => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(codes, ["NO_ID", "NO_NUMBER", "NO_NUMBER", "NO_NUMBER", "29", "DUPLICATE_ID"]);
    }
}
