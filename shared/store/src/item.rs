//! Items: attribute maps, read into the domain's types and written from them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use edin_domain::customer::Detail;
use edin_domain::listing::ListingKey;
use edin_domain::order::{Counted, Mapped, Order, OrderState};
use edin_domain::stock::{Change, Level, Place, Tally};
use edin_domain::{Cause, ConnectionId, LineId, Sku, Timestamp, WarehouseId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::keys::{self, Key};
use crate::stamp::Stamp;

/// An item as DynamoDB has it.
pub type Item = HashMap<String, AttributeValue>;

/// The text of an attribute; empty if it is none.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// The key of an item, for errors and for sorting.
pub(crate) fn key(item: &Item) -> Key {
    Key { pk: text(item, "pk").to_owned(), sk: text(item, "sk").to_owned() }
}

/// Reads an item into the type that its key says it is.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    let key = key(&item);
    serde_dynamo::from_item(item).map_err(|error| unreadable(&key, error))
}

/// Writes a value as an item under a key.
pub(crate) fn write<T: Serialize>(key: &Key, value: &T) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|error| unreadable(key, error))?;
    item.extend(key.attributes());
    Ok(item)
}

pub(crate) fn unreadable(key: &Key, reason: impl ToString) -> StoreError {
    StoreError::Unreadable { key: format!("{} {}", key.pk, key.sk), reason: reason.to_string() }
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// An order's attributes besides its key.
#[derive(Debug, Serialize, Deserialize)]
struct OrderItem {
    #[serde(flatten)]
    state: OrderState,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    mapped: BTreeMap<LineId, Mapped>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    behind: BTreeMap<LineId, Counted>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_contact: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    contact: BTreeSet<Detail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    version: u64,
    cause: Cause,
}

/// Reads an order.
///
/// # Errors
/// [`StoreError::Unreadable`] if it is none.
pub fn order_from(item: Item) -> Result<Order, StoreError> {
    let at = key(&item);
    let order_key = keys::order_key(&at.pk).ok_or_else(|| unreadable(&at, "its key is not an order's"))?;
    let OrderItem { state, mapped, behind, has_contact, contact, request, version, cause } = read(item)?;
    Ok(Order { key: order_key, state, mapped, behind, has_contact, contact, request, version, cause })
}

/// Writes an order. While it is held, it is listed by when that ends.
pub(crate) fn order_item(order: &Order) -> Result<Item, StoreError> {
    let item = OrderItem {
        state: order.state.clone(),
        mapped: order.mapped.clone(),
        behind: order.behind.clone(),
        has_contact: order.has_contact,
        contact: order.contact.clone(),
        request: order.request.clone(),
        version: order.version,
        cause: order.cause.clone(),
    };
    let mut item = write(&keys::order(&order.key), &item)?;
    if let Some(hold) = order.state.held().filter(|hold| !hold.has_lapsed()) {
        item.insert("listed_under".to_owned(), string(keys::HOLDS));
        item.insert("listed_as".to_owned(), string(keys::hold(hold.until, &order.key)));
    }
    Ok(item)
}

/// A level's attributes besides its key and its tallies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LevelItem {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    pub(crate) available: i64,
    pub(crate) version: u64,
    pub(crate) cause: Cause,
    pub(crate) changed_at: Timestamp,
    pub(crate) opened_at: Timestamp,
    #[serde(default)]
    pub(crate) changes: Vec<Change>,
}

impl LevelItem {
    /// A level that begins with one change.
    pub(crate) fn opened(with: Change, stamp: &Stamp) -> Self {
        Self {
            on_hand: with.on_hand,
            reserved: 0,
            available: with.on_hand,
            version: 1,
            cause: stamp.cause.clone(),
            changed_at: stamp.at,
            opened_at: stamp.at,
            changes: vec![with],
        }
    }
}

/// Reads a level.
///
/// # Errors
/// [`StoreError::Unreadable`] if it is none.
pub fn level_from(item: Item) -> Result<Level, StoreError> {
    let at = key(&item);
    let place = keys::place(&at.pk, &at.sk).ok_or_else(|| unreadable(&at, "its key is not a level's"))?;
    let own = tallies(&place, &item);
    let LevelItem { on_hand, reserved, available, version, cause, changed_at, opened_at, changes } = read(item)?;
    Ok(Level { place, on_hand, reserved, available, version, cause, changed_at, opened_at, changes, own })
}

/// What a channel did to a listing by itself stands in attributes of their own, because only those can be added to:
/// `sold#<connection>#<warehouse>` for the level's own SKU, with `#<sku>` behind it for a bundle.
fn tallies(place: &Place, item: &Item) -> BTreeMap<ListingKey, Tally> {
    let mut own = BTreeMap::<ListingKey, Tally>::new();
    for (name, value) in item {
        let count = value.as_n().ok().and_then(|count| count.parse().ok());
        if let (Some((kind, rest)), Some(count)) = (name.split_once('#'), count)
            && let Some(listing) = tally_listing(place, rest)
        {
            let tally = own.entry(listing).or_default();
            match kind {
                "sold" => tally.sold = count,
                "freed" => tally.freed = count,
                "late" => tally.late = count,
                _ => {}
            }
        }
    }
    own
}

fn tally_listing(place: &Place, name: &str) -> Option<ListingKey> {
    let mut parts = name.splitn(3, '#');
    let connection = ConnectionId::new(parts.next()?).ok()?;
    let warehouse = WarehouseId::new(parts.next()?).ok()?;
    let sku = parts.next().map_or_else(|| Some(place.sku.clone()), |sku| Sku::new(sku).ok())?;
    Some(ListingKey { connection, warehouse, sku })
}

/// The name of a tally's attribute; `kind` is `sold`, `freed` or `late`.
pub(crate) fn tally_name(kind: &str, place: &Place, listing: &ListingKey) -> String {
    let ListingKey { connection, warehouse, sku } = listing;
    match *sku == place.sku {
        true => format!("{kind}#{connection}#{warehouse}"),
        false => format!("{kind}#{connection}#{warehouse}#{sku}"),
    }
}
