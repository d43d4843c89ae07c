//! A write of which one bad row may have all others refused: which rows to send, and which again. Pure; the client makes the calls.
//!
//! If an answer names the row, it is refused and the rest is sent again; if not, the rows are parted until it stands alone. The calls
//! of one write are bounded.

use std::collections::VecDeque;
use std::time::Duration;

use super::{ChannelError, Outcome};

/// What wasn't reached in this write comes after this. Long enough for a bucket of twenty calls to fill again.
pub(crate) const NOT_REACHED: Duration = Duration::from_secs(4);
/// Enough to find one unnamed row among two thousand.
pub(crate) const MOST_CALLS: usize = 24;

/// A row that can be sent.
pub(crate) trait Row: Clone {
    /// Which of the rows that were asked for it is.
    fn index(&self) -> usize;
}

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sorted<R> {
    /// Rows that are done with.
    pub(crate) settled: Vec<(usize, Outcome)>,
    /// Batches to send again.
    pub(crate) again: Vec<Vec<R>>,
}

impl<R> Default for Sorted<R> {
    fn default() -> Self {
        Self { settled: Vec::new(), again: Vec::new() }
    }
}

impl<R: Row> Sorted<R> {
    /// The same outcome for each row of `batch`.
    pub(crate) fn all(batch: &[R], outcome: &Outcome) -> Self {
        Self { settled: batch.iter().map(|row| (row.index(), outcome.clone())).collect(), again: Vec::new() }
    }

    /// Why nothing can be written just now, if that is what the answer says.
    pub(crate) fn reason_to_wait(&self) -> Option<&str> {
        self.settled.iter().find_map(|(_, outcome)| match outcome {
            Outcome::Later { reason, .. } => Some(reason.as_str()),
            _ => None,
        })
    }
}

/// Rows in two halves.
pub(crate) fn halves<R: Clone>(rows: &[R]) -> Vec<Vec<R>> {
    rows.chunks(rows.len().div_ceil(2)).map(<[R]>::to_vec).collect()
}

/// A write on its way: what each row came to, and what is still to be sent.
#[derive(Debug)]
pub(crate) struct Search<R> {
    outcomes: Vec<Option<Outcome>>,
    waiting: VecDeque<Vec<R>>,
    calls: usize,
    stopped: String,
    nothing_taken: Duration,
}

impl<R: Row> Search<R> {
    /// Of rows that were checked: one that would be refused for sure has its outcome already. `batches` says which go together.
    pub(crate) fn of(checked: Vec<Result<R, Outcome>>, batches: impl FnOnce(Vec<R>) -> Vec<Vec<R>>) -> Self {
        let good = checked.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
        Self {
            waiting: batches(good).into(),
            outcomes: checked.into_iter().map(Result::err).collect(),
            calls: 0,
            stopped: "the channel refuses the batch without naming the rows; the search goes on later".to_owned(),
            nothing_taken: NOT_REACHED,
        }
    }

    /// The same, where what wasn't reached comes after `pause` if nothing was taken at all: it may be for another reason than the
    /// rows.
    pub(crate) fn with_pause(self, pause: Duration) -> Self {
        Self { nothing_taken: pause, ..self }
    }

    /// The same, where what wasn't reached comes later for this reason, if no other turns up.
    pub(crate) fn saying(self, stopped: &str) -> Self {
        Self { stopped: stopped.to_owned(), ..self }
    }

    /// The next rows to send; none if nothing waits, or if that were too many calls.
    pub(crate) fn next(&mut self) -> Option<Vec<R>> {
        let batch = if self.calls < MOST_CALLS { self.waiting.pop_front()? } else { return None };
        self.calls += 1;
        Some(batch)
    }

    /// Notes what `batch` was answered with, or why it wasn't.
    ///
    /// # Errors
    /// If nothing was told: the first call wasn't made.
    pub(crate) fn note(&mut self, batch: &[R], answer: Result<Sorted<R>, ChannelError>) -> Result<(), ChannelError> {
        match answer {
            Ok(sorted) => self.sort(sorted),
            Err(error @ (ChannelError::NoAnswer { .. } | ChannelError::Unreadable { .. })) => {
                tracing::warn!(rows = batch.len(), "whether stock was taken is not known: {error}");
                self.settle(Sorted::all(batch, &Outcome::Unknown).settled);
                self.stop(error.to_string());
            }
            Err(error) if self.calls == 1 => return Err(error),
            Err(error) => self.stop(error.to_string()),
        }
        Ok(())
    }

    /// What each row came to, in the order in which they were asked for.
    pub(crate) fn outcomes(self) -> Vec<Outcome> {
        let is_stuck = self.calls >= MOST_CALLS && !self.outcomes.contains(&Some(Outcome::Taken));
        let after = if is_stuck { self.nothing_taken } else { NOT_REACHED };
        let later = Outcome::Later { after, reason: self.stopped };
        self.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| later.clone())).collect()
    }

    fn sort(&mut self, sorted: Sorted<R>) {
        if let Some(reason) = sorted.reason_to_wait() {
            self.stop(reason.to_owned());
        }
        self.settle(sorted.settled);
        for part in sorted.again.into_iter().rev() {
            self.waiting.push_front(part);
        }
    }

    fn stop(&mut self, reason: String) {
        self.waiting.clear();
        self.stopped = reason;
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
impl<R> Search<R> {
    /// The calls that were made.
    pub(crate) const fn calls(&self) -> usize {
        self.calls
    }
}
