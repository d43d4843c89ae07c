//! `edin demo`: buyers in all channels for a short while, and what came of it.

use edin_demo::ORDERS;

use super::up::{close, open, until_ended};
use crate::output::say;
use crate::settings::{Demo, Settings};

/// Lets them buy, says what came of it, and ends.
pub(super) async fn demo(settings: &Settings, wanted: &Demo) -> anyhow::Result<()> {
    let (house, shop) = open(settings).await?;
    let summary = edin_demo::run(&house, &shop, wanted.orders).await?;
    say(&if wanted.json { serde_json::to_string(&summary)? } else { summary.to_string() })?;
    close(settings, &shop)
}

/// Lets them buy, says what came of it, and stays until Ctrl-C.
pub(super) async fn demo_and_stay(settings: &Settings) -> anyhow::Result<()> {
    let (house, shop) = open(settings).await?;
    say(&edin_demo::run(&house, &shop, ORDERS).await?.to_string())?;
    until_ended(settings, &house).await?;
    close(settings, &shop)
}
