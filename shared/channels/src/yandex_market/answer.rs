//! What an answer to a write of stock means for the rows that were sent. Pure.
//!
//! Source: github.com/yandex-market/yandex-market-partner-api, updateStocks, 2026-07-17: all rows are taken or none, and an error
//! is a code and some words. Whether those name a row isn't documented, so a name is but a hint where to look first.

use super::row::Row;
use super::wire;
use crate::kit::client::Outcome;
use crate::kit::client::line::{brief, excerpt};
use crate::kit::client::search::{Sorted, halves};
use crate::kit::tolerant;

/// What the answer to `batch` comes to.
pub(super) fn sort<'a>(status: u16, body: &[u8], batch: &[Row<'a>]) -> Sorted<Row<'a>> {
    let verdict: wire::Verdict = tolerant::read(body).unwrap_or_default();
    match (status, verdict.status.as_str()) {
        (200..=299, "ERROR") | (400 | 413, _) => search(&problem(status, verdict, body), batch),
        (200..=299, _) => Sorted::all(batch, &Outcome::Taken),
        _ => Sorted::all(batch, &refusal(&problem(status, verdict, body))),
    }
}

/// What is wrong, in the Market's words.
pub(super) fn problem(status: u16, verdict: wire::Verdict, body: &[u8]) -> wire::Problem {
    let problems = verdict.errors.readable("what the Market says is wrong");
    let code = problems.first().map_or_else(|| status.to_string(), |problem| problem.code.clone());
    let words: Vec<_> = problems.into_iter().map(|problem| problem.message).filter(|words| !words.is_empty()).collect();
    let message = if words.is_empty() { excerpt(body) } else { words.join("; ") };
    wire::Problem { code, message }
}

/// One bad row refuses all. It is refused once it stands alone; until then the rows that the Market's words seem to name are parted
/// from the others, or the batch is halved.
fn search<'a>(problem: &wire::Problem, batch: &[Row<'a>]) -> Sorted<Row<'a>> {
    if let [_] = batch {
        return Sorted::all(batch, &refusal(problem));
    }
    let (named, others): (Vec<_>, Vec<_>) = batch.iter().partition(|row| names(&problem.message, row.sku));
    let parts = match (named.is_empty(), others.is_empty()) {
        (false, false) => vec![others, named],
        _ => halves(batch),
    };
    Sorted { again: parts, ..Sorted::default() }
}

/// Whether `words` have the SKU, and not as a part of a longer one.
fn names(words: &str, sku: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    words.match_indices(sku).any(|(at, found)| {
        let before = words.get(..at).and_then(|before| before.chars().next_back());
        let after = words.get(at + found.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

fn refusal(problem: &wire::Problem) -> Outcome {
    Outcome::refused(&brief(&problem.code), &brief(&problem.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: [Row<'static>; 4] = [
        Row { index: 0, sku: "557722", count: 1 },
        Row { index: 1, sku: "0557722", count: 1 },
        Row { index: 2, sku: "TEA", count: 1 },
        Row { index: 3, sku: "TEA-1", count: 1 },
    ];

    fn refused_with(message: &str) -> Vec<Vec<usize>> {
        let body = format!(r#"{{"status":"ERROR","errors":[{{"code":"BAD_REQUEST","message":"{message}"}}]}}"#);
        let Sorted { settled, again } = sort(400, body.as_bytes(), &BATCH);
        assert_eq!(settled, []);
        again.iter().map(|batch| batch.iter().map(|row| row.index).collect()).collect()
    }

    #[test]
    fn all_rows_are_taken_by_a_yes() {
        for body in [r#"{"status":"OK"}"#, "", "{}"] {
            assert_eq!(sort(200, body.as_bytes(), &BATCH), Sorted::all(&BATCH, &Outcome::Taken), "{body}");
        }
    }

    #[test]
    fn a_row_that_is_named_is_parted_from_the_others_and_its_look_alikes() {
        assert_eq!(refused_with("unknown sku 0557722"), [vec![0, 2, 3], vec![1]]);
        assert_eq!(refused_with("items[3]: TEA-1 is archived"), [vec![0, 1, 2], vec![3]]);
        assert_eq!(refused_with("[TEA, 557722]"), [vec![1, 3], vec![0, 2]]);
    }

    #[test]
    fn where_none_is_named_the_rows_are_halved() {
        assert_eq!(refused_with("something is wrong"), [vec![0, 1], vec![2, 3]]);
        assert_eq!(refused_with(""), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_row_that_stands_alone_is_refused_in_the_markets_words() {
        let sorted = sort(400, include_bytes!("samples/stocks-refused.json"), &BATCH[2..3]);
        assert!(
            matches!(&sorted.settled[..], [(2, Outcome::Refused { code, .. })] if code == "BAD_REQUEST"),
            "{sorted:?}"
        );
    }

    #[test]
    fn what_is_no_rows_fault_is_not_searched_for() {
        let sorted = sort(404, br#"{"status":"ERROR","errors":[{"code":"NOT_FOUND","message":"campaign"}]}"#, &BATCH);
        assert_eq!((sorted.settled.len(), sorted.again.len()), (4, 0));
    }
}
