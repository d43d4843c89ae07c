//! `edin completions`, `edin man`: what the command says of itself, for shells and for `man`.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::settings::Settings;

/// Prints what makes a shell complete the command.
pub(super) fn completions(shell: Shell) -> anyhow::Result<()> {
    // Into memory first, for the generator panics where nobody reads on.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Settings::command(), "edin", &mut script);
    Ok(std::io::stdout().lock().write_all(&script)?)
}

/// Writes a page for each command into the folder.
pub(super) fn pages(folder: &Path) -> anyhow::Result<()> {
    clap_mangen::generate_to(Settings::command(), folder)
        .with_context(|| format!("the manual can not be written into {}", folder.display()))
}
