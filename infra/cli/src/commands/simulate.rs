//! `edin simulate`: the simulated channels alone, until Ctrl-C.

use edin_demo::simulate;

use crate::output::say;
use crate::settings::Simulate;

/// Starts them, says where they are, and stays.
pub(super) async fn simulate(wanted: &Simulate) -> anyhow::Result<()> {
    let channels = simulate::open(&wanted.out).await?;
    let (url, places) = (channels.url(), channels.places().display());
    say(&format!("the channels are up: {url}  ({places}; Ctrl-C ends them)"))?;
    tokio::signal::ctrl_c().await?;
    channels.save()
}
