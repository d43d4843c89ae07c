//! What must hold once everything is quiet.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::order::{Order, OrderKey};
use edin_domain::stock::{Entry, Level};
use edin_domain::{ConnectionId, OrderId, Sku, Timestamp};
use edin_store::Store;
use edin_store::journal::Oversell;
use serde_json::{Value, json};
use simulators::{Event, wildberries};

use crate::aws::Aws;
use crate::aws::queues::{QUEUES, dead};
use crate::goods::{Good, OZON_SHELF, STORES, WILDBERRIES_SHELF};
use crate::plan::Place;
use crate::sold::Sold;
use crate::witness;
use crate::world::{POISON, World};

/// What doesn't hold; empty if all does.
pub type Broken = Vec<String>;

/// Everything that must hold in the end.
///
/// # Errors
/// If the tables can't be read.
pub async fn all(world: &World, aws: &Aws) -> anyhow::Result<Broken> {
    let store = aws.store();
    let orders = orders(world, &store).await?;
    let mut broken = sales(world, &orders);
    broken.extend(strangers(world, aws)?);
    for good in &world.goods {
        let partition = store.partition(&Sku::new(&good.sku)?).await?;
        broken.extend(levels(world, good, &partition.levels, &orders));
        broken.extend(ledger(&store, good, &partition.levels).await?);
        broken.extend(shelves(world, good, &store).await?);
    }
    broken.extend(rules(world));
    broken.extend(world.witness.broken());
    broken.extend(witness::outdated(&world.witness.sent(), &aws.records(0).await?, &world.goods));
    Ok(broken)
}

async fn orders(world: &World, store: &Store) -> anyhow::Result<BTreeMap<OrderKey, Order>> {
    let keys = world.witness.sold().iter().map(key).collect::<Result<Vec<_>, _>>()?;
    Ok(store.orders(keys).await?)
}

fn key(sold: &Sold) -> anyhow::Result<OrderKey> {
    Ok(OrderKey::new(ConnectionId::new(sold.connection)?, OrderId::new(&sold.id)?))
}

/// Each sale is in the table, with what became of it.
fn sales(world: &World, orders: &BTreeMap<OrderKey, Order>) -> Broken {
    let mut broken = Broken::new();
    for sold in &world.witness.sold() {
        let Some(order) = key(sold).ok().and_then(|key| orders.get(&key)) else {
            broken.push(format!("{}/{} was sold and is not in the table", sold.connection, sold.id));
            continue;
        };
        for (sku, really) in &sold.lines {
            let (open, left) = moved(order, sku);
            let (is_open, has_left) =
                (really.ordered.saturating_sub(really.cancelled + really.shipped), really.shipped - really.returned);
            if (open, left) != (i64::from(is_open), i64::from(has_left)) {
                broken.push(format!(
                    "{}/{} {sku}: {is_open} are open and {has_left} gone; the table says {open} and {left}",
                    sold.connection, sold.id
                ));
            }
        }
    }
    broken
}

/// Units of a good that an order has open, and those that left and aren't back.
fn moved(order: &Order, sku: &str) -> (i64, i64) {
    let lines =
        order.state.lines.iter().filter(|(id, _)| order.mapped.get(*id).is_some_and(|it| it.sku.as_str() == sku));
    lines.fold((0, 0), |(open, left), (_, line)| {
        let counted = order.state.counted(line);
        (open + i64::from(counted.reserved()), left + i64::from(counted.shipped) - i64::from(counted.returned))
    })
}

/// No order is in the table that nobody made.
fn strangers(world: &World, aws: &Aws) -> anyhow::Result<Broken> {
    let known: BTreeSet<String> =
        world.witness.sold().iter().map(|sold| format!("ORDER#{}#{}", sold.connection, sold.id)).collect();
    let there = all_items(aws)?;
    let orders = there.iter().filter(|item| item.pointer("/sk/S").and_then(Value::as_str) == Some("ORDER"));
    let names = orders.filter_map(|item| item.pointer("/pk/S")?.as_str().map(str::to_owned));
    Ok(names
        .filter(|name| !known.contains(name))
        .map(|name| format!("{name} is in the table and nobody made it"))
        .collect())
}

