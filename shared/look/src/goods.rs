//! Goods, where they lie and where they are listed.

use std::collections::BTreeMap;

use edin_domain::bundle::Product;
use edin_domain::listing::{Listing, OwnPolicy, Standing};
use edin_domain::stock::Level;
use edin_domain::{Article, ConnectionId, LocationId, Money, Sku, Timestamp, WarehouseId};
use edin_store::{Store, StoreError};
use serde::Serialize;

use crate::LookError;

/// How many units there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Units {
    /// In the house.
    pub on_hand: i64,
    /// Promised.
    pub reserved: i64,
    /// That can still be sold.
    pub available: i64,
}

impl Units {
    const fn of(level: &Level) -> Self {
        Self { on_hand: level.on_hand, reserved: level.reserved, available: level.available }
    }

    const fn with(self, other: Self) -> Self {
        Self {
            on_hand: self.on_hand + other.on_hand,
            reserved: self.reserved + other.reserved,
            available: self.available + other.available,
        }
    }
}

/// A good, and how many of it lie where; a bundle lies nowhere.
#[derive(Debug, Clone, Serialize)]
pub struct GoodCard {
    /// What it is.
    #[serde(flatten)]
    pub product: Product,
    /// How many of it lie where.
    pub locations: BTreeMap<LocationId, Units>,
}

impl GoodCard {
    /// How many there are in all.
    #[must_use]
    pub fn units(&self) -> Units {
        self.locations.values().copied().fold(Units::default(), Units::with)
    }
}

/// A listing as people made it.
#[derive(Debug, Clone, Serialize)]
pub struct ListingCard {
    /// The good.
    pub sku: Sku,
    /// At which connection.
    pub connection: ConnectionId,
    /// At which of the channel's warehouses.
    pub warehouse: WarehouseId,
    /// What the channel calls it.
    pub ids: BTreeMap<String, Article>,
    /// What it costs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Whether a person lets it sell.
    pub standing: Standing,
    /// When a person ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What of its policy is its own.
    pub policy: OwnPolicy,
}

impl ListingCard {
    fn of(listing: Listing, price: Option<Money>) -> Self {
        let Listing { key, ids, policy, standing, ended_at } = listing;
        Self {
            sku: key.sku,
            connection: key.connection,
            warehouse: key.warehouse,
            ids,
            price,
            standing,
            ended_at,
            policy,
        }
    }
}

/// All goods. Reads the whole table.
///
/// # Errors
/// If it can't be read.
pub async fn all(store: &Store) -> Result<Vec<GoodCard>, LookError> {
    let (mut products, mut levels, mut page) = (Vec::new(), BTreeMap::<Sku, BTreeMap<_, _>>::new(), None);
    loop {
        let found = store.everything(page.take()).await?;
        products.extend(found.products.iter().cloned());
        for level in &found.levels {
            let (sku, location) = (level.place.sku.clone(), level.place.location.clone());
            levels.entry(sku).or_default().insert(location, Units::of(level));
        }
        if found.is_last() {
            break;
        }
        page = Some(found);
    }
    products.sort_unstable_by(|one: &Product, other| one.sku.cmp(&other.sku));
    let card = |product: Product| GoodCard { locations: levels.remove(&product.sku).unwrap_or_default(), product };
    Ok(products.into_iter().map(card).collect())
}

/// One good.
///
/// # Errors
/// If there is none of this name, or the table can't be read.
pub async fn good(store: &Store, sku: &Sku) -> Result<GoodCard, LookError> {
    let partition = store.partition(sku).await?;
    let product = partition.product.ok_or_else(|| LookError::NoSku(sku.clone()))?;
    let level = |level: &Level| (level.place.location.clone(), Units::of(level));
    Ok(GoodCard { product, locations: partition.levels.iter().map(level).collect() })
}

/// Listings, of one connection or good alone if one is said.
///
/// # Errors
/// If the table can't be read.
pub async fn listings(
    store: &Store,
    connection: Option<&ConnectionId>,
    sku: Option<&Sku>,
) -> Result<Vec<ListingCard>, LookError> {
    let is_meant = |listing: &Listing| connection.is_none_or(|id| *id == listing.key.connection);
    let Some(sku) = sku else { return of_connections(store, connection).await };
    let mut cards = Vec::new();
    for listing in store.partition(sku).await?.listings.into_iter().filter(is_meant) {
        let price = store.price(sku, &listing.key.connection).await?;
        cards.push(ListingCard::of(listing, price));
    }
    Ok(cards)
}

async fn of_connections(store: &Store, only: Option<&ConnectionId>) -> Result<Vec<ListingCard>, LookError> {
    let ids: Vec<ConnectionId> = match only {
        Some(id) => vec![id.clone()],
        None => store.connections().await?.into_keys().collect(),
    };
    let mut cards = Vec::new();
    for id in ids {
        cards.extend(of_connection(store, &id).await?);
    }
    Ok(cards)
}

async fn of_connection(store: &Store, id: &ConnectionId) -> Result<Vec<ListingCard>, StoreError> {
    let (mut cards, mut page) = (Vec::new(), store.listings_after(id, None).await?);
    loop {
        let prices = store.prices(id, &page).await?;
        let card = |listing: &Listing| ListingCard::of(listing.clone(), prices.get(&listing.key.sku).copied());
        cards.extend(page.listings.iter().map(card));
        if page.is_last() {
            return Ok(cards);
        }
        page = store.listings_after(id, Some(page)).await?;
    }
}

/// A place where goods lie, or from which a connection sells.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LocationCard {
    /// How many goods have units there.
    pub goods: usize,
    /// Units of all of them.
    #[serde(flatten)]
    pub units: Units,
    /// The channels' warehouses that sell from it, by connection.
    pub sells_for: BTreeMap<ConnectionId, Vec<WarehouseId>>,
}

/// All locations, from the goods that lie there and the connections that sell from there. Reads the whole table.
///
/// # Errors
/// If it can't be read.
pub async fn locations(store: &Store) -> Result<BTreeMap<LocationId, LocationCard>, LookError> {
    let mut cards = BTreeMap::<LocationId, LocationCard>::new();
    for good in all(store).await? {
        for (location, units) in good.locations {
            let card = cards.entry(location).or_default();
            card.goods += usize::from(units.on_hand != 0);
            card.units = card.units.with(units);
        }
    }
    for connection in store.connections().await?.into_values() {
        for (warehouse, locations) in connection.warehouses {
            for location in locations {
                let sells_for = &mut cards.entry(location).or_default().sells_for;
                sells_for.entry(connection.id.clone()).or_default().push(warehouse.clone());
            }
        }
    }
    Ok(cards)
}
