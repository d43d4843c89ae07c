//! Whether what wakes the functions still does.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Of one thing that goes on for ever. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    began: bool,
    has_ended: bool,
    beaten_at: Option<Instant>,
    /// Why it went wrong last, if it did.
    trouble: Option<String>,
}

impl Pulse {
    /// Notes how it went just now.
    pub(crate) fn note<T, E: Display>(&self, outcome: Result<T, E>) {
        let trouble = outcome.err().map(|error| error.to_string());
        self.change(|state| match trouble {
            None => (state.beaten_at, state.trouble) = (Some(Instant::now()), None),
            Some(trouble) => state.trouble = Some(trouble),
        });
    }

    /// Does the work, and notes when it ends: it never should.
    pub(crate) async fn of(self, work: impl Future<Output = ()>) {
        self.change(|state| (state.began, state.beaten_at) = (true, Some(Instant::now())));
        let _ending = Ending(self);
        work.await;
    }

    /// What is wrong with it; nothing if it is well. `patience` is how long it may take over one turn, where that has a bound.
    pub(crate) fn trouble(&self, patience: Option<Duration>) -> Option<String> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let silent =
            state.beaten_at.map(|at| at.elapsed()).filter(|silent| patience.is_some_and(|most| *silent > most));
        match (state.began, state.has_ended, &state.trouble, silent) {
            (false, ..) => Some("it has not begun yet".to_owned()),
            (_, true, ..) => Some("it has ended, and only a restart begins it again; the log says why".to_owned()),
            (_, _, Some(trouble), _) => Some(trouble.clone()),
            (_, _, _, Some(silent)) => Some(format!("nothing for {} s", silent.as_secs())),
            _ => None,
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Dropped when the work ends, by a panic too.
struct Ending(Pulse);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.change(|state| state.has_ended = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_has_not_begun_fails_is_silent_or_has_ended_is_in_trouble() {
        let pulse = Pulse::default();
        let says = |patience| pulse.trouble(patience).unwrap_or_default();
        assert!(says(None).contains("not begun"));
        let work = tokio::spawn(pulse.clone().of(std::future::pending()));
        tokio::task::yield_now().await;
        assert_eq!(says(None), "");
        pulse.note(Err::<(), _>("no answer"));
        assert_eq!(says(None), "no answer");
        pulse.note(Ok::<_, String>(()));
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!((says(None).as_str(), says(Some(Duration::from_secs(60))).as_str()), ("", "nothing for 61 s"));
        work.abort();
        work.await.unwrap_err();
        assert!(says(None).contains("has ended"));
    }

    #[tokio::test]
    async fn work_that_panics_has_ended() {
        let pulse = Pulse::default();
        tokio::spawn(pulse.clone().of(async { panic!("a bug") })).await.unwrap_err();
        assert!(pulse.trouble(None).unwrap().contains("has ended"));
    }
}
