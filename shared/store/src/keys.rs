//! The keys of every item: the one place that knows how they are spelt.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use edin_domain::customer::IdentityKind;
use edin_domain::document::DocumentKind;
use edin_domain::listing::ListingKey;
use edin_domain::order::OrderKey;
use edin_domain::stock::Place;
use edin_domain::{Article, ConnectionId, LocationId, OrderId, Sku, Timestamp, WarehouseId};

/// Partition and sort key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key: what is read and kept together.
    pub pk: String,
    /// The sort key: what tells one item of a partition from another, and their order.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// As DynamoDB takes it.
    #[must_use]
    pub fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// The index that lists by connection.
pub const BY_CONNECTION: &str = "by_connection";

/// `SKU#<sku>`: the partition of all that a decision about a SKU needs.
#[must_use]
pub fn sku(sku: &Sku) -> String {
    format!("SKU#{sku}")
}

/// Whether an item is in the partition of a SKU.
pub(crate) fn is_of_a_sku(key: &Key) -> bool {
    key.pk.starts_with("SKU#")
}

/// What the seller says of a good: `ITEM` in its SKU's partition.
#[must_use]
pub fn product(of: &Sku) -> Key {
    Key::new(sku(of), "ITEM")
}

/// What goods are listed under, all of them.
pub const GOODS: &str = "GOODS";

/// The goods that a barcode may be of.
#[must_use]
pub fn barcode_of(key: &str) -> String {
    format!("BARCODE#{key}")
}

/// The note that a barcode may be a good's; the good itself knows whether it is.
#[must_use]
pub fn barcode(key: &str, of: &Sku) -> Key {
    Key::new(barcode_of(key), of.as_str())
}

/// The note at a component that it belongs to a bundle.
#[must_use]
pub fn bundle(component: &Sku, bundle: &Sku) -> Key {
    Key::new(sku(component), format!("BUNDLE#{bundle}"))
}

/// How many units lie at a place, in the partition of its SKU.
#[must_use]
pub fn level(place: &Place) -> Key {
    Key::new(sku(&place.sku), format!("LEVEL#{}", place.location))
}

/// The place of a level's key; none if it is another item's.
#[must_use]
pub fn place(pk: &str, sk: &str) -> Option<Place> {
    let sku = Sku::new(pk.strip_prefix("SKU#")?).ok()?;
    Some(Place { sku, location: LocationId::new(sk.strip_prefix("LEVEL#")?).ok()? })
}

/// One SKU at one warehouse of a connection, in the partition of the SKU.
#[must_use]
pub fn listing(of: &ListingKey) -> Key {
    Key::new(sku(&of.sku), format!("LISTING#{}#{}", of.connection, of.warehouse))
}

/// Where the listings of a SKU at a connection begin.
#[must_use]
pub(crate) fn listings(of: &Sku, connection: &ConnectionId) -> Key {
    Key::new(sku(of), format!("LISTING#{connection}#"))
}

/// What a channel shows for a listing.
#[must_use]
pub fn shown(of: &ListingKey) -> Key {
    Key::new(sku(&of.sku), format!("SHOWN#{}#{}", of.connection, of.warehouse))
}

/// What a SKU costs at a connection.
#[must_use]
pub fn price(of: &Sku, connection: &ConnectionId) -> Key {
    Key::new(sku(of), format!("PRICE#{connection}"))
}

/// The listing of a `LISTING#` or `SHOWN#` key; none if it is another item's.
#[must_use]
pub fn listing_key(pk: &str, sk: &str) -> Option<ListingKey> {
    let rest = sk.strip_prefix("LISTING#").or_else(|| sk.strip_prefix("SHOWN#"))?;
    let (connection, warehouse) = rest.split_once('#')?;
    Some(ListingKey {
        sku: Sku::new(pk.strip_prefix("SKU#")?).ok()?,
        connection: ConnectionId::new(connection).ok()?,
        warehouse: WarehouseId::new(warehouse).ok()?,
    })
}

/// What was sold of a SKU lately.
#[must_use]
pub fn demand(of: &Sku) -> Key {
    Key::new(sku(of), "DEMAND")
}

/// The SKU of a SKU's partition; none if it is another one.
#[must_use]
pub fn sku_of(pk: &str) -> Option<Sku> {
    Sku::new(pk.strip_prefix("SKU#")?).ok()
}

/// The partition of a SKU's ledger.
#[must_use]
pub fn ledger_of(sku: &Sku) -> String {
    format!("LEDGER#{sku}")
}

