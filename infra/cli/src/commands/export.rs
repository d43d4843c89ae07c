//! `edin export`: all that is kept, as tables.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use edin_catalogue::export::{Exported, FILES, Tables};

use crate::deployment::Deployment;
use crate::output::say;

/// Writes them into a folder, over nothing that is there.
pub(super) async fn export(deployment: &Deployment, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} can not be made", folder.display()))?;
    let file = |name: &&str| {
        let path = folder.join(name);
        let made = File::create_new(&path);
        made.map(BufWriter::new).with_context(|| format!("{} can not be made; nothing is written over", path.display()))
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
