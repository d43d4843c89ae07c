//! What a line's article is, what that is made of, and where it is taken from.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::bundle::Product;
use edin_domain::offer::Stock;
use edin_domain::order::{LineState, Mapped, Order, OrderState, Place, Take};
use edin_domain::{Article, Connection, ConnectionId, LocationId, Sku};
use edin_store::together::{Goods, Known};
use edin_store::{Store, StoreError};

/// What the table says about the articles at hand.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    mappings: BTreeMap<(ConnectionId, Article), Sku>,
    products: BTreeMap<Sku, Product>,
    stock: Stock,
}

impl Catalogue {
    /// Reads what the unmapped lines of `orders` may need besides what is `known` of the articles that were `looked_up`;
    /// nothing if there are none.
    pub(crate) async fn read(
        store: &Store,
        orders: &[&Order],
        known: &Known,
        looked_up: &BTreeSet<(ConnectionId, Article)>,
    ) -> Result<Self, StoreError> {
        let articles = orders.iter().flat_map(|order| {
            let named = |article: &Article| (order.key.connection.clone(), article.clone());
            order.unmapped().flat_map(|(_, articles)| articles).map(named).collect::<Vec<_>>()
        });
        let articles: BTreeSet<_> = articles.collect();
        let of_waiting: Vec<_> = articles.difference(looked_up).cloned().collect();
        let mut mappings = store.mappings(of_waiting).await?;
        let named = articles.into_iter().filter_map(|article| {
            let sku = known.mappings.get(&article)?.clone();
            Some((article, sku))
        });
        mappings.extend(named);
        let locations = orders
            .iter()
            .filter_map(|order| Some(locations(known.connections.get(&order.key.connection)?, &order.state)));
        let locations: BTreeSet<&LocationId> = locations.flatten().collect();
        let Goods { products, stock } = goods(store, mappings.values(), &locations).await?;
        Ok(Self { mappings, products, stock })
    }
}

/// Products, and the levels that they are taken from: most products are their own only component, so that their levels are
/// read along with them.
async fn goods(
    store: &Store,
    skus: impl Iterator<Item = &Sku>,
    locations: &BTreeSet<&LocationId>,
) -> Result<Goods, StoreError> {
    let skus: BTreeSet<Sku> = skus.cloned().collect();
    let places = |skus: &BTreeSet<Sku>| -> Vec<Place> {
        let place = |sku: &Sku, location: &LocationId| Place { sku: sku.clone(), location: location.clone() };
        skus.iter().flat_map(|sku| locations.iter().map(move |location| place(sku, location))).collect()
    };
    let mut goods = store.goods(skus.iter().cloned(), places(&skus)).await?;
    let components: BTreeSet<Sku> =
        goods.products.values().flat_map(|product| product.components().into_keys()).collect();
    let others: BTreeSet<Sku> = components.difference(&skus).cloned().collect();
    goods.stock.extend(store.levels(places(&others)).await?.levels().cloned());
    Ok(goods)
}

fn locations<'a>(connection: &'a Connection, order: &OrderState) -> &'a [LocationId] {
    connection.locations(order.warehouse.as_ref())
}

/// Maps lines one after another, minding what the earlier ones take.
pub(crate) struct Resolver<'a> {
    catalogue: Catalogue,
    connections: &'a BTreeMap<ConnectionId, Connection>,
    taken: BTreeMap<Place, i64>,
    attempt: u32,
}

/// After so many attempts a place is taken as chosen, whether it still has enough or not: it has been sold.
const PATIENCE: u32 = 4;

impl<'a> Resolver<'a> {
    pub(crate) fn new(catalogue: Catalogue, connections: &'a BTreeMap<ConnectionId, Connection>, attempt: u32) -> Self {
        Self { catalogue, connections, taken: BTreeMap::new(), attempt }
    }

    /// Maps what can be mapped of an order. Returns the places that were chosen among several for having enough.
    pub(crate) fn resolve(&mut self, order: &mut Order) -> BTreeSet<Place> {
        let Some(connection) = self.connections.get(&order.key.connection) else { return BTreeSet::new() };
        let mut chosen = BTreeSet::new();
        let unmapped: Vec<_> = order.unmapped().map(|(id, _)| id.clone()).collect();
        for id in unmapped {
            let line = order.state.lines.get(&id);
            if let Some(mapped) = line.and_then(|line| self.map(connection, &order.state, line, &mut chosen)) {
                order.mapped.insert(id, mapped);
            }
        }
        chosen
    }

    fn map(
        &mut self,
        connection: &Connection,
        order: &OrderState,
        line: &LineState,
        chosen: &mut BTreeSet<Place>,
    ) -> Option<Mapped> {
        let named = |article: &Article| self.catalogue.mappings.get(&(connection.id.clone(), article.clone()));
        let sku = line.articles.iter().find_map(named)?.clone();
        let components = self.catalogue.products.get(&sku)?.components();
        let counted = order.counted(line);
        let units = i64::from(counted.reserved()) + i64::from(counted.shipped) - i64::from(counted.returned);
        let mut takes = Vec::new();
        for (component, quantity) in components {
            let wanted = units * i64::from(quantity);
            let place = self.choose(&component, locations(connection, order), wanted, chosen)?;
            *self.taken.entry(place.clone()).or_default() += wanted;
            takes.push(Take { sku: place.sku, location: place.location, quantity });
        }
        let left_before =
            if self.is_history(order, &takes) { counted.shipped.saturating_sub(counted.returned) } else { 0 };
        (!takes.is_empty()).then_some(Mapped { sku, takes, left_before })
    }

    /// Whether the order is older than the count of everything that it takes: what it shipped before anybody here heard of
    /// it, the count has missed already.
    fn is_history(&self, order: &OrderState, takes: &[Take]) -> bool {
        let place = |take: &Take| Place { sku: take.sku.clone(), location: take.location.clone() };
        let counted_at =
            takes.iter().filter_map(|take| Some(self.catalogue.stock.level(&place(take))?.opened_at)).min();
        order.placed_at().zip(counted_at).is_some_and(|(placed, counted)| placed < counted)
    }

    /// The first of the locations that has as many; else the one that has most. None where there is no level at all.
    fn choose(&self, sku: &Sku, locations: &[LocationId], wanted: i64, chosen: &mut BTreeSet<Place>) -> Option<Place> {
        let places = locations.iter().map(|location| Place { sku: sku.clone(), location: location.clone() });
        let left: Vec<(Place, i64)> = places.filter_map(|place| self.left(&place).map(|left| (place, left))).collect();
        let enough = left.iter().find(|(_, units)| *units >= wanted);
        if let (Some((place, _)), true) = (enough, left.len() > 1 && self.attempt < PATIENCE) {
            chosen.insert(place.clone());
        }
        let most = || left.iter().rev().max_by_key(|(_, units)| *units);
        enough.or_else(most).map(|(place, _)| place.clone())
    }

    fn left(&self, place: &Place) -> Option<i64> {
        let level = self.catalogue.stock.level(place)?;
        Some(level.available - self.taken.get(place).copied().unwrap_or(0))
    }
}
