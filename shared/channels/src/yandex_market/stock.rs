//! One write of stock: which rows to send, and which again. Pure; the client makes the calls.

use std::collections::VecDeque;
use std::time::Duration;

use super::answer::{self, Sorted};
use super::row::{Row, batches, sendable};
use crate::kit::client::{Outcome, StockRow};

/// What wasn't reached in this write.
const NOT_REACHED: Duration = Duration::from_secs(4);
/// The same where the Market has taken nothing at all: it may be that it takes nothing for another reason than its rows.
const NOTHING_TAKEN: Duration = Duration::from_mins(1);
/// Enough to find one unnamed row among two thousand.
const MOST_CALLS: usize = 24;

/// A write of stock on its way: what each row came to, and what is still to be sent.
#[derive(Debug)]
pub(super) struct Write<'a> {
    outcomes: Vec<Option<Outcome>>,
    waiting: VecDeque<Vec<Row<'a>>>,
    calls: usize,
    stopped: String,
}

impl<'a> Write<'a> {
    /// Of `rows`. Those that the Market would refuse for sure are refused here, without a call.
    pub(super) fn of(rows: &'a [StockRow]) -> Self {
        let checked = sendable(rows);
        let waiting = batches(checked.iter().filter_map(|row| row.as_ref().ok().copied())).into();
        let stopped = "the Market refuses the rows without naming one; the search goes on later".to_owned();
        Self { outcomes: checked.into_iter().map(Result::err).collect(), waiting, calls: 0, stopped }
    }

    /// The next rows to send; none if nothing waits, or if that were too many calls.
    pub(super) fn next(&mut self) -> Option<Vec<Row<'a>>> {
        let batch = if self.calls < MOST_CALLS { self.waiting.pop_front()? } else { return None };
        self.calls += 1;
        Some(batch)
    }

    /// Whether the call under way is the first.
    pub(super) const fn is_at_the_first_call(&self) -> bool {
        self.calls == 1
    }

    /// Notes the answer to `batch`.
    pub(super) fn answered(&mut self, batch: &[Row<'a>], status: u16, body: &[u8]) {
        let sorted = answer::sort(status, body, batch);
        self.settle(sorted.settled);
        for part in sorted.again.into_iter().rev() {
            self.waiting.push_front(part);
        }
    }

    /// Notes that `batch` got no answer. Nothing else is sent.
    pub(super) fn unanswered(&mut self, batch: &[Row<'a>], reason: String) {
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
        let is_stuck = self.calls >= MOST_CALLS && !self.outcomes.contains(&Some(Outcome::Taken));
        let after = if is_stuck { NOTHING_TAKEN } else { NOT_REACHED };
        let later = Outcome::Later { after, reason: self.stopped };
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

    use edin_domain::Article;

    use super::super::facts::OFFER_ID;
    use super::*;

    const OK: (u16, &str) = (200, r#"{"status":"OK"}"#);

    fn rows(count: usize) -> Vec<StockRow> {
        let id = |number: usize| (OFFER_ID.to_owned(), Article::new(format!("SKU-{number}")).unwrap());
        (1..=count).map(|number| StockRow { ids: BTreeMap::from([id(number)]), quantity: 5 }).collect()
    }

    /// Sends a write to `answer` until nothing is left to send; counts the calls.
    fn run(rows: &[StockRow], answer: impl Fn(&[&str]) -> (u16, String)) -> (Vec<Outcome>, usize) {
        let mut write = Write::of(rows);
        while let Some(batch) = write.next() {
            let sent: Vec<_> = batch.iter().map(|row| row.sku).collect();
            let (status, body) = answer(&sent);
            write.answered(&batch, status, body.as_bytes());
        }
        let calls = write.calls;
        (write.outcomes(), calls)
    }

    fn refusing(culprit: &str, words: &str) -> impl Fn(&[&str]) -> (u16, String) {
        let body = format!(r#"{{"status":"ERROR","errors":[{{"code":"BAD_REQUEST","message":"{words}"}}]}}"#);
        move |sent| if sent.contains(&culprit) { (400, body.clone()) } else { (OK.0, OK.1.to_owned()) }
    }

    fn not_taken(outcomes: &[Outcome]) -> Vec<usize> {
        let numbered = (1..).zip(outcomes);
        numbered.filter(|(_, outcome)| **outcome != Outcome::Taken).map(|(number, _)| number).collect()
    }

    #[test]
    fn one_bad_row_among_two_thousand_is_refused_and_all_others_are_taken() {
        for culprit in [1, 777, 2_000] {
            let sku = format!("SKU-{culprit}");
            let (outcomes, calls) = run(&rows(2_000), refusing(&sku, "no such offer"));
            assert_eq!(not_taken(&outcomes), [culprit], "{calls} calls");
            let (outcomes, calls) = run(&rows(2_000), refusing(&sku, &format!("unknown sku: {sku}")));
            assert_eq!((not_taken(&outcomes), calls), (vec![culprit], 3));
            assert!(matches!(&outcomes[culprit - 1], Outcome::Refused { code, .. } if code == "BAD_REQUEST"));
        }
    }

    #[test]
    fn a_row_that_is_named_for_no_reason_is_taken_all_the_same() {
        let (outcomes, _) = run(&rows(1_000), refusing("SKU-7", "SKU-8 is fine"));
        assert_eq!(not_taken(&outcomes), [7]);
    }

    #[test]
    fn a_market_that_takes_nothing_is_left_alone_for_a_minute() {
        let (outcomes, calls) = run(&rows(2_000), |_| (400, r#"{"status":"ERROR"}"#.to_owned()));
        assert_eq!(calls, MOST_CALLS);
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Outcome::Later { after: NOTHING_TAKEN, .. })));
    }

    #[test]
    fn what_got_no_answer_is_unknown_and_what_was_not_sent_comes_later() {
        let rows = rows(2_001);
        let mut write = Write::of(&rows);
        let batch = write.next().unwrap();
        write.unanswered(&batch, "timeout".to_owned());
        assert_eq!(write.next(), None);
        let outcomes = write.outcomes();
        assert!(outcomes[..2_000].iter().all(|outcome| *outcome == Outcome::Unknown));
        assert_eq!(outcomes[2_000], Outcome::Later { after: NOT_REACHED, reason: "timeout".to_owned() });
    }
}
