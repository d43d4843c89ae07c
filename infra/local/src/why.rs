//! Why a number is what it is: levels, who holds what, how it came to that, and each channel's number step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use edin_channels::{is_told, pace};
use edin_domain::demand::Weighed;
use edin_domain::listing::{Adaptive, Buffer, Costs, Listing, Offer, Policy, Rule};
use edin_domain::offer::{Due, Foresight, due};
use edin_domain::order::{OrderKey, effect};
use edin_domain::shown::{Decision, Shown};
use edin_domain::stock::{Entry, Level, Place};
use edin_domain::{ChannelName, Connection, ConnectionId, OrderId, Sku, Timestamp};
use edin_store::Store;
use serde::Serialize;

/// Everything that there is to say about a SKU.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// Which.
    pub sku: Sku,
    /// What people call it.
    pub title: String,
    /// What one unit takes: itself, if it is no bundle.
    pub components: BTreeMap<Sku, u32>,
    /// The levels behind it.
    pub levels: Vec<LevelSaid>,
    /// Open orders that hold units of it.
    pub reservations: Vec<Reservation>,
    /// How its own levels came to what they are, oldest first; of a long history no more than tells who holds what.
    pub ledger: Vec<Row>,
    /// What each channel offers, and why.
    pub listings: Vec<ListingSaid>,
}

/// A level.
#[derive(Debug, Clone, Serialize)]
pub struct LevelSaid {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: String,
    /// Units in the house.
    pub on_hand: i64,
    /// Units promised.
    pub reserved: i64,
    /// Units that can be sold.
    pub available: i64,
    /// Its version.
    pub version: u64,
    /// The event that changed it last.
    pub cause: String,
}

/// An open order.
#[derive(Debug, Clone, Serialize)]
pub struct Reservation {
    /// `connection/order`.
    pub order: String,
    /// Where the units lie.
    pub location: String,
    /// Units held.
    pub units: i64,
}

/// A row of the ledger.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Of which level.
    pub location: String,
    /// The rest.
    #[serde(flatten)]
    pub entry: Entry,
}

/// A listing.
#[derive(Debug, Clone, Serialize)]
pub struct ListingSaid {
    /// At which connection.
    pub connection: String,
    /// Whose that is.
    pub channel: ChannelName,
    /// At which of its warehouses.
    pub warehouse: String,
    /// What the channel calls it.
    pub ids: BTreeMap<String, String>,
    /// From where it sells.
    pub locations: Vec<String>,
    /// How many it may offer.
    pub policy: Policy,
    /// The policy's arithmetic.
    pub offer: Offer,
    /// What is behind a buffer that isn't fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foresight: Option<Foresight>,
    /// What the channel took last, and what it sold since.
    pub shown: Shown,
    /// What it should be showing now, if there is no doubt; for a channel that pulls, unless the stock has changed since.
    pub showing: Option<u32>,
    /// What is to be done.
    #[serde(flatten)]
    pub decision: Decision,
    /// When its price list was pulled last, for a channel that pulls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pulled_at: Option<Timestamp>,
}

/// Rows of a level's ledger that are read at least, if there are so many.
const ROWS: usize = 100;

/// Finds out everything about a SKU.
///
/// # Errors
/// If the table can't be read, or there is no such SKU.
pub async fn why(store: &Store, sku: &Sku, now: Timestamp) -> anyhow::Result<Why> {
    let sellable = store.sellable(sku).await?;
    let Some(product) = sellable.partition.product.clone() else {
        anyhow::bail!("there is no SKU {sku}; import it first")
    };
    let mut histories = Vec::new();
    for level in sellable.stock.levels().filter(|level| level.place.sku == *sku) {
        histories.push(history(store, level).await?);
    }
    let (ledger, reservations): (Vec<_>, Vec<_>) = histories.into_iter().unzip();
    let connections = store.connections().await?;
    let mut listings = Vec::new();
    for listing in &sellable.partition.listings {
        let Some(connection) = connections.get(&listing.key.connection) else { continue };
        let shown = sellable.partition.shown(&listing.key);
        let due = due(listing, &product, connection, pace(connection), &sellable.stock, &shown, now);
        let pulled = match is_told(connection.channel()) {
            true => None,
            false => store.last_pull(&connection.id).await?.map(|pull| pull.at),
        };
        let showing = match is_told(connection.channel()) {
            true => shown.estimate(due.tally),
            false => {
                pulled.filter(|at| due.changed_at.is_none_or(|changed| changed <= *at)).map(|_| due.offer.quantity)
            }
        };
        listings.push(said(listing, connection, due, shown, showing, pulled));
    }
    Ok(Why {
        sku: sku.clone(),
        title: product.title.clone(),
        components: product.components(),
        levels: sellable.stock.levels().map(level).collect(),
        reservations: reservations.into_iter().flatten().collect(),
        ledger: ledger.into_iter().flatten().collect(),
        listings,
    })
}

