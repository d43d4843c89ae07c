//! `edin up`: the whole bundle on this machine, until it is asked to end.

use std::collections::BTreeMap;

use edin_demo::shop::Shop;
use edin_local::aws::watch::Askers;
use edin_local::house::{House, Options};
use edin_local::state::endpoints::Endpoints;

use crate::output::say;
use crate::settings::{Settings, Up};

/// Starts it and stays.
pub(super) async fn up(settings: &Settings, wanted: &Up) -> anyhow::Result<()> {
    if wanted.alone {
        return stay_alone(settings, wanted).await;
    }
    let (house, shop) = open_to(settings, Askers::and(&wanted.watchers)).await?;
    until_ended(settings, &house).await?;
    close(settings, &shop)
}

/// Starts the bundle over what was imported, without channels of its own, and stays until Ctrl-C.
async fn stay_alone(settings: &Settings, wanted: &Up) -> anyhow::Result<()> {
    let watchers = Askers::and(&wanted.watchers);
    let house = House::start(Options { watchers, ..Options::new(&settings.state, settings.listen) }).await?;
    house.endpoints(&BTreeMap::new()).await?.write(&settings.state)?;
    until_ended(settings, &house).await?;
    Endpoints::remove(&settings.state);
    Ok(())
}

/// Opens the house, and the demo's shop in it.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<(House, Shop)> {
    open_to(settings, Askers::default()).await
}

/// The same, for others to watch than programs of this machine.
async fn open_to(settings: &Settings, watchers: Askers) -> anyhow::Result<(House, Shop)> {
    let house = House::start(Options { watchers, ..Options::new(&settings.state, settings.listen) }).await?;
    let shop = Shop::open(&house).await?;
    house.endpoints(&shop.urls()).await?.write(&settings.state)?;
    Ok((house, shop))
}

/// Leaves the shop as it is for the next time.
pub(super) fn close(settings: &Settings, shop: &Shop) -> anyhow::Result<()> {
    Endpoints::remove(&settings.state);
    shop.save()
}

/// Says where the house is, and waits until it shall end.
pub(super) async fn until_ended(settings: &Settings, house: &House) -> anyhow::Result<()> {
    let endpoints = settings.state.join("endpoints.json");
    say(&format!("Edin is up: {}  (endpoints: {}; Ctrl-C ends it)", house.url(), endpoints.display()))?;
    asked_to_end().await?;
    say("Edin ends")
}

/// Waits for Ctrl-C, or for SIGTERM, by which a service is ended.
#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
