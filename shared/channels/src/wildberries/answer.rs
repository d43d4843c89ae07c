//! What an answer to a stock write means for the rows that were sent. Pure.
//!
//! Source: dev.wildberries.ru/openapi/work-with-products, `PUT /api/v3/stocks/{warehouseId}`, 2026-08-18.

use std::collections::BTreeMap;
use std::time::Duration;

use super::row::Row;
use super::wire;
use crate::kit::client::Outcome;
use crate::kit::client::line::excerpt;
use crate::kit::client::search::{Sorted, halves};
use crate::kit::tolerant::{self, Records};

/// The warehouse is being changed: "try again in a few seconds". A minute, since each try may cost ten calls.
const CHANGING: Duration = Duration::from_secs(60);
/// Maintenance of the warehouse.
const MAINTENANCE: Duration = Duration::from_secs(5 * 60);
/// The whole account is frozen.
const BANNED: Duration = Duration::from_secs(3600);

const STORE_IS_PROCESSING: &str = "StoreIsProcessing";
const SELLER_IS_BANNED: &str = "StatusNotAcceptable";

/// What the answer to `batch` comes to.
pub(super) fn sort(status: u16, body: &[u8], batch: &[Row]) -> Sorted<Row> {
    match status {
        200..=299 => Sorted::all(batch, &Outcome::Taken),
        409 => sort_out(&conflicts(body), batch),
        _ => Sorted::all(batch, &refusal(status, &problem(body))),
    }
}

/// What somebody must be called for, if anything: the seller is banned, the warehouse is unknown, or we wrote nonsense.
pub(super) fn alarm(status: u16, body: &[u8]) -> Option<wire::Problem> {
    match status {
        200..=299 | 409 => None,
        406 => Some(problem(body)).filter(|problem| problem.code == SELLER_IS_BANNED),
        _ => Some(problem(body)),
    }
}

/// Refuses the rows that are named, and says what to do with the others: wait if the warehouse is being changed, send
/// them again if a row was named, halve them if none was.
fn sort_out(conflicts: &[wire::Conflict], batch: &[Row]) -> Sorted<Row> {
    let named = named(conflicts);
    let conflict = |row: &Row| named.get(row.stock.chrt_id.to_string().as_str()).copied();
    let settled: Vec<_> = batch.iter().filter_map(|row| Some((row.index, refused_for(conflict(row)?)))).collect();
    let rest: Vec<Row> = batch.iter().filter(|row| conflict(row).is_none()).copied().collect();
    let is_changing = conflicts.iter().any(|conflict| conflict.code == STORE_IS_PROCESSING);
    let Sorted { settled: others, again } = match rest.as_slice() {
        [] => Sorted::default(),
        rest if is_changing => Sorted::all(rest, &later(CHANGING, STORE_IS_PROCESSING)),
        rest if !settled.is_empty() => Sorted { again: vec![rest.to_vec()], ..Sorted::default() },
        [_] => Sorted::all(&rest, &conflicts.first().map_or_else(unexplained, refused_for)),
        rest => Sorted { again: halves(rest), ..Sorted::default() },
    };
    Sorted { settled: settled.into_iter().chain(others).collect(), again }
}

/// The conflicts that are a row's own, by the row that they name.
fn named(conflicts: &[wire::Conflict]) -> BTreeMap<&str, &wire::Conflict> {
    let own = conflicts.iter().filter(|conflict| conflict.code != STORE_IS_PROCESSING);
    own.flat_map(|conflict| conflict.data.iter().flatten().map(move |row| (row.chrt_id.0.as_str(), conflict))).collect()
}

/// The reasons of a 409: an array, by the documents; the one object of every other error is understood too.
fn conflicts(body: &[u8]) -> Vec<wire::Conflict> {
    let each = tolerant::read::<Records<wire::Conflict>>(body).map(|all| all.readable("a conflict"));
    each.unwrap_or_else(|_| {
        let problem = problem(body);
        vec![wire::Conflict { code: problem.code, message: problem.message, data: None }]
    })
}

/// The outcome of every row of a call that was refused as a whole.
fn refusal(status: u16, problem: &wire::Problem) -> Outcome {
    match status {
        406 if problem.code == SELLER_IS_BANNED => later(BANNED, &problem.code),
        406 => later(MAINTENANCE, &problem.code),
        404 => {
            Outcome::refused("NotFound", "Wildberries does not know this warehouse; read the seller's warehouses again")
        }
        _ => Outcome::refused(&problem.code, &problem.message),
    }
}

fn problem(body: &[u8]) -> wire::Problem {
    tolerant::read(body).unwrap_or_else(|_| wire::Problem {
        code: "Unreadable".to_owned(),
        message: excerpt(body),
        ..wire::Problem::default()
    })
}

fn later(after: Duration, reason: &str) -> Outcome {
    Outcome::Later { after, reason: reason.to_owned() }
}

fn refused_for(conflict: &wire::Conflict) -> Outcome {
    Outcome::refused(&conflict.code, &conflict.message)
}