fn level(level: &Level) -> LevelSaid {
    LevelSaid {
        sku: level.place.sku.clone(),
        location: level.place.location.to_string(),
        on_hand: level.on_hand,
        reserved: level.reserved,
        available: level.available,
        version: level.version,
        cause: level.cause.to_string(),
    }
}

fn said(
    listing: &Listing,
    connection: &Connection,
    due: Due,
    shown: Shown,
    showing: Option<u32>,
    pulled_at: Option<Timestamp>,
) -> ListingSaid {
    ListingSaid {
        connection: listing.key.connection.to_string(),
        channel: connection.channel().clone(),
        warehouse: listing.key.warehouse.to_string(),
        ids: listing.ids.iter().map(|(kind, id)| (kind.clone(), id.to_string())).collect(),
        locations: connection.sells_from(&listing.key.warehouse).iter().map(ToString::to_string).collect(),
        policy: connection.policy(listing),
        offer: due.offer,
        foresight: due.foresight,
        shown,
        showing,
        decision: if is_told(connection.channel()) { due.decision } else { Decision::UpToDate },
        pulled_at,
    }
}

/// How a level came to what it is, and who holds what of it: the ledger is read backwards until all that is reserved is found.
async fn history(store: &Store, level: &Level) -> anyhow::Result<(Vec<Row>, Vec<Reservation>)> {
    let mut count = ROWS;
    loop {
        let entries = store.ledger_end(&level.place, count).await?;
        let held = reservations(store, &level.place, &entries).await?;
        let is_all = entries.len() < count || held.iter().map(|held| held.units).sum::<i64>() >= level.reserved;
        if is_all {
            let row = |entry| Row { location: level.place.location.to_string(), entry };
            return Ok((entries.into_iter().rev().map(row).collect(), held));
        }
        count *= 10;
    }
}

/// The orders that rows of a level's ledger name, as they are now, where they still hold something of it.
async fn reservations(store: &Store, place: &Place, entries: &[Entry]) -> anyhow::Result<Vec<Reservation>> {
    let changes = entries.iter().flat_map(|entry| &entry.changes);
    let named: BTreeSet<OrderKey> = changes.filter_map(|change| order_of(&change.order)).collect();
    let orders = store.orders(named).await?;
    let held = orders.values().filter_map(|order| {
        let units = effect(order).stock.get(place)?.reserved;
        let order = order.key.to_string();
        (units > 0).then(|| Reservation { order, location: place.location.to_string(), units })
    });
    Ok(held.collect())
}

/// Which order a change is of, if it is an order's: `connection/order`.
fn order_of(name: &str) -> Option<OrderKey> {
    let (connection, id) = name.split_once('/')?;
    Some(OrderKey::new(ConnectionId::new(connection).ok()?, OrderId::new(id).ok()?))
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  {}", self.sku, self.title)?;
        if self.components.len() > 1 {
            let parts: Vec<String> = self.components.iter().map(|(sku, units)| format!("{units} × {sku}")).collect();
            writeln!(f, "  a bundle of {}", parts.join(" + "))?;
        }
        writeln!(f, "\nLevels")?;
        for level in &self.levels {
            let LevelSaid { sku, location, on_hand, reserved, available, version, cause } = level;
            writeln!(
                f,
                "  {sku} at {location}: {on_hand} on hand − {reserved} reserved = {available} available  (version {version}, by {cause})"
            )?;
        }
        writeln!(f, "\nOpen reservations")?;
        for held in &self.reservations {
            writeln!(f, "  {} units by {} at {}", held.units, held.order, held.location)?;
        }
        writeln!(f, "\nLedger")?;
        for (earlier, row) in earlier(&self.ledger) {
            if let Some(earlier) = earlier {
                writeln!(f, "  … {earlier} earlier changes at {}", row.location)?;
            }
            ledger_line(f, row)?;
        }
        writeln!(f, "\nListings")?;
        self.listings.iter().try_for_each(|listing| listing_lines(f, listing))
    }
}

/// The rows, the first one of a level with how many came before it: versions count from one.
fn earlier(ledger: &[Row]) -> impl Iterator<Item = (Option<u64>, &Row)> {
    let before = std::iter::once(None).chain(ledger.iter().map(|row| Some(&row.location)));
    ledger.iter().zip(before).map(|(row, before)| {
        let is_first = before != Some(&row.location);
        let earlier = row.entry.version.saturating_sub(1);
        ((is_first && earlier > 0).then_some(earlier), row)
    })
}

fn ledger_line(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    let Entry { version, at, cause, on_hand, reserved, changes, oversold } = &row.entry;
    let orders: Vec<&str> = changes.iter().map(|change| change.order.as_str()).collect();
    write!(
        f,
        "  {at}  {:<8} v{version:<4} on hand {} → {}, reserved {} → {}",
        row.location, on_hand.0, on_hand.1, reserved.0, reserved.1
    )?;
    if *oversold > 0 {
        write!(f, ", OVERSOLD {oversold}")?;
    }
    writeln!(f, "  {}  ({cause})", orders.join(", "))
}

