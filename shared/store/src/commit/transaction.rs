//! One transaction: its items, and what its refusal says about which unit.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use edin_domain::customer::{Contact, Detail};
use edin_domain::stock::Place;

use super::{LevelSum, OrderChange, Stamp, Unit, sums};
use crate::item::{Item, number, order_item, string, tally_name, unreadable};
use crate::keys::{self, Key};
use crate::{Store, StoreError};

const CALL: &str = "TransactWriteItems";

/// Why a transaction wasn't done.
pub(super) enum Refusal {
    /// These units were computed from what isn't so any more.
    Stale(BTreeSet<usize>),
    /// Another transaction had its hand on an item, or the table was busy: the same again may pass.
    Met(String),
    /// All units fail with this.
    Failed(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// The items of a transaction, and which unit each belongs to; none if it is a level, which many share.
#[derive(Default)]
struct Writes {
    items: Vec<TransactWriteItem>,
    owners: Vec<Owner>,
    keys: BTreeSet<Key>,
}

enum Owner {
    Unit(usize),
    Level(Place),
}

impl Store {
    /// Writes the units, each with its number, in one transaction.
    pub(super) async fn transact(&self, units: &[(usize, &Unit)], stamp: &Stamp) -> Result<(), Refusal> {
        let mut writes = Writes::default();
        for (index, unit) in units {
            for change in &unit.changes {
                self.write_order(&mut writes, *index, change, stamp)?;
            }
        }
        for (place, sum) in sums(units.iter().map(|(_, unit)| *unit)) {
            let update = self.level_update(&place, &sum, stamp)?;
            writes.push(Owner::Level(place), keys::level, TransactWriteItem::builder().update(update).build());
        }
        let request = self.client.transact_write_items().set_transact_items(Some(writes.items));
        match request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    Err(sort_out(cancelled.cancellation_reasons(), &writes.owners, units))
                }
                _ => match StoreError::of(CALL, error) {
                    StoreError::Busy { reason, .. } => Err(Refusal::Met(reason)),
                    other => Err(Refusal::Failed(other)),
                },
            },
        }
    }

    fn write_order(
        &self,
        writes: &mut Writes,
        unit: usize,
        change: &OrderChange,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let order = &change.after;
        let (connection, id) = (&order.key.connection, &order.key.id);
        let put = self.put(&self.tables.stock, order_item(order)?);
        let put = match order.version {
            0 | 1 => put.condition_expression("attribute_not_exists(pk)"),
            version => put
                .condition_expression("version = :before")
                .expression_attribute_values(":before", number(version - 1)),
        };
        writes.put(unit, keys::order(&order.key), put)?;
        for (article, reason) in &change.awaits {
            let note: Item = keys::waiting(connection, article, id).attributes();
            let listed = [
                ("listed_under", keys::connection_of(connection)),
                ("listed_as", format!("UNMAPPED#{article}#{id}")),
                ("cause", stamp.cause.to_string()),
                ("reason", reason.clone()),
            ];
            let note = note.into_iter().chain(listed.map(|(name, value)| (name.to_owned(), string(value)))).collect();
            writes.put(unit, keys::waiting(connection, article, id), self.put(&self.tables.stock, note))?;
        }
        for article in &change.found {
            writes.delete(unit, keys::waiting(connection, article, id), &self.tables.stock)?;
        }
        if let Some(contact) = &change.contact {
            let key = keys::contact(&order.key);
            let update = contact_update(&self.tables.customers, &key, contact)?;
            writes.once(unit, key, TransactWriteItem::builder().update(update).build());
        }
        Ok(())
    }

    fn put(&self, table: &str, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(table).set_item(Some(item))
    }

    /// Adds to a level, where there is one: ADD alone would make it.
    fn level_update(&self, place: &Place, sum: &LevelSum, stamp: &Stamp) -> Result<Update, StoreError> {
        let key = keys::level(place);
        let changes = serde_dynamo::to_attribute_value(&sum.changes).map_err(|error| unreadable(&key, error))?;
        let available = sum.on_hand - sum.reserved;
        let mut values = BTreeMap::from([
            (":cause", string(stamp.cause.as_str())),
            (":at", number(stamp.at.millis())),
            (":changes", changes),
            (":on_hand", number(sum.on_hand)),
            (":reserved", number(sum.reserved)),
            (":available", number(available)),
            (":one", number(1)),
        ]);
        let mut condition = "attribute_exists(pk)".to_owned();
        if sum.guarded && available < 0 {
            condition.push_str(" AND available >= :wanted");
            values.insert(":wanted", number(-available));
        }
        let (names, additions, tallies) = tally_additions(place, sum);
        let expression = format!(
            "SET cause = :cause, changed_at = :at, changes = :changes \
             ADD on_hand :on_hand, reserved :reserved, available :available, version :one{additions}"
        );
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(tallies).collect();
        Update::builder()
            .table_name(&self.tables.stock)
            .set_key(Some(key.attributes()))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|error| unreadable(&key, error))
    }
}

