//! What a line's article is, what that is made of, and where it is taken from.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::facts::Facts;
use edin_channels::{facts, trust};
use edin_domain::bundle::Product;
use edin_domain::offer::Stock;
use edin_domain::order::{Counted, Effect, LineState, Mapped, Order, OrderState, Take};
use edin_domain::stock::Place;
use edin_domain::{Article, Connection, ConnectionId, LineId, LocationId, Sku, WarehouseId};
use edin_store::together::{Goods, Known, Wanted};
use edin_store::{Store, StoreError};

use super::guess::Guesses;
use super::problem::Shortage;

/// What the table says about the articles at hand.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    mappings: BTreeMap<(ConnectionId, Article), Sku>,
    products: BTreeMap<Sku, Product>,
    stock: Stock,
}

impl Catalogue {
    /// Reads what the unmapped lines of `orders` may need besides what is `known` of the articles that were `looked_up`;
    /// nothing if there are none. And the levels of the places that are `asked` for.
    pub(super) async fn read(
        store: &Store,
        orders: &[&Order],
        known: &Known,
        looked_up: &BTreeSet<(ConnectionId, Article)>,
        asked: BTreeSet<Place>,
        guesses: &Guesses,
    ) -> Result<Self, StoreError> {
        let articles = orders.iter().flat_map(|order| {
            let named = |article: &Article| (order.key.connection.clone(), article.clone());
            order.unmapped().flat_map(|(_, articles)| articles).map(named).collect::<Vec<_>>()
        });
        let articles: BTreeSet<_> = articles.collect();
        let of_waiting: Vec<_> = articles.difference(looked_up).cloned().collect();
        let mut mappings = store.mappings(of_waiting).await?;
        let named = articles.into_iter().filter_map(|article| {
            let mapped = known.mappings.get(&article).cloned();
            let sku = mapped.or_else(|| named_by_sku(known.connections.get(&article.0)?, &article.1))?;
            Some((article, sku))
        });
        mappings.extend(named);
        let locations = orders
            .iter()
            .filter_map(|order| Some(locations(known.connections.get(&order.key.connection)?, &order.state)));
        let locations: BTreeSet<&LocationId> = locations.flatten().collect();
        let Goods { products, mut stock } = goods(store, mappings.values(), &locations, known).await?;
        let asked = asked.into_iter().filter(|place| stock.level(place).is_none()).collect();
        let asked = read(store, Wanted { places: asked, ..Wanted::default() }, known).await?;
        stock.extend(asked.stock.levels().cloned());
        guesses.note(mappings.iter().map(|(article, sku)| {
            let made_of = products.get(sku).map(Product::components).unwrap_or_default().into_keys();
            let places = places(&made_of.chain([sku.clone()]).collect(), &locations);
            (article.clone(), Wanted { products: [sku.clone()].into(), places })
        }));
        Ok(Self { mappings, products, stock })
    }
}

/// The good that an article is, where its channel's orders name goods as the seller does.
fn named_by_sku(connection: &Connection, article: &Article) -> Option<Sku> {
    let by_sku = facts(connection.channel()).is_some_and(Facts::names_skus);
    Sku::new(article.as_str()).ok().filter(|_| by_sku)
}

/// Products, and the levels that they are taken from: most products are their own only component, so that their levels are
/// read along with them; and some were read already, by a guess.
async fn goods(
    store: &Store,
    skus: impl Iterator<Item = &Sku>,
    locations: &BTreeSet<&LocationId>,
    known: &Known,
) -> Result<Goods, StoreError> {
    let skus: BTreeSet<Sku> = skus.cloned().collect();
    let mut goods = read(store, Wanted { places: places(&skus, locations), products: skus.clone() }, known).await?;
    let components: BTreeSet<Sku> =
        goods.products.values().flat_map(|product| product.components().into_keys()).collect();
    let others: BTreeSet<Sku> = components.difference(&skus).cloned().collect();
    let others = Wanted { places: places(&others, locations), ..Wanted::default() };
    goods.stock.extend(read(store, others, known).await?.stock.levels().cloned());
    Ok(goods)
}

