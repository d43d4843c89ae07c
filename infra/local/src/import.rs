//! Files of this machine into the tables, with a bar that shows how far it is.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edin_catalogue::{File, Importer, MAX_BYTES, Report, Words, in_order};
use edin_domain::Secret;

use crate::progress::{progress, said_now_and_then};

/// Imports connections, has their secrets kept, and only then the catalogues: what is listed is told to its channel at once.
///
/// # Errors
/// If the secrets can't be kept; what is wrong with the files is in the reports.
pub async fn take_in(
    importer: &Importer<'_>,
    files: &[PathBuf],
    keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Report>> {
    take_in_by(importer, &Arc::default(), files, keep).await
}

/// The same, where the person says what words of the files mean.
///
/// # Errors
/// As above.
pub async fn take_in_by(
    importer: &Importer<'_>,
    words: &Arc<Words>,
    files: &[PathBuf],
    keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Report>> {
    let mut reports = Vec::new();
    for files in in_order(read(files)) {
        let bar = progress(0, "importing");
        let is_at = |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        };
        let report = said_now_and_then(&bar, importer.run_by(words, files, &is_at)).await;
        bar.finish_and_clear();
        keep(report.secrets.clone()).await?;
        reports.push(report);
    }
    Ok(reports)
}

/// The files, with what is in them.
#[must_use]
pub fn read(files: &[PathBuf]) -> Vec<File> {
    files.iter().map(|file| File::of(file, bytes)).collect()
}

/// As many as an import takes, and one more.
fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
