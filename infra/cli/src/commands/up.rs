//! `edin up`: the whole bundle on this machine, until it is asked to end.

use std::collections::BTreeMap;

use edin_demo::shop::Shop;
use edin_local::aws::callers::Proxies;
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
    let (house, shop) = open_to(settings, wanted).await?;
    until_ended(settings, &house).await?;
    close(settings, &shop)
}

/// Starts the bundle over what was imported, without channels of its own, and stays until Ctrl-C.
async fn stay_alone(settings: &Settings, wanted: &Up) -> anyhow::Result<()> {
    let house = House::start(options(settings, wanted)).await?;
    publish(settings, wanted, house.endpoints(&BTreeMap::new()).await?)?;
    until_ended(settings, &house).await?;
    Endpoints::remove(&settings.state);
    Ok(())
}

/// Opens the house, and the demo's shop in it.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<(House, Shop)> {
    open_to(settings, &Up::default()).await
}

async fn open_to(settings: &Settings, wanted: &Up) -> anyhow::Result<(House, Shop)> {
    let house = House::start(options(settings, wanted)).await?;
    let shop = Shop::open(&house).await?;
    publish(settings, wanted, house.endpoints(&shop.urls()).await?)?;
    Ok((house, shop))
}

fn options(settings: &Settings, wanted: &Up) -> Options {
    let (watchers, proxies) = (Askers::and(&wanted.watchers), Proxies::of(&wanted.proxied_by));
    Options { watchers, proxies, ..Options::new(&settings.state, settings.listen) }
}

/// Tells other programs where everything is.
fn publish(settings: &Settings, wanted: &Up, endpoints: Endpoints) -> anyhow::Result<()> {
    Endpoints { public: wanted.public_url.clone(), ..endpoints }.write(&settings.state)
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
