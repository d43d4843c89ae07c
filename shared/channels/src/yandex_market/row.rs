//! Rows of stock to the Market's wire. Pure. Source: github.com/yandex-market/yandex-market-partner-api, updateStocks, 2026-07-17.

use std::collections::BTreeSet;

use super::facts::{BODY, OFFER_ID, STOCK_ROWS};
use super::wire::{StockRow as Sent, StockRowItem, StockWrite};
use crate::kit::client::search;
use crate::kit::client::{Outcome, StockRow};

/// A row that can be sent, and which of those asked for it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) index: usize,
    pub(super) sku: &'a str,
    pub(super) count: u32,
}

impl search::Row for Row<'_> {
    fn index(&self) -> usize {
        self.index
    }
}

const MOST_UNITS: u32 = 2_000_000_000;
/// What a row takes besides its SKU: `{"sku":"","items":[{"count":2000000000}]},`.
const AROUND: usize = 48;

/// The seller's SKU of a row.
pub(super) fn sku(row: &StockRow) -> Option<&str> {
    row.ids.get(OFFER_ID).map(|id| id.as_str().trim())
}

/// Each row as it is sent, or why it isn't: one that can't be would have all others refused with it.
pub(super) fn sendable(rows: &[StockRow]) -> Vec<Result<Row<'_>, Outcome>> {
    let mut seen = BTreeSet::new();
    let each = rows.iter().enumerate().map(|(index, row)| match sku(row) {
        None => Err(Outcome::refused("NO_OFFER_ID", "the listing has no offer_id; map it again")),
        Some(_) if row.quantity > MOST_UNITS => {
            Err(Outcome::refused("COUNT", "the Market takes 2,000,000,000 units at most"))
        }
        Some(sku) if !seen.insert(sku) => {
            Err(Outcome::refused("DUPLICATE_SKU", "two listings have this offer_id; give each its own"))
        }
        Some(sku) => Ok(Row { index, sku, count: row.quantity }),
    });
    each.collect()
}

/// Rows in as many calls as it takes: so many, and so long, as the Market takes at once.
pub(super) fn batches<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Vec<Vec<Row<'a>>> {
    let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        let length = length(row.sku);
        if batch.len() == STOCK_ROWS || bytes + length > BODY {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        batch.push(row);
        bytes += length;
    }
    batches.push(batch);
    batches.retain(|batch| !batch.is_empty());
    batches
}

fn length(sku: &str) -> usize {
    // JSON escapes these two; no name holds what else it would.
    AROUND + sku.len() + sku.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// What is sent.
pub(super) fn body<'a>(batch: &[Row<'a>]) -> StockWrite<'a> {
    let each = batch.iter().map(|row| Sent { sku: row.sku, items: [StockRowItem { count: row.count }] });
    StockWrite { skus: each.collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::Article;

    use super::*;

    fn row(id: &str, quantity: u32) -> StockRow {
        StockRow { ids: BTreeMap::from([(OFFER_ID.to_owned(), Article::new(id).unwrap())]), quantity }
    }

    #[test]
    fn a_row_is_sent_by_the_sellers_sku_to_the_letter() {
        let rows = [row("0557722", 7), row("557722", 0)];
        let sent: Vec<_> = sendable(&rows).into_iter().map(Result::unwrap).collect();
        let expected = r#"{"skus":[{"sku":"0557722","items":[{"count":7}]},{"sku":"557722","items":[{"count":0}]}]}"#;
        assert_eq!(serde_json::to_string(&body(&sent)).unwrap(), expected);
    }

    #[test]
    fn a_row_that_would_have_all_refused_is_not_sent() {
        let rows = [StockRow { ids: BTreeMap::new(), quantity: 1 }, row("A", 1), row("A", 2), row("B", 2_000_000_001)];
        let codes: Vec<_> = sendable(&rows)
            .into_iter()
            .map(|row| match row {
                Ok(row) => row.sku.to_owned(),
                Err(Outcome::Refused { code, .. }) => code,
                Err(other) => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(codes, ["NO_OFFER_ID", "A", "DUPLICATE_SKU", "COUNT"]);
    }

    #[test]
    fn a_call_has_no_more_rows_and_bytes_than_the_market_takes() {
        let long: Vec<_> = (0..4_100).map(|number| row(&format!("{number:04}{}", "я\"".repeat(60)), 1)).collect();
        let short: Vec<_> = (0..4_100).map(|number| row(&number.to_string(), 1)).collect();
        for (rows, calls) in [(long, 2..6), (short, 3..4)] {
            let batches = batches(sendable(&rows).into_iter().map(Result::unwrap));
            assert!(calls.contains(&batches.len()), "{}", batches.len());
            assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 4_100);
            for batch in &batches {
                let body = serde_json::to_string(&body(batch)).unwrap();
                assert!(batch.len() <= 2_000 && body.len() <= 512_000, "{} {}", batch.len(), body.len());
            }
        }
    }
}
