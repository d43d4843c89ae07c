//! No rule of a channel was broken, but where nobody could have kept it.

use std::time::Duration;

use edin_domain::Timestamp;
use simulators::{Event, Journal};

use crate::Broken;

/// Why a rule may have been broken after all.
#[derive(Debug, Clone)]
pub enum Excuse {
    /// An order was accepted or called off between our look at it and our acceptance: two readings at once accept it both, a lost
    /// answer is asked for again, a buyer is quicker. The channel refuses the second, and no harm is done.
    DoneAlready,
    /// The same of these orders alone: a person did something with them in the channel's cabinet, whatever that was.
    DoneByAPerson(Vec<String>),
    /// The process was killed at these times. One that was killed after a channel had taken a number, and before that was noted,
    /// left nothing behind by which the next one could know: it tells the number once more, is refused, and waits.
    Killed(Vec<Timestamp>),
}

/// How long after a kill a call may still arrive that was made before.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// The rules that were broken without an excuse.
#[must_use]
pub fn broken(journal: &Journal, excuses: &[Excuse]) -> Broken {
    let violations = journal.events.iter().filter_map(|event| match event {
        Event::Violation { at, what } => Some((*at, what.as_str())),
        Event::Told { .. } | Event::Sold { .. } => None,
    });
    let inexcusable = violations.filter(|(at, what)| !excuses.iter().any(|excuse| excuse.excuses(*at, what, journal)));
    inexcusable.map(|(at, what)| format!("a channel's rule at {at}: {what}")).collect()
}

impl Excuse {
    fn excuses(&self, at: Timestamp, what: &str, journal: &Journal) -> bool {
        match self {
            Self::DoneAlready => {
                what.ends_with("is AcceptedByMerchant already") || what.ends_with("is Cancelled already")
            }
            Self::DoneByAPerson(orders) => {
                orders.iter().any(|order| what.contains(&format!(" 400, the order {order} is ")))
            }
            Self::Killed(kills) => is_forgotten(at, what, journal, kills),
        }
    }
}

/// Whether a channel refuses a number as too soon after one that it took just before a kill.
fn is_forgotten(at: Timestamp, what: &str, journal: &Journal, kills: &[Timestamp]) -> bool {
    let told = journal.events.iter().filter_map(|event| match event {
        Event::Told { at: told, warehouse, good, .. }
            if what.ends_with(&format!(": {good} at {warehouse} twice within 30 s")) =>
        {
            Some(*told)
        }
        _ => None,
    });
    let last = told.filter(|told| *told <= at).max();
    last.is_some_and(|told| kills.iter().any(|kill| told <= kill.plus(ON_ITS_WAY) && *kill <= at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWICE: &str = "POST /v2/products/stocks: TEA at 1 twice within 30 s";

    fn second(number: i64) -> Timestamp {
        Timestamp::from_millis(number * 1_000)
    }

    fn journal(what: &str) -> Journal {
        let (warehouse, good) = ("1".to_owned(), "TEA".to_owned());
        let told = Event::Told { at: second(10), warehouse, good, quantity: 3 };
        Journal { events: vec![told, Event::Violation { at: second(20), what: what.to_owned() }], calls: 2 }
    }

    #[test]
    fn a_broken_rule_is_noticed() {
        assert_eq!(broken(&journal(TWICE), &[]).len(), 1);
        assert_eq!(broken(&Journal::default(), &[]), Broken::new());
    }

    #[test]
    fn a_kill_excuses_what_was_told_before_it_and_told_again_after_it() {
        let found = |what, kill| broken(&journal(what), &[Excuse::Killed(vec![second(kill)])]).len();
        assert_eq!((found(TWICE, 15), found(TWICE, 9)), (0, 0));
        assert_eq!((found(TWICE, 5), found(TWICE, 25)), (1, 1), "it was told after that kill, or refused before");
        assert_eq!(found("POST /v2/products/stocks: CUP at 1 twice within 30 s", 15), 1, "no cup was told");
        assert_eq!(found("PUT stocks: 101 rows", 15), 1, "a kill excuses nothing else");
    }

    #[test]
    fn what_somebody_did_already_excuses_an_acceptance_alone() {
        let late = "POST /v2/orders: 400, the order 7 is AcceptedByMerchant already";
        assert_eq!(broken(&journal(late), &[Excuse::DoneAlready]), Broken::new());
        assert_eq!(broken(&journal(TWICE), &[Excuse::DoneAlready]).len(), 1);
        let by_a_person = |order: &str| broken(&journal(late), &[Excuse::DoneByAPerson(vec![order.to_owned()])]).len();
        assert_eq!((by_a_person("7"), by_a_person("77")), (0, 1));
    }
}
