//! One stock write. Every refusal costs ten calls, so they are few.

use super::facts::BATCH;
use super::row::{Row, sendable};
use crate::kit::client::StockRow;
use crate::kit::client::search::Search;

/// A write of `rows`. Those that Wildberries would refuse for sure are refused here, without a call.
pub(super) fn write(rows: &[StockRow]) -> Search<Row> {
    let checked = rows.iter().enumerate().map(|(index, row)| sendable(index, row)).collect();
    Search::of(checked, |good| good.chunks(BATCH).map(<[Row]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::Article;

    use super::super::answer;
    use super::super::facts::CHRT_ID;
    use super::*;
    use crate::kit::client::search::{MOST_CALLS, NOT_REACHED};
    use crate::kit::client::{ChannelError, Outcome};

    fn row(id: &str, quantity: u32) -> StockRow {
        StockRow { ids: BTreeMap::from([(CHRT_ID.to_owned(), Article::new(id).unwrap())]), quantity }
    }

    fn rows(ids: std::ops::Range<u64>) -> Vec<StockRow> {
        ids.map(|id| row(&id.to_string(), 5)).collect()
    }

    /// The code of a refusal, the reason of a delay.
    fn code(outcome: &Outcome) -> &str {
        match outcome {
            Outcome::Refused { code, .. } => code,
            Outcome::Later { reason, .. } => reason,
            Outcome::Taken => "taken",
            Outcome::Unknown => "unknown",
        }
    }

    /// Sends a write to `answer` until nothing is left to send; counts the calls.
    fn run(rows: &[StockRow], answer: impl Fn(&[u64]) -> (u16, String)) -> (Vec<Outcome>, usize) {
        let mut write = write(rows);
        while let Some(batch) = write.next() {
            let sent: Vec<u64> = batch.iter().map(|row| row.stock.chrt_id).collect();
            let (status, body) = answer(&sent);
            write.note(&batch, Ok(answer::sort(status, body.as_bytes(), &batch))).unwrap();
        }
        let calls = write.calls();
        (write.outcomes(), calls)
    }

    #[test]
    fn a_row_that_would_be_refused_for_sure_is_not_sent() {
        let nameless = StockRow { ids: BTreeMap::new(), quantity: 1 };
        let (outcomes, calls) = run(&[nameless, row("TEE", 1), row("1", 100_001)], |_| unreachable!());
        let codes: Vec<_> = outcomes.iter().map(code).collect();
        assert_eq!((codes, calls), (vec!["NoChrtId", "NoChrtId", "UploadDataLimit"], 0));
    }

    #[test]
    fn a_write_with_a_named_row_takes_two_calls() {
        let body = r#"[{"code":"CargoWarehouseRestrictionMGT","data":[{"sku":"","chrtId":3,"amount":5}]}]"#;
        let (outcomes, calls) = run(&rows(1..1001), |sent| match sent.contains(&3) {
            true => (409, body.to_owned()),
            false => (204, String::new()),
        });
        assert_eq!((calls, code(&outcomes[2])), (2, "CargoWarehouseRestrictionMGT"));
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Taken).count(), 999);
    }

    #[test]
    fn an_unnamed_row_among_a_thousand_is_found_within_one_write() {
        for culprit in [1, 500, 777, 1000] {
            let body = r#"[{"code":"ProductPropertyConflict","message":"not under this scheme"}]"#;
            let (outcomes, calls) = run(&rows(1..1001), |sent| match sent.contains(&culprit) {
                true => (409, body.to_owned()),
                false => (204, String::new()),
            });
            let refused: Vec<_> = (1_u64..).zip(&outcomes).filter(|(_, outcome)| **outcome != Outcome::Taken).collect();
            assert_eq!(refused.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [culprit], "{calls} calls");
        }
    }

    #[test]
    fn the_calls_of_a_write_are_bounded_and_what_was_not_reached_comes_later() {
        let body = r#"[{"code":"ProductPropertyConflict","message":""}]"#;
        let (outcomes, calls) = run(&rows(1..1001), |_| (409, body.to_owned()));
        assert_eq!(calls, MOST_CALLS);
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Outcome::Refused { .. })));
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Outcome::Later { after: NOT_REACHED, .. })));
    }

    #[test]
    fn a_warehouse_that_is_being_changed_is_not_asked_again_in_the_same_write() {
        let (outcomes, calls) = run(&rows(1..2001), |_| (409, r#"[{"code":"StoreIsProcessing"}]"#.to_owned()));
        assert_eq!((calls, outcomes.len()), (1, 2_000));
        assert!(outcomes.iter().all(|outcome| code(outcome) == "StoreIsProcessing"));
    }

    #[test]
    fn what_got_no_answer_is_unknown_and_what_was_not_sent_comes_later() {
        let mut write = write(&rows(1..1002));
        let batch = write.next().unwrap();
        let lost = ChannelError::NoAnswer { call: "PUT /api/v3/stocks", reason: "timeout".to_owned() };
        write.note(&batch, Err(lost)).unwrap();
        assert_eq!(write.next(), None);
        let outcomes = write.outcomes();
        assert!(outcomes[..1000].iter().all(|outcome| *outcome == Outcome::Unknown));
        assert_eq!(
            outcomes[1000],
            Outcome::Later { after: NOT_REACHED, reason: "PUT /api/v3/stocks: no answer: timeout".to_owned() }
        );
    }
}
