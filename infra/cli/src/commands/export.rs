//! `edin export`: all that is kept, as tables.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, bail};
use edin_catalogue::export::{Exported, FILES, Tables};

use crate::deployment::Deployment;
use crate::output::say;

/// Writes them into a folder, over nothing that is there.
pub(super) async fn export(deployment: &Deployment, folder: &Path) -> anyhow::Result<()> {
    if let Some(there) = FILES.iter().map(|name| folder.join(name)).find(|path| path.exists()) {
        bail!("{} is there already, and nothing is written over it; name another folder", there.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} can not be made", folder.display()))?;
    let file = |name: &&str| {
        let path = folder.join(name);
        let made = File::create_new(&path);
        made.map(BufWriter::new).with_context(|| format!("{} can not be made", path.display()))
    };
    let [catalogue, stock, orders, ledger] = FILES.each_ref().map(file);
    let tables = Tables::new([catalogue?, stock?, orders?, ledger?]);
    let Exported { goods, listings, levels, orders, ledger, left_out } = tables.write(&deployment.store).await?;
    left_out.iter().try_for_each(|what| say(&format!("left out: {what}")))?;
    let folder = folder.display();
    say(&format!(
        "{folder}: {goods} goods with {listings} listings, {levels} levels, {orders} orders, {ledger} rows of the ledger"
    ))
}
