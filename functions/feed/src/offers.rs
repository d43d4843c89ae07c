//! The offers of a list.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::facts::Facts;
use edin_channels::feed::{Offer, StoreStock};
use edin_domain::bundle::Product;
use edin_domain::listing::Listing;
use edin_domain::offer::due;
use edin_domain::shown::Shown;
use edin_domain::stock::Place;
use edin_domain::{Article, Connection, Money, Sku, Timestamp};
use edin_store::catalogue::ListingsPage;
use edin_store::{Store, StoreError};

/// What a list says, and what its channel did meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    /// By what the channel calls them.
    pub(crate) all: BTreeMap<Article, Offer>,
    /// Units that the channel has sold and called off by itself so far. Only rises.
    pub(crate) own: i64,
}

/// Every listing of the connection as an offer, those without stock included: a channel may keep what a list leaves out.
pub(crate) async fn offers(
    store: &Store,
    connection: &Connection,
    facts: &Facts,
    now: Timestamp,
) -> Result<Offers, StoreError> {
    let mut offers = Offers::default();
    let mut page = store.listings_after(&connection.id, None).await?;
    loop {
        add(&mut offers, store, (connection, facts), &page, now).await?;
        if page.is_last() {
            return Ok(offers);
        }
        page = store.listings_after(&connection.id, Some(page)).await?;
    }
}

/// Adds a page of listings: all of them at once, with their products and levels, would not fit into the function's memory.
async fn add(
    offers: &mut Offers,
    store: &Store,
    (connection, facts): (&Connection, &Facts),
    page: &ListingsPage,
    now: Timestamp,
) -> Result<(), StoreError> {
    let listings = &page.listings;
    let skus: BTreeSet<Sku> = listings.iter().map(|listing| listing.key.sku.clone()).collect();
    let products = store.products(skus).await?;
    let prices = store.prices(&connection.id, page).await?;
    let mut stock = store.levels(places(connection, listings.iter(), &products)).await?;
    let foreseen = listings.iter().filter(|listing| connection.policy(listing).buffer.foresees());
    let asked: BTreeSet<Sku> = places(connection, foreseen, &products).into_iter().map(|place| place.sku).collect();
    stock.extend(store.demand(asked).await?);
    for listing in listings {
        let Some((id, product, price)) = offered(listing, facts.required_id(), &products, &prices) else {
            tracing::error!(connection = %connection.id, sku = %listing.key.sku, "a listing has no name that the channel lists it under, no price or no product; it is left out of the list");
            continue;
        };
        let due = due(listing, product, connection, facts.pace(connection), &stock, &Shown::default(), now);
        let offer = offers.all.entry(id.clone()).or_insert_with(|| new_offer(id, product, price));
        offer.stores.push(StoreStock { store: listing.key.warehouse.clone(), quantity: due.offer.quantity });
        offers.own += due.tally.sold + due.tally.freed + due.tally.late;
    }
    Ok(())
}

fn places<'a>(
    connection: &Connection,
    listings: impl Iterator<Item = &'a Listing>,
    products: &BTreeMap<Sku, Product>,
) -> BTreeSet<Place> {
    let of_listing = |listing: &Listing| {
        let components = products.get(&listing.key.sku).map(Product::components).unwrap_or_default();
        let locations = connection.sells_from(&listing.key.warehouse);
        components.into_keys().flat_map(move |sku| {
            locations.iter().map(move |location| Place { sku: sku.clone(), location: location.clone() })
        })
    };
    listings.flat_map(of_listing).collect()
}

fn offered<'a>(
    listing: &'a Listing,
    required: &str,
    products: &'a BTreeMap<Sku, Product>,
    prices: &BTreeMap<Sku, Money>,
) -> Option<(&'a Article, &'a Product, Money)> {
    let sku = &listing.key.sku;
    Some((listing.ids.get(required)?, products.get(sku)?, *prices.get(sku)?))
}

fn new_offer(id: &Article, product: &Product, price: Money) -> Offer {
    Offer { id: id.clone(), title: product.title.clone(), brand: product.brand.clone(), price, stores: Vec::new() }
}