/// The level that a row of a ledger is of; none if it is another item.
#[must_use]
pub(crate) fn ledgered(pk: &str, sk: &str) -> Option<Place> {
    let sku = Sku::new(pk.strip_prefix("LEDGER#")?).ok()?;
    let (location, _) = sk.split_once('#')?;
    Some(Place { sku, location: LocationId::new(location).ok()? })
}

/// The row of one version of a level; digits are padded, so that rows sort by version.
#[must_use]
pub fn ledger(place: &Place, version: u64) -> Key {
    Key::new(ledger_of(&place.sku), format!("{}#{version:012}", place.location))
}

const HOUR: i64 = 3_600_000;

/// The hours from one time to another, both included.
pub(crate) fn hours(from: Timestamp, to: Timestamp) -> impl Iterator<Item = i64> {
    from.millis().div_euclid(HOUR)..=to.millis().div_euclid(HOUR)
}

/// The partition of the changes that were noted within an hour, so that none grows without bound.
#[must_use]
pub fn changes_of(hour: i64) -> String {
    format!("CHANGES#{hour}")
}

/// A note of whose stock has changed.
#[must_use]
pub fn change(at: Timestamp, id: &str) -> Key {
    Key::new(changes_of(at.millis().div_euclid(HOUR)), format!("{}#{id}", noted_at(at)))
}

/// Before what all is sorted that was noted from then on.
#[must_use]
pub fn noted_at(at: Timestamp) -> String {
    format!("{:015}", at.millis())
}

/// When a note of this sort key was made; none if it is another item's.
#[must_use]
pub fn noted(sk: &str) -> Option<Timestamp> {
    let digits = sk.get(..15).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    digits.parse().ok().map(Timestamp::from_millis)
}

/// A part of a stock document; a long one has several, numbered from 0.
#[must_use]
pub fn document(kind: DocumentKind, number: &str, part: usize) -> Key {
    Key::new(format!("DOCUMENT#{}#{number}", kind.name()), format!("PART#{part:04}"))
}

/// All that is known of an order: an item and partition of its own.
#[must_use]
pub fn order(of: &OrderKey) -> Key {
    Key::new(format!("ORDER#{}#{}", of.connection, of.id), "ORDER")
}

/// The order of an order's key; none if it is another item's.
#[must_use]
pub fn order_key(pk: &str) -> Option<OrderKey> {
    let (connection, id) = pk.strip_prefix("ORDER#")?.split_once('#')?;
    Some(OrderKey::new(ConnectionId::new(connection).ok()?, OrderId::new(id).ok()?))
}

/// The partition of a channel's article.
#[must_use]
pub fn article(connection: &ConnectionId, article: &Article) -> String {
    format!("MAP#{connection}#{article}")
}

/// What holds are listed under, those of all connections together: who lacks goods looks for those that are over.
pub const HOLDS: &str = "HOLDS";

/// What a hold is listed as: digits are padded, so that holds are listed by when they end.
#[must_use]
pub fn hold(until: Timestamp, order: &OrderKey) -> String {
    format!("{}#{order}", ended_by(until))
}

/// Before what the holds are listed that ended before `now`.
#[must_use]
pub fn ended_by(now: Timestamp) -> String {
    format!("{:015}", now.millis())
}

/// What the keys of the seller's own doors are listed under.
pub const API_KEYS: &str = "APIKEYS";

/// A key of one of the seller's own doors.
#[must_use]
pub fn api_key(id: &str) -> Key {
    Key::new(format!("APIKEY#{id}"), "APIKEY")
}

/// The SKU that a channel's article means; to hold this item is to hold the claim.
#[must_use]
pub fn mapping(connection: &ConnectionId, of: &Article) -> Key {
    Key::new(article(connection, of), "MAP")
}

/// An order that waits for a mapping of an article.
#[must_use]
pub fn waiting(connection: &ConnectionId, of: &Article, order: &OrderId) -> Key {
    Key::new(article(connection, of), format!("WAITING#{order}"))
}

/// The partition of a connection.
#[must_use]
pub fn connection_of(id: &ConnectionId) -> String {
    format!("CONN#{id}")
}

/// A connection without its secrets, in the partition of all that is kept of it.
#[must_use]
pub fn connection(id: &ConnectionId) -> Key {
    Key::new(connection_of(id), "CONN")
}

