//! `edin backup`, `edin restore`: the state of this machine as one file, and back.

use std::path::Path;

use anyhow::ensure;
use edin_local::state::backup;
use edin_platform::{Clock, SystemClock};

use crate::output::say;
use crate::settings::Settings;

/// Copies the state into the file.
pub(super) fn back_up(settings: &Settings, file: &Path) -> anyhow::Result<()> {
    ensure_here(settings)?;
    backup::back_up(&settings.state, file, env!("CARGO_PKG_VERSION"), SystemClock.now())?;
    let (state, file) = (settings.state.display(), file.display());
    say(&format!("{state} is backed up in {file}. It holds keys and buyers' contacts: keep it where nobody else reads"))
}

/// Makes the state folder of the file.
pub(super) fn restore(settings: &Settings, file: &Path) -> anyhow::Result<()> {
    ensure_here(settings)?;
    let content = backup::restore(file, &settings.state)?;
    say(&format!(
        "{} is as it was on {}. Start edin up: it reads the orders since then, and tells the channels what they should show. What was \
         imported since then is not there: import it again",
        settings.state.display(),
        content.made_at
    ))
}

fn ensure_here(settings: &Settings) -> anyhow::Result<()> {
    ensure!(
        settings.stack.is_none(),
        "a backup is of a state folder; the tables of a stack go back to any second of the last 35 days by themselves (in the \
         runbook: disaster recovery)"
    );
    Ok(())
}