fn listing_lines(f: &mut fmt::Formatter<'_>, said: &ListingSaid) -> fmt::Result {
    let ListingSaid { connection, warehouse, ids, locations, policy, offer, shown, showing, decision, .. } = said;
    let ids: Vec<String> = ids.iter().map(|(kind, id)| format!("{kind} {id}")).collect();
    writeln!(f, "  {connection} / {warehouse}: {}", ids.join(", "))?;
    writeln!(
        f,
        "    sellable at {}: {} → × {} % = {} → − buffer {} = {} → {} → offers {}",
        locations.join(" + "),
        offer.sellable,
        policy.share,
        offer.shared,
        offer.buffer,
        offer.buffered,
        rule(offer.rule, policy),
        offer.quantity
    )?;
    match (policy.buffer, &said.foresight) {
        (Buffer::Adaptive(adaptive), Some(foresight)) => writeln!(f, "    {}", adapted(offer, adaptive, foresight))?,
        (Buffer::Weighed(costs), Some(Foresight { elsewhere, lag_ms, weighed: Some(weighed), .. })) => {
            let age = if is_told(&said.channel) { "about" } else { "up to" };
            writeln!(
                f,
                "    buffer {}: {elsewhere} an hour sold elsewhere, {} here; what this channel shows is {age} {} s old",
                offer.buffer,
                weighed.here,
                lag_ms / 1_000
            )?;
            writeln!(f, "    {}", expected(costs, weighed))?;
        }
        _ => {}
    }
    if !is_told(&said.channel) {
        return pulled_line(f, said);
    }
    match &shown.acknowledged {
        Some(told) => write!(f, "    acknowledged {} at {}", told.quantity, told.at)?,
        None => write!(f, "    nothing acknowledged")?,
    }
    let showing = showing.map_or_else(|| "in doubt".to_owned(), |units| units.to_string());
    let next = match decision {
        Decision::UpToDate => "up to date".to_owned(),
        Decision::Push => "a push is due".to_owned(),
        Decision::Wait(until) => format!("a push waits until {until}"),
    };
    writeln!(f, ", showing {showing}; {next}")?;
    match &shown.rejected {
        Some(said) => writeln!(f, "    REFUSED {} at {}: {} {}", said.quantity, said.at, said.code, said.message),
        None => Ok(()),
    }
}

/// What a price list said isn't kept number by number: it is known as long as the stock is what it was then.
fn pulled_line(f: &mut fmt::Formatter<'_>, said: &ListingSaid) -> fmt::Result {
    let quantity = said.offer.quantity;
    match (said.pulled_at, said.showing) {
        (None, _) => writeln!(f, "    its price list was never pulled; it would say {quantity}"),
        (Some(at), Some(showing)) => {
            writeln!(f, "    its price list was pulled at {at}, showing {showing}; up to date")
        }
        (Some(at), None) => {
            writeln!(
                f,
                "    its price list was pulled at {at}, before the stock changed; the next pull will say {quantity}"
            )
        }
    }
}

/// What becomes of buyers, and what would if nothing were held back.
fn expected(Costs { oversell, turned_away }: Costs, Weighed { chances, of_all, .. }: &Weighed) -> String {
    let of_1000 = |millionths: u32| decimal(u64::from(millionths) / 100, 1);
    format!(
        "of 1000 buyers here {} get what is gone and {} find nothing of what is there, with none held back {} and {}; \
         weighed {oversell} : {turned_away}",
        of_1000(chances.oversold),
        of_1000(chances.turned_away),
        of_1000(of_all.oversold),
        of_1000(of_all.turned_away),
    )
}

fn adapted(offer: &Offer, adaptive: Adaptive, foresight: &Foresight) -> String {
    let Foresight { elsewhere, lag_ms, wanted, .. } = foresight;
    let expected = elsewhere.expected(Duration::from_millis(*lag_ms));
    let last_unit = if adaptive.last_unit { ", and never the last one" } else { "" };
    format!(
        "buffer {}: {elsewhere} an hour sold elsewhere × {} s until this channel knows = {} expected; {wanted} for a risk of {} %, \
         at most {} % of {}{last_unit}",
        offer.buffer,
        lag_ms / 1_000,
        decimal(expected / 1_000, 3),
        decimal(adaptive.risk.into(), 2),
        adaptive.most,
        offer.sellable,
    )
}

/// A number with so many decimals.
fn decimal(number: u64, decimals: u32) -> String {
    let (one, width) = (10_u64.pow(decimals), usize::try_from(decimals).unwrap_or(0));
    format!("{}.{:0width$}", number / one, number % one)
}

fn rule(rule: Rule, policy: &Policy) -> String {
    match rule {
        Rule::Plain => "within the maximum".to_owned(),
        Rule::Maximum => format!("at most {}", policy.max.unwrap_or_default()),
        Rule::NothingLeft => "nothing left".to_owned(),
        Rule::Ended => format!("ended at {} or fewer", policy.end_when),
        Rule::Paused => "paused".to_owned(),
        Rule::OutsideAssortment => "outside the assortment".to_owned(),
        Rule::Delisted => "ended".to_owned(),
    }
}
