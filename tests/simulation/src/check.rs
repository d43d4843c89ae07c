//! What must hold once everything is quiet.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::order::{Order, OrderKey};
use edin_domain::stock::Level;
use edin_domain::{ConnectionId, OrderId, Sku, Timestamp};
use edin_store::journal::Oversell;
use edin_store::{Store, keys};
use judge::rules::Excuse;
use judge::shelf::There;
use serde_json::{Value, json};
use simulators::{Opened, Warehouse};

pub use judge::Broken;

use crate::aws::Aws;
use crate::aws::queues::{QUEUES, dead};
use crate::goods::Good;
use crate::sold::Sold;
use crate::witness;
use crate::world::{POISON, World};

/// Everything that must hold in the end.
///
/// # Errors
/// If the tables can't be read.
pub async fn all(world: &World, aws: &Aws) -> anyhow::Result<Broken> {
    let store = aws.store();
    let mut orders = orders(world, &store).await?;
    let mut broken = sales(world, &orders);
    let mut names = names(aws)?;
    if let Some(doors) = &world.doors {
        let of_doors = doors.orders(&names, &store).await?;
        broken.extend(doors.broken(&of_doors, aws).await?);
        of_doors.keys().for_each(|key| _ = names.remove(&keys::order(key).pk));
        orders.extend(of_doors);
    }
    broken.extend(strangers(world, &names));
    for good in &world.goods {
        let partition = store.partition(&Sku::new(&good.sku)?).await?;
        broken.extend(levels(world, good, &partition.levels, &orders));
        broken.extend(judge::ledger::gaps(&store, &Sku::new(&good.sku)?).await?);
        broken.extend(shelves(world, good, &store).await?);
    }
    broken.extend(rules(world));
    broken.extend(world.witness.broken());
    let (sent, locations) = (world.witness.sent(), locations(world));
    broken.extend(witness::outdated(&sent, &aws.records(0).await?, &world.goods, &locations));
    Ok(broken)
}

fn locations(world: &World) -> witness::Locations {
    let shelves = world.channels.stage.shelves();
    shelves.map(|(stand, warehouse)| (stand.enrolment().connection, warehouse.locations)).collect()
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
    let of = |sold: &Sold| {
        let order = key(sold).ok().and_then(|key| orders.get(&key));
        judge::order::broken(&sold.name(), &sold.lines, order)
    };
    world.witness.sold().iter().flat_map(of).collect()
}

/// No order is in the table that nobody made, and none is missing.
fn strangers(world: &World, names: &BTreeSet<String>) -> Broken {
    let made = world.witness.sold().iter().map(|sold| format!("ORDER#{}#{}", sold.connection, sold.id)).collect();
    judge::order::strangers(names, &made)
}

/// The partitions of all orders.
fn names(aws: &Aws) -> anyhow::Result<BTreeSet<String>> {
    let there = all_items(aws)?;
    let orders = there.iter().filter(|item| item.pointer("/sk/S").and_then(Value::as_str) == Some("ORDER"));
    Ok(orders.filter_map(|item| item.pointer("/pk/S")?.as_str().map(str::to_owned)).collect())
}

fn all_items(aws: &Aws) -> anyhow::Result<Vec<Value>> {
    let (mut items, mut from) = (Vec::new(), None);
    loop {
        let request = json!({"TableName": edin_local::aws::engine::tables().stock, "ExclusiveStartKey": from});
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
    let counted = world.counted.iter().filter(|((sku, _), _)| *sku == good.sku);
    let counted: Vec<(&str, i64)> = counted.map(|((_, location), units)| (*location, *units)).collect();
    judge::level::broken(&good.sku, levels, &counted, orders.values())
}

/// Every shelf shows what there is.
async fn shelves(world: &World, good: &Good, store: &Store) -> anyhow::Result<Broken> {
    let there = There::of(good, store).await?;
    let judged = |(stand, warehouse): (&Opened, Warehouse)| {
        let connection = stand.enrolment().connection;
        let shelf = format!("{connection}/{}", warehouse.name);
        let listing = (connection, warehouse.name.clone(), good.sku.clone());
        match world.ended.contains(&listing) {
            true => {
                let last = judge::shelf::last_told(&stand.journal(), &warehouse.name, &stand.calls(good));
                judge::shelf::not_ended(&shelf, &good.sku, last)
            }
            false => {
                let shown = stand.shown(good, &warehouse.name);
                judge::shelf::broken(&shelf, &good.sku, shown, there.at(warehouse.locations))
            }
        }
    };
    Ok(world.channels.stage.shelves().filter_map(judged).collect())
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
    let journals = world.channels.stage.stands().map(|stand| stand.journal());
    journals.flat_map(|journal| judge::rules::broken(&journal, &[Excuse::DoneAlready])).collect()
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
