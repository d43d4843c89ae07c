//! One run of a function: it can die at any call that it makes, and it is ended when its time is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use edin_domain::Timestamp;
use tokio::sync::Notify;

/// Who is running.
#[derive(Debug)]
pub struct Invocation {
    /// Which function.
    pub function: &'static str,
    /// Records that the stream had when it began, and when that was.
    pub began: (usize, Timestamp),
    faults: AtomicU32,
    died: Notify,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End<T> {
    /// It answered.
    Answered(T),
    /// It died on the way.
    Died,
    /// Its time was over.
    TimedOut,
}

/// A run that is over.
#[derive(Debug)]
pub struct Run<T> {
    /// How it ended.
    pub end: End<T>,
    /// Whether a fault fell on it.
    pub was_disturbed: bool,
}

tokio::task_local! {
    static RUNNING: Arc<Invocation>;
}

impl Invocation {
    /// Who runs now; nobody in what a test itself does.
    #[must_use]
    pub fn running() -> Option<Arc<Self>> {
        RUNNING.try_with(Arc::clone).ok()
    }

    /// Notes that a fault fell on it.
    pub fn disturb(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends it. Never returns.
    pub async fn die(&self) -> ! {
        self.died.notify_one();
        loop {
            std::future::pending::<()>().await;
        }
    }
}

/// Runs a function to its end, one way or another.
pub async fn run<T>(
    function: &'static str,
    at_most: Duration,
    began: (usize, Timestamp),
    work: impl Future<Output = T>,
) -> Run<T> {
    let invocation = Arc::new(Invocation { function, began, faults: AtomicU32::new(0), died: Notify::new() });
    let end = tokio::select! {
        biased;
        () = invocation.died.notified() => End::Died,
        answer = RUNNING.scope(Arc::clone(&invocation), work) => End::Answered(answer),
        () = tokio::time::sleep(at_most) => End::TimedOut,
    };
    let was_disturbed = invocation.faults.load(Ordering::Relaxed) > 0 || !matches!(end, End::Answered(_));
    Run { end, was_disturbed }
}