/// Adds to what is known of a buyer: a masked detail doesn't take the place of another.
fn contact_update(table: &str, key: &Key, contact: &Contact) -> Result<Update, StoreError> {
    let whole: BTreeSet<&str> = contact.whole().into_iter().map(Detail::name).collect();
    let told: Item = serde_dynamo::to_item(contact).map_err(|error| unreadable(key, error))?;
    let mut update = Update::builder().table_name(table).set_key(Some(key.attributes()));
    let mut sets = Vec::new();
    for (index, (name, value)) in told.into_iter().enumerate() {
        sets.push(match whole.contains(name.as_str()) {
            true => format!("#d{index} = :d{index}"),
            false => format!("#d{index} = if_not_exists(#d{index}, :d{index})"),
        });
        update = update
            .expression_attribute_names(format!("#d{index}"), name)
            .expression_attribute_values(format!(":d{index}"), value);
    }
    update.update_expression(format!("SET {}", sets.join(", "))).build().map_err(|error| unreadable(key, error))
}

type Names = Option<std::collections::HashMap<String, String>>;

/// The tallies' part of the expression: names, text, values.
fn tally_additions(place: &Place, sum: &LevelSum) -> (Names, String, Vec<(String, AttributeValue)>) {
    let additions: Vec<(String, i64)> = sum
        .own
        .iter()
        .flat_map(|(listing, own)| {
            let kinds = [("sold", own.sold), ("freed", own.freed), ("late", own.late)];
            kinds.map(|(kind, units)| (tally_name(kind, place, listing), units))
        })
        .filter(|(_, units)| *units != 0)
        .collect();
    let text = (0..additions.len()).map(|index| format!(", #own{index} :own{index}")).collect();
    let values =
        additions.iter().enumerate().map(|(index, (_, units))| (format!(":own{index}"), number(units))).collect();
    let names = additions.into_iter().enumerate().map(|(index, (name, _))| (format!("#own{index}"), name)).collect();
    (Some(names).filter(|names: &std::collections::HashMap<_, _>| !names.is_empty()), text, values)
}

impl Writes {
    fn push(&mut self, owner: Owner, key_of: impl Fn(&Place) -> Key, item: TransactWriteItem) {
        if let Owner::Level(place) = &owner {
            self.keys.insert(key_of(place));
        }
        self.items.push(item);
        self.owners.push(owner);
    }

    fn put(
        &mut self,
        unit: usize,
        key: Key,
        put: aws_sdk_dynamodb::types::builders::PutBuilder,
    ) -> Result<(), StoreError> {
        let put = put.build().map_err(|error| unreadable(&key, error))?;
        self.once(unit, key, TransactWriteItem::builder().put(put).build());
        Ok(())
    }

    fn delete(&mut self, unit: usize, key: Key, table: &str) -> Result<(), StoreError> {
        let delete = Delete::builder().table_name(table).set_key(Some(key.attributes())).build();
        let delete = delete.map_err(|error| unreadable(&key, error))?;
        self.once(unit, key, TransactWriteItem::builder().delete(delete).build());
        Ok(())
    }

    /// A transaction may touch an item only once; two orders may wait for the same article.
    fn once(&mut self, unit: usize, key: Key, item: TransactWriteItem) {
        if self.keys.insert(key) {
            self.items.push(item);
            self.owners.push(Owner::Unit(unit));
        }
    }
}

/// Reads out of the reasons which units are stale.
fn sort_out(reasons: &[CancellationReason], owners: &[Owner], units: &[(usize, &Unit)]) -> Refusal {
    let mut stale = BTreeSet::new();
    let mut met = None;
    for (reason, owner) in reasons.iter().zip(owners) {
        match (reason.code().unwrap_or("None"), owner) {
            ("None", _) => {}
            ("ConditionalCheckFailed", Owner::Unit(unit)) => _ = stale.insert(*unit),
            ("ConditionalCheckFailed", Owner::Level(place)) => stale.extend(touching(place, units)),
            ("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded", _) => {
                met = reason.code().map(str::to_owned);
            }
            (code, _) => {
                let reason = format!("{code} {}", reason.message().unwrap_or_default());
                return Refusal::Failed(StoreError::Refused { call: CALL, reason });
            }
        }
    }
    match stale.is_empty() {
        false => Refusal::Stale(stale),
        true => Refusal::Met(met.unwrap_or_else(|| "cancelled without a reason".to_owned())),
    }
}

fn touching(place: &Place, units: &[(usize, &Unit)]) -> Vec<usize> {
    let touches = |unit: &Unit| unit.changes.iter().any(|change| takes_from(change, place));
    units.iter().filter(|(_, unit)| touches(unit)).map(|(index, _)| *index).collect()
}

fn takes_from(change: &OrderChange, place: &Place) -> bool {
    change.effect.stock.contains_key(place) || change.effect.own.keys().any(|(noted, _)| noted == place)
}