fn unexplained() -> Outcome {
    Outcome::refused("Conflict", "Wildberries refuses the row without a reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of the goods 1, 2, … `count`, at the indices 0, 1, ….
    fn batch(count: u64) -> Vec<Row> {
        (1..=count).zip(0..).map(|(chrt_id, index)| Row { index, stock: wire::Stock { chrt_id, amount: 5 } }).collect()
    }

    /// The codes of the rows that are done with, and the goods that are sent again.
    fn sorted(body: &str, count: u64) -> (Vec<(usize, String)>, Vec<Vec<u64>>) {
        let Sorted { settled, again } = sort(409, body.as_bytes(), &batch(count));
        let code = |outcome: Outcome| match outcome {
            Outcome::Refused { code, .. } => code,
            other => format!("{other:?}"),
        };
        let again = again.iter().map(|batch| batch.iter().map(|row| row.stock.chrt_id).collect()).collect();
        (settled.into_iter().map(|(index, outcome)| (index, code(outcome))).collect(), again)
    }

    fn codes<const N: usize>(settled: [(usize, &str); N]) -> Vec<(usize, String)> {
        settled.into_iter().map(|(index, code)| (index, code.to_owned())).collect()
    }

    #[test]
    fn rows_that_are_named_are_refused_and_the_others_are_sent_again() {
        let body = r#"[{"code":"DeliveryTypeRestriction","message":"","data":[{"sku":"","chrtId":2,"amount":5}]},
            {"code":"NotFound","message":"","data":[{"chrtId":4}]}]"#;
        let refused = codes([(1, "DeliveryTypeRestriction"), (3, "NotFound")]);
        assert_eq!(sorted(body, 5), (refused, vec![vec![1, 3, 5]]));
    }

    #[test]
    fn rows_that_are_all_named_leave_nothing_to_send() {
        let body = r#"[{"code":"UploadDataLimit","data":[{"chrtId":1},{"chrtId":2}]}]"#;
        assert_eq!(sorted(body, 2), (codes([(0, "UploadDataLimit"), (1, "UploadDataLimit")]), vec![]));
    }

    #[test]
    fn a_batch_of_which_no_row_is_named_is_halved_and_a_row_alone_is_refused() {
        for (body, code) in [
            (r#"[{"code":"ProductPropertyConflict","message":"not allowed"}]"#, "ProductPropertyConflict"),
            (r#"[{"code":"NotFound","data":[{"sku":"2040000000011","amount":5},{"chrtId":99}]}]"#, "NotFound"),
            (r#"{"code":"UploadDataLimit","message":"an object, against the documents"}"#, "UploadDataLimit"),
            ("<html>", "Unreadable"),
            ("[]", "Conflict"),
        ] {
            assert_eq!(sorted(body, 3), (vec![], vec![vec![1, 2], vec![3]]), "{body}");
            assert_eq!(sorted(body, 1), (codes([(0, code)]), vec![]), "{body}");
        }
    }

    #[test]
    fn a_warehouse_that_is_being_changed_puts_off_all_but_the_bad_rows() {
        let body = br#"[{"code":"NotFound","data":[{"chrtId":1}]},{"code":"StoreIsProcessing","data":[{"chrtId":2}]}]"#;
        let sorted = sort(409, body, &batch(3));
        let wait = later(CHANGING, STORE_IS_PROCESSING);
        assert_eq!(sorted.settled, [(0, Outcome::refused("NotFound", "")), (1, wait.clone()), (2, wait)]);
        assert_eq!((sorted.reason_to_wait(), sorted.again.len()), (Some(STORE_IS_PROCESSING), 0));
    }

    #[test]
    fn an_answer_to_the_whole_call_is_one_to_every_row() {
        for (status, body, outcome, is_alarming) in [
            (204, "", Outcome::Taken, false),
            (406, r#"{"code":"StatusNotAcceptable"}"#, later(BANNED, "StatusNotAcceptable"), true),
            (406, r#"{"code":"WarehouseStocksUpdateBlock"}"#, later(MAINTENANCE, "WarehouseStocksUpdateBlock"), false),
            (
                400,
                r#"{"code":"SKUUploadDisabled","message":"chrtId"}"#,
                Outcome::refused("SKUUploadDisabled", "chrtId"),
                true,
            ),
            (413, "<html>", Outcome::refused("Unreadable", "<html>"), true),
        ] {
            assert_eq!(sort(status, body.as_bytes(), &batch(2)), Sorted::all(&batch(2), &outcome), "{status} {body}");
            assert_eq!(alarm(status, body.as_bytes()).is_some(), is_alarming, "{status} {body}");
        }
    }

    #[test]
    fn an_unknown_warehouse_is_a_persons_to_mend() {
        let Sorted { settled, again } = sort(404, br#"{"code":"NotFound","message":""}"#, &batch(1));
        assert!(matches!(settled.as_slice(), [(0, Outcome::Refused { code, .. })] if code == "NotFound"));
        assert!(again.is_empty());
    }
}
