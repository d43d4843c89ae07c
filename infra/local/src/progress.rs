//! How far a long piece of work is, on standard error.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar on standard error; where that is no terminal, a line that says what begins.
#[must_use]
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} {elapsed}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(length).with_style(style).with_message(what);
    if bar.is_hidden() {
        // Nobody may be listening, and the work goes on.
        _ = writeln!(std::io::stderr().lock(), "{what} …");
    }
    bar
}

/// How often it is said how far it is, where no bar can be drawn.
const NOW_AND_THEN: Duration = Duration::from_secs(5);

/// Says on standard error how far the work is, where that is no terminal and so has no bar.
pub async fn said_now_and_then<T>(bar: &ProgressBar, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(NOW_AND_THEN, &mut work).await {
            Ok(done) => return done,
            Err(_) if bar.is_hidden() => {
                let (done, of) = (bar.position(), bar.length().unwrap_or(0));
                // Nobody may be listening, and the work goes on.
                _ = writeln!(std::io::stderr().lock(), "{} {done} of {of} goods", bar.message());
            }
            Err(_) => {}
        }
    }
}