/// What was read already, and the rest.
async fn read(store: &Store, wanted: Wanted, known: &Known) -> Result<Goods, StoreError> {
    let (mut goods, unread) = known.guessed.of(wanted);
    if !unread.is_empty() {
        let Goods { products, stock } = store.goods(&unread).await?;
        goods.products.extend(products);
        goods.stock.extend(stock.levels().cloned());
    }
    Ok(goods)
}

fn places(skus: &BTreeSet<Sku>, locations: &BTreeSet<&LocationId>) -> BTreeSet<Place> {
    let place = |sku: &Sku, location: &LocationId| Place { sku: sku.clone(), location: location.clone() };
    skus.iter().flat_map(|sku| locations.iter().map(move |location| place(sku, location))).collect()
}

fn locations<'a>(connection: &'a Connection, order: &OrderState) -> &'a [LocationId] {
    connection.locations(order.warehouse.as_ref())
}

/// A line that is mapped and then told to be of more units than may be takes no more than before.
fn hold_what_is_too_many(before: &Order, order: &mut Order, connection: &Connection) {
    for id in order.mapped.keys() {
        let (Some(line), Some(known)) = (order.state.lines.get(id), before.state.lines.get(id)) else { continue };
        let (now, recorded) = (order.state.counted(line), before.recorded(id, known));
        if let Err(reason) = check_units(now, connection)
            && taken(now) > taken(recorded)
        {
            if order.state.lines != before.state.lines {
                tracing::error!(order = %order.key, %reason, "a line takes no more than before; a person must look");
            }
            order.behind.insert(id.clone(), recorded);
        }
    }
}

fn check_units(counted: Counted, connection: &Connection) -> Result<(), Waits> {
    let (units, most) = (taken(counted), connection.max_line_units());
    if units > most { Err(Waits::TooMany { units, most }) } else { Ok(()) }
}

/// Units that are promised or have left.
const fn taken(counted: Counted) -> u32 {
    counted.reserved().saturating_add(counted.shipped)
}

/// Maps lines one after another, minding what the earlier ones take.
pub(super) struct Resolver<'a> {
    catalogue: Catalogue,
    connections: &'a BTreeMap<ConnectionId, Connection>,
    taken: BTreeMap<Place, i64>,
    attempt: u32,
}

/// After so many attempts a place is taken as chosen, whether it still has enough or not: it has been sold.
const PATIENCE: u32 = 4;

/// Why a line takes nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Waits {
    #[error("none of its articles is mapped")]
    NotMapped,
    #[error("it is mapped to {0}, which is not in the catalogue, or of nothing")]
    NoProduct(Sku),
    #[error("it was sold from warehouse {0}, which is none of this connection's: add it under warehouses")]
    UnknownWarehouse(WarehouseId),
    #[error("{0} has no level where the warehouse sells from: import its stock")]
    NoLevel(Sku),
    #[error(
        "it is of {units} units, and a line of this connection may take {most}: if it is no mistake, raise max_line_units"
    )]
    TooMany { units: u32, most: u32 },
}

/// What was found of an order's lines.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// The places that were chosen among several for having enough.
    pub(super) chosen: BTreeSet<Place>,
    waits: BTreeMap<LineId, Waits>,
}

impl Resolved {
    /// The lines that take nothing, each with the reason.
    pub(super) fn waiting(&self) -> Vec<(LineId, String)> {
        self.waits.iter().map(|(line, waits)| (line.clone(), waits.to_string())).collect()
    }