fn all_items(aws: &Aws) -> anyhow::Result<Vec<Value>> {
    let (mut items, mut from) = (Vec::new(), None);
    loop {
        let request = json!({"TableName": edin::engine::tables().stock, "ExclusiveStartKey": from});
        let (_, page) = aws.tables.act("Scan", request.to_string().as_bytes());
        let page: Value = serde_json::from_str(&page)?;
        items.extend(page.get("Items").and_then(Value::as_array).cloned().unwrap_or_default());
        from = page.get("LastEvaluatedKey").filter(|key| !key.is_null()).cloned();
        if from.is_none() {
            return Ok(items);
        }
    }
}

/// Stock is conserved, level by level, against what the orders took.
fn levels(world: &World, good: &Good, levels: &[Level], orders: &BTreeMap<OrderKey, Order>) -> Broken {
    let mut broken = Broken::new();
    for level in levels {
        let location = level.place.location.as_str();
        let counted: i64 = world
            .counted
            .iter()
            .filter(|((sku, at), _)| *sku == good.sku && *at == location)
            .map(|(_, units)| units)
            .sum();
        let (open, left) = taken(orders, &good.sku, location);
        let expected = (counted - left, open, counted - left - open);
        let is = (level.on_hand, level.reserved, level.available);
        if is != expected {
            broken.push(format!(
                "{} at {location}: on hand, reserved, available are {is:?}; counted and sold make {expected:?}",
                good.sku
            ));
        }
    }
    broken
}

/// Units of a SKU that orders have open at a location, and those that they took from it for good.
fn taken(orders: &BTreeMap<OrderKey, Order>, sku: &str, location: &str) -> (i64, i64) {
    let mut sum = (0, 0);
    for order in orders.values() {
        for (id, line) in &order.state.lines {
            let Some(mapped) = order.mapped.get(id) else { continue };
            let here =
                mapped.takes.iter().filter(|take| take.sku.as_str() == sku && take.location.as_str() == location);
            let each: i64 = here.map(|take| i64::from(take.quantity)).sum();
            let counted = order.state.counted(line);
            sum.0 += each * i64::from(counted.reserved());
            sum.1 += each * (i64::from(counted.shipped) - i64::from(counted.returned));
        }
    }
    sum
}

/// The ledger leads from nothing to the levels as they are.
async fn ledger(store: &Store, good: &Good, levels: &[Level]) -> anyhow::Result<Broken> {
    let mut broken = Broken::new();
    let rows = store.ledger(&Sku::new(&good.sku)?).await?;
    for level in levels {
        let rows = rows.iter().filter(|(location, _)| *location == level.place.location).map(|(_, entry)| entry);
        if let Some(gap) = gap(&rows.collect::<Vec<_>>(), level) {
            broken.push(format!("the ledger of {} at {}: {gap}", good.sku, level.place.location));
        }
    }
    Ok(broken)
}

fn gap(rows: &[&Entry], level: &Level) -> Option<String> {
    let mut before = (0, 0, 0);
    for row in rows {
        let parts = row.changes.iter().fold((0, 0), |sum, part| (sum.0 + part.on_hand, sum.1 + part.reserved));
        let moved = (row.on_hand.1 - row.on_hand.0, row.reserved.1 - row.reserved.0);
        if (row.version, row.on_hand.0, row.reserved.0) != (before.0 + 1, before.1, before.2) {
            return Some(format!("version {} doesn't follow {before:?}", row.version));
        }
        if parts != moved {
            return Some(format!("version {} moved {moved:?} and its parts {parts:?}", row.version));
        }
        before = (row.version, row.on_hand.1, row.reserved.1);
    }
    let now = (level.version, level.on_hand, level.reserved);
    (before != now).then(|| format!("it ends at {before:?} and the level is at {now:?}"))
}

/// Every place shows what there is.
async fn shelves(world: &World, good: &Good, store: &Store) -> anyhow::Result<Broken> {
    let places = [Place::Ozon, Place::Wildberries, Place::Kaspi(0), Place::Kaspi(1)];
    let shown = world.channels.shown(good);
    let expected = there_is(good, store).await?;
    let mut broken = Broken::new();
    for ((place, shown), expected) in places.into_iter().zip(shown).zip(expected) {
        match world.ended.contains(&(place, good.sku.clone())) {
            true => broken.extend(last_told(world, place, good).filter(|told| *told > 0).map(|told| {
                format!("the listing of {} at {place:?} is ended, and what was told last is {told}", good.sku)
            })),
            false if shown.map(i64::from) == Some(expected) => {}
            false => broken.push(format!("{place:?} shows {shown:?} of {}, not {expected}", good.sku)),
        }
    }
    Ok(broken)
}

