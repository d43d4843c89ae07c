//! `edin redrive`: dead letters, on their way again.

use anyhow::bail;

use crate::deployment::Deployment;
use crate::output::say;
use crate::redrive;
use crate::settings::Redrive;

/// Sends those that are asked for, showing each, and says how many there were.
pub(super) async fn redrive(deployment: &Deployment, wanted: &Redrive) -> anyhow::Result<()> {
    let outcome = redrive::redrive(deployment, wanted, say).await?;
    say(&format!("{}: {outcome}", if wanted.dry_run { "would be redriven" } else { "redriven" }))?;
    if outcome.failed > 0 {
        bail!("{} messages could not be sent on; the log says why", outcome.failed)
    }
    Ok(())
}