    /// Why a line of this article waits, in words for a person.
    pub(super) fn reason(&self, order: &Order, article: &Article) -> String {
        let line = order.unmapped().find(|(_, articles)| articles.contains(article));
        line.and_then(|(id, _)| self.waits.get(id)).map_or_else(String::new, ToString::to_string)
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn new(catalogue: Catalogue, connections: &'a BTreeMap<ConnectionId, Connection>, attempt: u32) -> Self {
        Self { catalogue, connections, taken: BTreeMap::new(), attempt }
    }

    /// Maps what can be mapped of an order that was `before`.
    pub(super) fn resolve(&mut self, before: &Order, order: &mut Order) -> Resolved {
        let mut resolved = Resolved::default();
        let Some(connection) = self.connections.get(&order.key.connection) else { return resolved };
        let unmapped: Vec<_> = order.unmapped().map(|(id, _)| id.clone()).collect();
        for id in unmapped {
            let Some(line) = order.state.lines.get(&id) else { continue };
            match self.map(connection, order, line, &mut resolved.chosen) {
                Ok(mapped) => _ = order.mapped.insert(id, mapped),
                Err(waits) => _ = resolved.waits.insert(id, waits),
            }
        }
        hold_what_is_too_many(before, order, connection);
        resolved
    }

    fn map(
        &mut self,
        connection: &Connection,
        order: &Order,
        line: &LineState,
        chosen: &mut BTreeSet<Place>,
    ) -> Result<Mapped, Waits> {
        let sku = self.named(order, line).ok_or(Waits::NotMapped)?;
        let order = &order.state;
        let components = self.catalogue.products.get(&sku).map(Product::components).unwrap_or_default();
        if components.is_empty() {
            return Err(Waits::NoProduct(sku));
        }
        if let Some(unknown) = order.warehouse.as_ref().filter(|told| !connection.warehouses.contains_key(*told)) {
            return Err(Waits::UnknownWarehouse(unknown.clone()));
        }
        let counted = order.counted(line);
        check_units(counted, connection)?;
        let units = i64::from(counted.reserved()) + i64::from(counted.shipped) - i64::from(counted.returned);
        let mut takes = Vec::new();
        for (component, quantity) in components {
            let wanted = units * i64::from(quantity);
            let place = self.choose(&component, locations(connection, order), wanted, chosen);
            let place = place.ok_or_else(|| Waits::NoLevel(component.clone()))?;
            *self.taken.entry(place.clone()).or_default() += wanted;
            takes.push(Take { sku: place.sku, location: place.location, quantity });
        }
        let left_before = self.left_before(order, line, &takes);
        Ok(Mapped { sku, takes, left_before })
    }

    /// What the surest of a line's names says that it is. One that says otherwise is named: a person must correct a mapping.
    fn named(&self, order: &Order, line: &LineState) -> Option<Sku> {
        let sku = |article: &Article| self.catalogue.mappings.get(&(order.key.connection.clone(), article.clone()));
        let mut named: Vec<_> = line.articles.iter().filter_map(|article| Some((article, sku(article)?))).collect();
        named.sort_by_key(|(article, _)| trust(article));
        let ((surest, is), others) = named.split_first()?;
        for (other, says) in others.iter().filter(|(_, says)| says != is) {
            tracing::error!(order = %order.key, "{surest} is mapped to {is} and {other} to {says}: taken for {is}; correct one of the mappings");
        }
        Some((*is).clone())
    }

    /// Units that had left before what the line takes was counted: the count has missed them already, and those that came back
    /// since are more than it knows of. Of goods of which only the return is told, the sale is older than the count.
    fn left_before(&self, order: &OrderState, line: &LineState, takes: &[Take]) -> u32 {
        let place = |take: &Take| Place { sku: take.sku.clone(), location: take.location.clone() };
        let counted_at =
            takes.iter().filter_map(|take| Some(self.catalogue.stock.level(&place(take))?.opened_at)).min();
        let (Some(counted_at), counted) = (counted_at, order.counted(line)) else { return 0 };
        let is_history = order.placed_at().map_or(counted.returned > 0, |placed| placed < counted_at);
        let came_back_since = line.returned_at.is_some_and(|at| at >= counted_at);
        match (is_history, came_back_since) {
            (false, _) => 0,
            (true, true) => counted.shipped,
            (true, false) => counted.shipped.saturating_sub(counted.returned),
        }
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

    /// What an effect takes of which there isn't as much.
    pub(super) fn short(&self, effect: &Effect) -> Vec<Shortage> {
        let short = effect.stock.iter().filter_map(|(place, delta)| {
            let available = self.catalogue.stock.level(place).map_or(0, |level| level.available);
            let wanted = -delta.available();
            let shortage = || Shortage { sku: place.sku.clone(), location: place.location.clone(), wanted, available };
            (wanted > available.max(0)).then(shortage)
        });
        short.collect()
    }

    fn left(&self, place: &Place) -> Option<i64> {
        let level = self.catalogue.stock.level(place)?;
        Some(level.available - self.taken.get(place).copied().unwrap_or(0))
    }
}
