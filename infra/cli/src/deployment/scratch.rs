//! A deployment as it is now, to try something in: what is written there is gone with it.

use std::path::Path;

use anyhow::Context;
use edin_local::state::{database, is_begun};
use tempfile::TempDir;

use super::Deployment;
use super::machine::Machine;
use crate::settings::Settings;

/// What a copy's folder is called, before what tells it from another.
const COPY: &str = "dry-run-";

/// The copy. It is gone when this is dropped.
pub struct Scratch {
    /// What it holds. Its queues are its own, and nobody takes anything off them.
    pub deployment: Deployment,
    _folder: TempDir,
}

impl Scratch {
    /// Of the deployment that the settings name; of a state that isn't begun, an empty one.
    ///
    /// # Errors
    /// If it can't be read, or the copy can't be written.
    pub async fn of(settings: &Settings) -> anyhow::Result<Self> {
        let folder = match settings.stack.is_none() && is_begun(&settings.state) {
            true => beside(&settings.state).context("the state folder can not be copied")?,
            false => tempfile::tempdir()?,
        };
        let deployment = Machine::open(folder.path()).await?;
        if settings.stack.is_some() {
            let stack = Deployment::open(settings).await?;
            stack.store.copy_stock_to(&deployment.store).await.context("the tables can not be copied")?;
        }
        Ok(Self { deployment, _folder: folder })
    }
}

/// The tables of a state alone, beside themselves: buyers' contacts leave the folder for no other. A copy that was left behind goes
/// first.
///
/// # Errors
/// If they can't be read, or the folder can't be written to.
pub fn beside(state: &Path) -> anyhow::Result<TempDir> {
    for left in std::fs::read_dir(state)? {
        let left = left?;
        if left.file_name().to_string_lossy().starts_with(COPY) {
            std::fs::remove_dir_all(left.path())?;
        }
    }
    let copy = tempfile::Builder::new().prefix(COPY).tempdir_in(state)?;
    database::copy(state, copy.path())?;
    Ok(copy)
}
