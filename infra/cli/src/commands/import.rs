//! `edin import`: files of connections, goods and stock, into a deployment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;
use edin_catalogue::{Importer, Taken};
use edin_local::import::take_in;
use edin_platform::{Clock, SystemClock};

use crate::deployment::Deployment;
use crate::output::say;

/// Takes them in, and says what came of it.
pub(super) async fn import(deployment: &Deployment, files: &[PathBuf], taken: Taken) -> anyhow::Result<()> {
    let (inbox, deferred) = (deployment.queue("inbox")?, deployment.queue("deferred")?);
    let now = SystemClock.now();
    let importer = Importer { store: &deployment.store, inbox: &inbox, deferred: &deferred, taken, now };
    deployment.keep(BTreeMap::new()).await?;
    let reports = take_in(&importer, files, async |secrets| deployment.keep(secrets).await).await?;
    let mut errors = 0;
    for report in &reports {
        say(&report.to_string())?;
        report.errors.iter().try_for_each(|error| say(&error.to_string()))?;
        errors += report.errors.len();
    }
    match errors {
        0 => Ok(()),
        1 => bail!("1 line was not imported; mend it and import the file again"),
        count => bail!("{count} lines were not imported; mend them and import the file again"),
    }
}
