//! What an answer to a write of stock means for the rows that were sent. Pure.
//!
//! Each row stands for itself: a list that is answered with 200 may have rows with an error.

use std::collections::BTreeMap;

use super::row::Row;
use super::wire;
use crate::kit::client::Outcome;
use crate::kit::client::line::{brief, excerpt};
use crate::kit::client::search::{Sorted, halves};
use crate::kit::tolerant;

/// What the answer to `batch` comes to.
pub(super) fn sort(status: u16, body: &[u8], batch: &[Row]) -> Sorted<Row> {
    match status {
        200..=299 => Sorted { settled: settled(body, batch), again: Vec::new() },
        413 if batch.len() > 1 => Sorted { settled: Vec::new(), again: halves(batch) },
        _ => Sorted::all(batch, &refusal(&problem(status, body))),
    }
}

/// What is wrong, in the shop's words.
pub(super) fn problem(status: u16, body: &[u8]) -> wire::Problem {
    let wire::Problem { code, message } = tolerant::read(body).unwrap_or_default();
    let or = |text: String, other: String| if text.is_empty() { other } else { brief(&text) };
    wire::Problem { code: or(code, status.to_string()), message: or(message, excerpt(body)) }
}

/// A row that the answer says nothing of may have been taken or not.
fn settled(body: &[u8], batch: &[Row]) -> Vec<(usize, Outcome)> {
    let answered: BTreeMap<String, wire::Answered> = match tolerant::read::<wire::Written>(body) {
        Ok(written) => {
            let rows = written.update.readable("a row of an answer; what became of it is not known").into_iter();
            rows.map(|row| (row.id.0.clone(), row)).collect()
        }
        Err(error) => {
            tracing::warn!("the answer to a write of stock can not be read: {error}");
            BTreeMap::new()
        }
    };
    let of = |row: &Row| answered.get(&row.good.id.to_string()).map_or(Outcome::Unknown, |told| outcome(row, told));
    batch.iter().map(|row| (row.index, of(row))).collect()
}

fn outcome(row: &Row, answered: &wire::Answered) -> Outcome {
    let shown = answered.stock_quantity.0.as_str();
    match &answered.error {
        Some(problem) => refusal(problem),
        None if shown == row.quantity.to_string() => Outcome::Taken,
        None if shown.is_empty() => Outcome::refused(
            "STOCK_NOT_MANAGED",
            "the shop counts no stock: switch it on in WooCommerce, Settings, Products, Inventory",
        ),
        None => {
            let told = row.quantity;
            Outcome::refused("NOT_TAKEN", &format!("told {told}, the shop says {}", brief(shown)))
        }
    }
}

fn refusal(problem: &wire::Problem) -> Outcome {
    Outcome::refused(&brief(&problem.code), &brief(&problem.message))
}

#[cfg(test)]
mod tests {
    use super::super::row::Good;
    use super::*;

    fn row(index: usize, id: u64, quantity: u32) -> Row {
        Row { index, good: Good { parent: None, id }, quantity }
    }

    fn sorted(status: u16, body: &str, batch: &[Row]) -> Vec<(usize, String)> {
        let Sorted { settled, again } = sort(status, body.as_bytes(), batch);
        assert!(again.is_empty());
        let word = |outcome| match outcome {
            Outcome::Refused { code, .. } => code,
            other => format!("{other:?}"),
        };
        settled.into_iter().map(|(index, outcome)| (index, word(outcome))).collect()
    }

    #[test]
    fn a_row_that_is_refused_in_an_answer_of_200_is_refused_alone() {
        let told = sorted(200, include_str!("samples/batch-one-bad.json"), &[row(0, 28, 7), row(1, 999_999, 1)]);
        assert_eq!(told, [(0, "Taken".to_owned()), (1, "woocommerce_rest_product_invalid_id".to_owned())]);
    }

    #[test]
    fn only_the_number_that_was_told_is_taken_and_silence_is_not_known() {
        let body = r#"{"update":[{"id":1,"stock_quantity":null,"manage_stock":false},{"id":"2","stock_quantity":"5"},{"id":3,"stock_quantity":4},{"id":[]}]}"#;
        let told = sorted(200, body, &[row(0, 1, 5), row(1, 2, 5), row(2, 3, 5), row(3, 4, 5)]);
        let words: Vec<_> = told.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(words, ["STOCK_NOT_MANAGED", "Taken", "NOT_TAKEN", "Unknown"]);
        for other in ["", "{}", "[]", r#"{"update":7}"#] {
            assert_eq!(sorted(200, other, &[row(0, 1, 5)]), [(0, "Unknown".to_owned())], "{other}");
        }
    }

    #[test]
    fn what_is_refused_as_a_whole_is_refused_in_the_shops_words_and_too_many_rows_are_halved() {
        let body = r#"{"code":"rest_invalid_param","message":"Invalid parameter(s)","data":{"status":400}}"#;
        assert_eq!(sorted(400, body, &[row(0, 1, 5)]), [(0, "rest_invalid_param".to_owned())]);
        let Sorted { again, .. } = sort(413, b"", &[row(0, 1, 5), row(1, 2, 5), row(2, 3, 5)]);
        assert_eq!(again.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(sorted(413, "", &[row(0, 1, 5)]), [(0, "413".to_owned())]);
    }
}
