//! One stock write: which rows to send, and which again. Pure; the client makes the calls.
//!
//! One bad row refuses the whole call. If the answer names it, it is refused and the rest is sent again; if not, the
//! batch is halved until the row stands alone. Every refusal costs ten calls, so the calls of one write are bounded.

use std::collections::VecDeque;
use std::time::Duration;

use super::answer::{self, Sorted};
use super::facts::BATCH;
use super::row::{Row, sendable};
use crate::kit::client::{Outcome, StockRow};

/// What wasn't reached in this write. Long enough for a bucket of twenty calls to fill again.
const NOT_REACHED: Duration = Duration::from_secs(4);
/// Enough to find one unnamed row among a thousand.
const MOST_CALLS: usize = 24;

/// A stock write on its way: what each row came to, and what is still to be sent.
#[derive(Debug)]
pub(super) struct Write {
    outcomes: Vec<Option<Outcome>>,
    waiting: VecDeque<Vec<Row>>,
    calls: usize,
    stopped: String,
}

impl Write {
    /// Of `rows`. Those that Wildberries would refuse for sure are refused here, without a call.
    pub(super) fn of(rows: &[StockRow]) -> Self {
        let checked: Vec<_> = rows.iter().enumerate().map(|(index, row)| sendable(index, row)).collect();
        let good: Vec<Row> = checked.iter().filter_map(|row| row.as_ref().ok().copied()).collect();
        Self {
            outcomes: checked.into_iter().map(Result::err).collect(),
            waiting: good.chunks(BATCH).map(<[Row]>::to_vec).collect(),
            calls: 0,
            stopped: "the channel refuses the batch without naming the rows; the search goes on later".to_owned(),
        }
    }

    /// The next rows to send; none if nothing waits, or if that were too many calls.
    pub(super) fn next(&mut self) -> Option<Vec<Row>> {
        let batch = if self.calls < MOST_CALLS { self.waiting.pop_front()? } else { return None };
        self.calls += 1;
        Some(batch)
    }

    /// Whether the call under way is the first.
    pub(super) const fn is_at_the_first_call(&self) -> bool {
        self.calls == 1
    }

    /// Notes the answer to `batch`.
    pub(super) fn answered(&mut self, batch: &[Row], status: u16, body: &[u8]) {
        let sorted = answer::sort(status, body, batch);
        if let Some(reason) = sorted.reason_to_wait() {
            self.stop(reason.to_owned());
        }
        self.settle(sorted.settled);
        for half in sorted.again.into_iter().rev() {
            self.waiting.push_front(half);
        }
    }

    /// Notes that `batch` got no answer. Nothing else is sent.
    pub(super) fn unanswered(&mut self, batch: &[Row], reason: String) {
        self.settle(Sorted::all(batch, &Outcome::Unknown).settled);
        self.stop(reason);
    }

    /// Notes that nothing more can be sent now.
    pub(super) fn stop(&mut self, reason: String) {
        self.waiting.clear();
        self.stopped = reason;
    }

    /// What each row came to, in the order in which they were asked for.
    pub(super) fn outcomes(self) -> Vec<Outcome> {
        let later = Outcome::Later { after: NOT_REACHED, reason: self.stopped };
        self.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| later.clone())).collect()
    }

    fn settle(&mut self, settled: Vec<(usize, Outcome)>) {
        for (index, outcome) in settled {
            if let Some(row) = self.outcomes.get_mut(index) {
                *row = Some(outcome);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use edin_domain::Article;

    use super::super::facts::CHRT_ID;

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
        let mut write = Write::of(rows);
        while let Some(batch) = write.next() {
            let sent: Vec<u64> = batch.iter().map(|row| row.stock.chrt_id).collect();
            let (status, body) = answer(&sent);
            write.answered(&batch, status, body.as_bytes());
        }
        let calls = write.calls;
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
        let mut write = Write::of(&rows(1..1002));
        let batch = write.next().unwrap();
        write.unanswered(&batch, "timeout".to_owned());
        assert_eq!(write.next(), None);
        let outcomes = write.outcomes();
        assert!(outcomes[..1000].iter().all(|outcome| *outcome == Outcome::Unknown));
        assert_eq!(outcomes[1000], Outcome::Later { after: NOT_REACHED, reason: "timeout".to_owned() });
    }
}