/// The connection that a partition is of.
#[must_use]
pub fn connection_id(pk: &str) -> Option<ConnectionId> {
    ConnectionId::new(pk.strip_prefix("CONN#")?).ok()
}

/// How far a topic of a connection was read.
#[must_use]
pub fn progress(id: &ConnectionId, topic: &str) -> Key {
    Key::new(connection_of(id), format!("CURSOR#{topic}"))
}

/// How a reading of a connection's orders goes.
#[must_use]
pub fn reading(id: &ConnectionId, feed: &str) -> Key {
    Key::new(connection_of(id), format!("READING#{feed}"))
}

/// How a connection was found by the last reconciliation.
#[must_use]
pub fn status(id: &ConnectionId) -> Key {
    Key::new(connection_of(id), "STATUS")
}

/// The buckets of a connection's calls, all groups in one item.
#[must_use]
pub fn lanes(id: &ConnectionId) -> Key {
    Key::new(connection_of(id), "LANES")
}

/// How the limiter's buckets began when each was an item of its own, in the partition of its connection.
pub(crate) const OLD_BUCKETS: &str = "LANE#";

/// One pull of a connection's price list; its time makes the key.
#[must_use]
pub fn pull(id: &ConnectionId, at: Timestamp) -> Key {
    Key::new(connection_of(id), format!("PULL#{:015}", at.millis()))
}

/// The last price list that was handed out.
#[must_use]
pub fn last_pull(id: &ConnectionId) -> Key {
    Key::new(connection_of(id), "PULLED")
}

/// How what was seen of a warehouse begins, in the partition of its connection.
pub(crate) const SEEN: &str = "SEEN#";

/// A piece of what a warehouse of a channel showed when it was read last.
#[must_use]
pub fn seen(id: &ConnectionId, warehouse: &WarehouseId, piece: usize) -> Key {
    Key::new(connection_of(id), format!("{SEEN}{warehouse}#{piece:04}"))
}

/// The warehouse that a piece is of; none if it is another item's.
#[must_use]
pub fn seen_at(sk: &str) -> Option<WarehouseId> {
    WarehouseId::new(sk.strip_prefix(SEEN)?.split_once('#')?.0).ok()
}

/// The partition of what reconciliation found.
#[must_use]
pub fn drift_of(id: &ConnectionId) -> String {
    format!("DRIFT#{id}")
}

/// One difference that reconciliation found, by when and of what.
#[must_use]
pub fn drift(id: &ConnectionId, at: Timestamp, what: &str) -> Key {
    Key::new(drift_of(id), format!("{:015}#{what}", at.millis()))
}

/// The partition of oversells, by month so that none grows without bound.
#[must_use]
pub fn oversells(month: &str) -> String {
    format!("OVERSOLD#{month}")
}

/// One oversell, by when it came to light and the version that it made: judged again, it is the same item.
#[must_use]
pub fn oversell(at: Timestamp, place: &Place, version: u64) -> Key {
    let when = at.to_string();
    let month = when.get(..7).unwrap_or("unknown");
    Key::new(oversells(month), format!("{:015}#{}#{}#{version}", at.millis(), place.sku, place.location))
}

/// A customer's own item. In the table `customers`, as all below.
#[must_use]
pub fn profile(customer: &str) -> Key {
    Key::new(format!("CUST#{customer}"), "PROFILE")
}

/// An order in a customer's history.
#[must_use]
pub fn history(customer: &str, order: &OrderKey) -> Key {
    Key::new(format!("CUST#{customer}"), format!("ORDER#{}#{}", order.connection, order.id))
}

/// Whose a telephone number, an e-mail address or a channel's id is; `digest` stands for the value.
#[must_use]
pub fn identity(kind: IdentityKind, digest: &str) -> Key {
    Key::new(format!("IDENT#{}#{digest}", kind.name()), "IDENT")
}

/// Who an order is for, in the table `customers`.
#[must_use]
pub fn contact(order: &OrderKey) -> Key {
    Key::new(format!("CONTACT#{}#{}", order.connection, order.id), "CONTACT")
}

/// The partition of a connection's events that nobody could make sense of.
#[must_use]
pub fn unknown_events_of(connection: &ConnectionId) -> String {
    format!("EVENT#{connection}")
}

/// One event that nobody could make sense of, by when it came and its cause.
#[must_use]
pub fn unknown_event(connection: &ConnectionId, at: Timestamp, cause: &str) -> Key {
    Key::new(unknown_events_of(connection), format!("{:015}#{cause}", at.millis()))
}