/// The number that a place took last of a good. What it shows may be more: a channel gives a unit back that a buyer called off.
fn last_told(world: &World, place: Place, good: &Good) -> Option<u32> {
    let channels = &world.channels;
    let (journal, card, shelf) = match place {
        Place::Ozon => (channels.ozon.journal(), good.sku.clone(), OZON_SHELF.to_string()),
        Place::Wildberries => {
            (channels.wildberries.journal(), wildberries::chrt_id(good).to_string(), WILDBERRIES_SHELF.to_string())
        }
        Place::Kaspi(store) => (channels.kaspi.journal(), good.sku.clone(), STORES.get(store)?.to_string()),
    };
    journal.events.iter().rev().find_map(|event| match event {
        Event::Told { good, warehouse, quantity, .. } if *good == card && *warehouse == shelf => Some(*quantity),
        _ => None,
    })
}

/// How many of a good each place may show by the table: Ozon, Wildberries, and Kaspi's two stores.
///
/// # Errors
/// If the table can't be read.
pub async fn there_is(good: &Good, store: &Store) -> anyhow::Result<[i64; 4]> {
    let parts = match good.components.as_slice() {
        [] => vec![(good.sku.clone(), 1)],
        parts => parts.to_vec(),
    };
    let mut available: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (sku, units) in &parts {
        let levels = store.partition(&Sku::new(sku)?).await?.levels;
        for (shelf, locations) in
            [("both", &["almaty", "astana"][..]), ("almaty", &["almaty"]), ("astana", &["astana"])]
        {
            let here = levels.iter().filter(|level| locations.contains(&level.place.location.as_str()));
            let sum: i64 = here.map(|level| level.available).sum();
            available.entry(shelf).or_default().push(sum.div_euclid(i64::from(*units)));
        }
    }
    let least = |shelf: &str| available.get(shelf).and_then(|all| all.iter().min()).copied().unwrap_or(0).max(0);
    Ok([least("both"), least("almaty"), least("almaty"), least("astana")])
}

/// The oversells that Edin found.
///
/// # Errors
/// If the table can't be read.
pub async fn oversells(aws: &Aws, now: Timestamp) -> anyhow::Result<Vec<Oversell>> {
    let month: String = now.to_string().chars().take(7).collect();
    Ok(aws.store().oversells(&month).await?)
}

/// Where nothing goes wrong but time, each oversell is explained by a sale that its channel made before it could know.
#[must_use]
pub fn unexplained(oversells: &[Oversell]) -> Broken {
    let unexplained = oversells.iter().filter(|oversell| !oversell.verdict.is_explained());
    unexplained.map(|oversell| format!("nobody can explain {oversell:?}")).collect()
}

/// No rule of a channel was broken.
fn rules(world: &World) -> Broken {
    let channels = &world.channels;
    let journals = [channels.ozon.journal(), channels.wildberries.journal(), channels.kaspi.journal()];
    let broken = journals.iter().flat_map(|journal| journal.violations()).filter(|what| !is_too_late(what));
    broken.map(|what| format!("a channel's rule: {what}")).collect()
}

/// Two readings at once, or one whose answer was lost, accept an order twice; and a buyer may call one off between its reading
/// and its acceptance. Kaspi refuses that; no harm is done.
fn is_too_late(what: &str) -> bool {
    what.ends_with("is AcceptedByMerchant already") || what.ends_with("is Cancelled already")
}

/// What is in the dead-letter queues and was neither poison nor the victim of faults at every delivery.
#[must_use]
pub fn dead_letters(aws: &Aws) -> Broken {
    let mut broken = Broken::new();
    for queue in QUEUES {
        for kept in aws.queues.all(&dead(queue)) {
            if !kept.body.contains(POISON) && kept.disturbed < kept.deliveries {
                broken.push(format!(
                    "{} was given up after {} deliveries, {} of them disturbed: {}",
                    dead(queue),
                    kept.deliveries,
                    kept.disturbed,
                    kept.body
                ));
            }
        }
    }
    broken
}
