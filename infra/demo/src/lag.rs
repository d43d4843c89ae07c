//! How long it takes from a sale in one channel until the others have acknowledged a number that knows of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::dynamodb::EventRecord;
use edin_domain::listing::ListingKey;
use edin_domain::shown::Shown;
use edin_domain::stock::Place;
use edin_domain::{ConnectionId, LocationId, Sku, Timestamp};
use edin_local::house::House;
use edin_store::stream::{image, text};
use edin_store::{Store, keys, level_from};
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinHandle;

use crate::buyers::Bought;
use crate::shop::Shop;

/// What the stream told, in its order.
#[derive(Debug, Default)]
struct Told {
    /// A level got a version, by these orders.
    levels: Vec<(Place, u64, Vec<String>)>,
    /// A channel acknowledged a number, computed from this version of the stock.
    acknowledged: BTreeMap<ListingKey, Vec<(Timestamp, u64)>>,
}

/// Watches the stream while the demo runs.
pub(crate) struct Watch {
    store: Store,
    start: BTreeMap<Place, u64>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Told>,
}

impl Watch {
    pub(crate) async fn start(house: &House) -> anyhow::Result<Self> {
        let store = house.store();
        let records = house.watch();
        let (stop, stopped) = oneshot::channel();
        let start = versions(&store).await?;
        Ok(Self { store, start, stop, task: tokio::spawn(listen(records, stopped)) })
    }

    /// Lags, one for every sale and every other channel that had to be told of it. What of them the channels' own limits account
    /// for, their journals say.
    pub(crate) async fn stop(self, sales: &[Bought], shop: &Shop) -> anyhow::Result<Lags> {
        let _ = self.stop.send(());
        let told = self.task.await?;
        let listings = listings(&self.store).await?;
        let uptakes: BTreeMap<_, _> = shop
            .stage
            .stands()
            .filter_map(|stand| Some((stand.enrolment().connection, (stand, stand.uptake()?))))
            .collect();
        let excess = |listing: &ListingKey, since, by| {
            let (stand, uptake) = uptakes.get(listing.connection.as_str())?;
            uptake.excess(&stand.calls(shop.good(listing.sku.as_str()).ok()?), since, by)
        };
        Ok(lags(&told, self.start, &listings, sales, excess))
    }
}

/// Milliseconds, sorted, by the connection that was told.
pub(crate) type Lags = BTreeMap<ConnectionId, Lag>;

/// How long a channel took to know of sales elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Lag {
    /// From the sale until the channel knew.
    pub(crate) whole: Vec<u64>,
    /// What of it the channel's own limits don't account for.
    pub(crate) excess: Vec<u64>,
}

/// Listings that are told by a call, and what makes up the number of each.
type Listings = BTreeMap<ListingKey, BTreeSet<Place>>;

async fn versions(store: &Store) -> anyhow::Result<BTreeMap<Place, u64>> {
    let places: BTreeSet<Place> = listings(store).await?.into_values().flatten().collect();
    let levels = store.levels(places).await?;
    Ok(levels.levels().map(|level| (level.place.clone(), level.version)).collect())
}

async fn listings(store: &Store) -> anyhow::Result<Listings> {
    let mut listings = Listings::new();
    for connection in
        store.connections().await?.into_values().filter(|connection| edin_channels::is_told(connection.channel()))
    {
        let listed = store.listings(&connection.id).await?;
        let products = store.products(listed.iter().map(|listing| listing.key.sku.clone())).await?;
        for listing in listed {
            let components = products.get(&listing.key.sku).map(|product| product.components()).unwrap_or_default();
            let places =
                components.into_keys().flat_map(|sku| places(&sku, connection.sells_from(&listing.key.warehouse)));
            listings.insert(listing.key.clone(), places.collect());
        }
    }
    Ok(listings)
}

fn places(sku: &Sku, locations: &[LocationId]) -> Vec<Place> {
    locations.iter().map(|location| Place { sku: sku.clone(), location: location.clone() }).collect()
}

async fn listen(mut records: broadcast::Receiver<Arc<Vec<EventRecord>>>, mut stopped: oneshot::Receiver<()>) -> Told {
    let mut told = Told::default();
    loop {
        tokio::select! {
            biased;
            batch = records.recv() => match batch {
                Ok(batch) => batch.iter().for_each(|record| note(&mut told, record)),
                Err(broadcast::error::RecvError::Lagged(missed)) => tracing::warn!(missed, "the demo lost sight of some records"),
                Err(broadcast::error::RecvError::Closed) => return told,
            },
            _ = &mut stopped => return told,
        }
    }
}

fn note(told: &mut Told, record: &EventRecord) {
    let Some(item) = image(&record.change.new_image) else { return };
    let key = |name| text(&record.change.keys, name).unwrap_or_default();
    let (pk, sk) = (key("pk"), key("sk"));
    if sk.starts_with("LEVEL#") {
        if let Ok(level) = level_from(item) {
            let orders = level.changes.into_iter().map(|change| change.order).collect();
            told.levels.push((level.place, level.version, orders));
        }
    } else if sk.starts_with("SHOWN#")
        && let (Some(listing), Ok(Shown { acknowledged: Some(acknowledged), .. })) =
            (keys::listing_key(pk, sk), serde_dynamo::from_item(item))
    {
        told.acknowledged.entry(listing).or_default().push((acknowledged.at, acknowledged.version));
    }
}

fn lags(
    told: &Told,
    mut versions: BTreeMap<Place, u64>,
    listings: &Listings,
    sales: &[Bought],
    excess: impl Fn(&ListingKey, Timestamp, Timestamp) -> Option<Duration>,
) -> Lags {
    let placed: BTreeMap<String, Timestamp> = sales.iter().map(|sale| (sale.order.to_string(), sale.at)).collect();
    let mut seen = BTreeSet::new();
    let mut lags = Lags::new();
    for (place, version, orders) in &told.levels {
        versions.insert(place.clone(), *version);
        for order in orders {
            let Some(at) = placed.get(order) else { continue };
            for (listing, places) in listings.iter().filter(|(_, places)| places.contains(place)) {
                let is_own = order.starts_with(&format!("{}/", listing.connection));
                if is_own || !seen.insert((order.clone(), listing.clone())) {
                    continue;
                }
                let needed: u64 = places.iter().filter_map(|place| versions.get(place)).sum();
                let acknowledged = told.acknowledged.get(listing).into_iter().flatten();
                let first = acknowledged.filter(|(_, version)| *version >= needed).map(|(at, _)| *at).min();
                let excess = first.and_then(|first| excess(listing, *at, first));
                let lag = lags.entry(listing.connection.clone()).or_default();
                lag.whole.extend(first.map(|first| millis(first.since(*at))));
                lag.excess.extend(excess.map(millis));
            }
        }
    }
    for lag in lags.values_mut() {
        lag.whole.sort_unstable();
        lag.excess.sort_unstable();
    }
    lags
}

fn millis(lag: Duration) -> u64 {
    u64::try_from(lag.as_millis()).unwrap_or(u64::MAX)
}
