//! One row of a stock write. Pure.

use super::facts::{CHRT_ID, MOST_UNITS};
use super::wire;
use crate::kit::client::search;
use crate::kit::client::{Outcome, StockRow};

/// A row that can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Which of the rows that were asked for.
    pub(super) index: usize,
    /// What is sent for it.
    pub(super) stock: wire::Stock,
}

impl search::Row for Row {
    fn index(&self) -> usize {
        self.index
    }
}

/// The body of a write.
pub(super) fn body(batch: &[Row]) -> wire::StockWrite {
    wire::StockWrite { stocks: batch.iter().map(|row| row.stock).collect() }
}

/// The number by which stock is kept, if the row has one.
pub(super) fn chrt_id(row: &StockRow) -> Option<u64> {
    row.ids.get(CHRT_ID)?.as_str().parse().ok().filter(|id| *id > 0)
}

/// The row as it is sent; one that would be refused for sure isn't.
pub(super) fn sendable(index: usize, row: &StockRow) -> Result<Row, Outcome> {
    let chrt_id = chrt_id(row).ok_or_else(|| {
        Outcome::refused(
            "NoChrtId",
            "the listing has no numeric chrt_id; take it from the card, where it is called chrtID",
        )
    })?;
    match row.quantity > MOST_UNITS {
        true => Err(Outcome::refused("UploadDataLimit", "Wildberries takes 100 000 units at most")),
        false => Ok(Row { index, stock: wire::Stock { chrt_id, amount: row.quantity } }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::Article;

    use super::*;

    #[test]
    fn the_body_is_spelt_as_wildberries_reads_it_since_it_would_not_complain() {
        let row = |index, id: &str, quantity| {
            let ids = BTreeMap::from([(CHRT_ID.to_owned(), Article::new(id).unwrap())]);
            sendable(index, &StockRow { ids, quantity }).unwrap()
        };
        let batch = [row(0, "7001", 7), row(1, "18446744073709551615", 0)];
        insta::assert_snapshot!(
            serde_json::to_string(&body(&batch)).unwrap(),
            @r#"{"stocks":[{"chrtId":7001,"amount":7},{"chrtId":18446744073709551615,"amount":0}]}"#
        );
    }
}
