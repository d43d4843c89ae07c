//! One write of stock.

use std::time::Duration;

use super::row::{Row, batches, sendable};
use crate::kit::client::StockRow;
use crate::kit::client::search::Search;

/// What wasn't reached, where the Market has taken nothing at all.
const NOTHING_TAKEN: Duration = Duration::from_mins(1);

/// A write of `rows`. Those that the Market would refuse for sure are refused here, without a call.
pub(super) fn write(rows: &[StockRow]) -> Search<Row<'_>> {
    Search::of(sendable(rows), batches).with_pause(NOTHING_TAKEN)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edin_domain::Article;

    use super::super::answer;
    use super::super::facts::OFFER_ID;
    use super::*;
    use crate::kit::client::search::{MOST_CALLS, NOT_REACHED};
    use crate::kit::client::{ChannelError, Outcome};

    const OK: (u16, &str) = (200, r#"{"status":"OK"}"#);

    fn rows(count: usize) -> Vec<StockRow> {
        let id = |number: usize| (OFFER_ID.to_owned(), Article::new(format!("SKU-{number}")).unwrap());
        (1..=count).map(|number| StockRow { ids: BTreeMap::from([id(number)]), quantity: 5 }).collect()
    }

    /// Sends a write to `answer` until nothing is left to send; counts the calls.
    fn run(rows: &[StockRow], answer: impl Fn(&[&str]) -> (u16, String)) -> (Vec<Outcome>, usize) {
        let mut write = write(rows);
        while let Some(batch) = write.next() {
            let sent: Vec<_> = batch.iter().map(|row| row.sku).collect();
            let (status, body) = answer(&sent);
            write.note(&batch, Ok(answer::sort(status, body.as_bytes(), &batch))).unwrap();
        }
        let calls = write.calls();
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
        let mut write = write(&rows);
        let batch = write.next().unwrap();
        let lost = ChannelError::NoAnswer { call: "PUT /offers/stocks", reason: "timeout".to_owned() };
        write.note(&batch, Err(lost)).unwrap();
        assert_eq!(write.next(), None);
        let outcomes = write.outcomes();
        assert!(outcomes[..2_000].iter().all(|outcome| *outcome == Outcome::Unknown));
        assert_eq!(
            outcomes[2_000],
            Outcome::Later { after: NOT_REACHED, reason: "PUT /offers/stocks: no answer: timeout".to_owned() }
        );
    }
}
