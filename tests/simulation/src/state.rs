//! What is under way in a run: who works, and what the stream's readers haven't done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use aws_lambda_events::dynamodb::EventRecord;

/// What is under way.
#[derive(Default)]
pub struct State {
    running: RefCell<BTreeMap<&'static str, usize>>,
    stream: RefCell<BTreeMap<(&'static str, u64), usize>>,
    given_up: RefCell<Vec<(&'static str, EventRecord)>>,
}

/// One run of a function; over when dropped.
pub struct Entered {
    state: Rc<State>,
    function: &'static str,
}

impl State {
    /// Notes that a function begins.
    pub fn enter(self: &Rc<Self>, function: &'static str) -> Entered {
        *self.running.borrow_mut().entry(function).or_default() += 1;
        Entered { state: Rc::clone(self), function }
    }

    /// How often a function runs just now.
    #[must_use]
    pub fn running(&self, function: &str) -> usize {
        self.running.borrow().get(function).copied().unwrap_or(0)
    }

    /// Whether any function runs.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.running.borrow().values().any(|count| *count > 0) || self.stream.borrow().values().any(|count| *count > 0)
    }

    /// Notes how many records a reader of the stream has before it.
    pub fn stream_waits(&self, function: &'static str, half: u64, records: usize) {
        self.stream.borrow_mut().insert((function, half), records);
    }

    /// Sets records aside.
    pub fn give_up(&self, function: &'static str, records: Vec<EventRecord>) {
        self.given_up.borrow_mut().extend(records.into_iter().map(|record| (function, record)));
    }

    /// Takes what was set aside.
    #[must_use]
    pub fn given_up(&self) -> Vec<(&'static str, EventRecord)> {
        self.given_up.take()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(count) = self.state.running.borrow_mut().get_mut(self.function) {
            *count = count.saturating_sub(1);
        }
    }
}
