//! What a seller wrote, imported as a person would import it.

use std::collections::BTreeMap;

use anyhow::ensure;
use edin_catalogue::{Importer, Taken};
use edin_domain::Secret;
use edin_local::import::take_in;
use edin_platform::{Clock, Queue, SystemClock};
use edin_store::Store;

/// Imports connections and a catalogue. `keep` keeps the credentials that stand in them.
///
/// # Errors
/// If the import says that something is wrong, or `keep` does.
pub async fn import(
    store: &Store,
    [inbox, deferred]: [&Queue; 2],
    [connections, catalogue]: [String; 2],
    keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = ["connections.toml", "catalogue.csv"].map(|file| folder.path().join(file));
    for (file, written) in files.iter().zip([connections, catalogue]) {
        std::fs::write(file, written)?;
    }
    let importer = Importer { store, inbox, deferred, taken: Taken::Stays, now: SystemClock.now() };
    for report in take_in(&importer, &files, keep).await? {
        ensure!(report.errors.is_empty(), "what the seller wrote was not imported: {:?}", report.errors);
    }
    Ok(())
}
