//! The demo: buyers buy in all channels for a short while; then everything is counted.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, bail};
use edin_domain::listing::Listing;
use edin_domain::order::OrderKey;
use edin_domain::shown::Shown;
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_local::aws::meter;
use edin_local::house::House;
use edin_local::progress::progress;
use edin_platform::{Clock, SystemClock};
use edin_store::Store;
use edin_trade::messages::Read;
use futures::future::try_join_all;

use crate::buyers::{self, Bought};
use crate::lag;
use crate::shop::Shop;
use crate::shop::doors::Door;
use crate::summary::{Measured, Summary};

/// How many orders the buyers make, unless told otherwise.
pub const ORDERS: u32 = 600;
/// How long it may take until things come to rest, or the next order arrives. Ozon takes a number for one good every 30 seconds only.
const PATIENCE: Duration = Duration::from_secs(240);
/// Looking for orders must not become the heaviest thing that is measured.
const LOOKED_FOR_AT_ONCE: usize = 10;

/// What buyers bought.
type Sales = Vec<Bought>;

/// Lets buyers make `orders` orders, waits until all channels know, reconciles, and counts.
///
/// # Errors
/// If things don't come to rest, or an order is missing in the end.
pub async fn run(house: &House, shop: &Shop, orders: u32) -> anyhow::Result<Summary> {
    show_the_stock(house, shop).await?;
    let (calls, counts) = (shop.stage.calls(), house.engine().meter().counts());
    let violations = shop.stage.violations().len();
    let watch = lag::Watch::start(house).await?;
    let began = SystemClock.now();
    let doors = Door::open(house).await?;
    let sales = buyers::buy(shop, &doors, orders, &progress(u64::from(orders), "buyers are buying")).await?;
    let bar = progress(u64::from(orders), "orders are taken in");
    let recorded_at = until_recorded(house, &sales, &bar).await?;
    bar.finish_and_clear();
    try_join_all(doors.into_iter().map(|door| door.close(house))).await?;
    let bar = progress(0, "channels are told");
    bar.enable_steady_tick(Duration::from_millis(200));
    house.settle(PATIENCE).await?;
    let spent = meter::since(&house.engine().meter().counts(), &counts);
    let channel_calls = shop.stage.calls() - calls;
    let lags = watch.stop(&sales, shop).await?;
    let drift_units = reconcile(house, shop).await?;
    bar.finish_and_clear();
    Measured {
        began,
        recorded_at,
        sales,
        lags,
        spent,
        channel_calls,
        drift_units,
        violations: shop.stage.violations().into_iter().skip(violations).collect(),
    }
    .summary(house)
    .await
}

/// Before anybody buys, every channel shows what it should.
async fn show_the_stock(house: &House, shop: &Shop) -> anyhow::Result<()> {
    let bar = progress(0, "telling the channels the stock");
    bar.enable_steady_tick(Duration::from_millis(200));
    house.settle(PATIENCE).await?;
    reconcile(house, shop).await?;
    until_told_again(&house.store()).await?;
    bar.finish_and_clear();
    Ok(())
}

/// Ozon takes no second number for a good within 30 seconds of the first; a shop that has just opened waits for that, so that
/// what is measured is a shop that has been open for a while.
async fn until_told_again(store: &Store) -> anyhow::Result<()> {
    let mut latest = SystemClock.now();
    for connection in store.connections().await?.into_keys() {
        for listing in store.listings(&connection).await? {
            let shown = store.partition(&listing.key.sku).await?.shown(&listing.key);
            latest = latest.max(shown.not_before.unwrap_or(latest));
        }
    }
    tokio::time::sleep(latest.since(SystemClock.now())).await;
    Ok(())
}

/// Waits until every sale is in the table. Returns when that was.
async fn until_recorded(house: &House, sales: &Sales, bar: &indicatif::ProgressBar) -> anyhow::Result<Timestamp> {
    let store = house.store();
    let mut missing: BTreeSet<OrderKey> = sales.iter().map(|sale| sale.order.clone()).collect();
    let mut latest = SystemClock.now();
    loop {
        let known = store.orders(missing.iter().take(LOOKED_FOR_AT_ONCE).cloned()).await?;
        missing.retain(|key| !known.contains_key(key));
        if !known.is_empty() {
            latest = SystemClock.now();
        }
        bar.set_position(u64::try_from(sales.len() - missing.len()).unwrap_or(0));
        match missing.first() {
            None => return Ok(SystemClock.now()),
            Some(first) if SystemClock.now().since(latest) > PATIENCE => {
                bail!("{} orders never arrived, such as {first}", missing.len())
            }
            Some(_) if known.is_empty() => tokio::time::sleep(Duration::from_millis(50)).await,
            Some(_) => {}
        }
    }
}

/// Reads all orders once more, lets channels pull, reconciles until nothing is under way, and once more. Returns the units by
/// which the channels differ in the end.
async fn reconcile(house: &House, shop: &Shop) -> anyhow::Result<u64> {
    house.poll(Read::Changes).await?;
    house.settle(PATIENCE).await?;
    house.reconcile().await?;
    house.settle(PATIENCE).await?;
    for stand in shop.stage.stands() {
        stand.step().await.map_err(|problem| anyhow::anyhow!("{} did not do its part: {problem}", stand.channel()))?;
    }
    let last = house.reconcile().await?;
    house.settle(PATIENCE).await?;
    let pushed: u64 = last.iter().map(|summary| summary.drift_units).sum();
    Ok(pushed + pulled_drift(&house.store(), shop).await?)
}

/// The difference at channels that can't be read by their interface: what their simulators show, against the policy.
async fn pulled_drift(store: &Store, shop: &Shop) -> anyhow::Result<u64> {
    let mut drift = 0;
    for stand in shop.stage.stands().filter(|stand| !edin_channels::is_told(&stand.channel())) {
        let connection = stand.enrolment().connection;
        let connection = store.connection(&ConnectionId::new(connection)?).await?.context("a connection is gone")?;
        for listing in store.listings(&connection.id).await? {
            // What else a person lists there is none of the demo's.
            let Ok(good) = shop.good(listing.key.sku.as_str()) else { continue };
            let due = due(store, &connection, &listing).await?;
            let shown = stand.shown(good, listing.key.warehouse.as_str()).unwrap_or(0);
            drift += u64::from(shown.abs_diff(due));
        }
    }
    Ok(drift)
}

/// What a listing should show by the policy.
async fn due(store: &Store, connection: &Connection, listing: &Listing) -> anyhow::Result<u32> {
    let sellable = store.sellable(&listing.key.sku).await?;
    let product = sellable.partition.product.as_ref().context("a good is gone")?;
    let (pace, shown, now) = (edin_channels::pace(connection), Shown::default(), SystemClock.now());
    Ok(edin_domain::offer::due(listing, product, connection, pace, &sellable.stock, &shown, now).offer.quantity)
}
