//! `edin export`: all that is kept, as tables.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use edin_catalogue::export::{Exported, Form, NAMES, Tables};

use crate::deployment::Deployment;
use crate::output::say;

/// Writes them into a folder, over nothing that is there.
pub(super) async fn export(deployment: &Deployment, folder: &Path, form: Form) -> anyhow::Result<()> {
    let paths = NAMES.map(|name| folder.join(form.file(name)));
    if let Some(there) = paths.iter().find(|path| path.exists()) {
        bail!("{} is there already, and nothing is written over it; name another folder", there.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} can not be made", folder.display()))?;
    let file = |path: &PathBuf| {
        let made = File::create_new(path);
        made.map(BufWriter::new).with_context(|| format!("{} can not be made", path.display()))
    };
    let [catalogue, stock, orders, ledger] = paths.each_ref().map(file);
    let tables = Tables::new(form, [catalogue?, stock?, orders?, ledger?]);
    let Exported { goods, listings, levels, orders, ledger, left_out } = tables.write(&deployment.store).await?;
    left_out.iter().try_for_each(|what| say(&format!("left out: {what}")))?;
    let folder = folder.display();
    say(&format!(
        "{folder}: {goods} goods with {listings} listings, {levels} levels, {orders} orders, {ledger} rows of the ledger"
    ))
}
