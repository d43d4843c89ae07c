//! All that is kept, as tables that any spreadsheet opens. Of people there is nothing: who an order is for stays where it is.

mod table;

use std::collections::BTreeMap;
use std::io::Write;

use edin_domain::bundle::Product;
use edin_domain::order::{Milestone, Order};
use edin_domain::stock::{Entry, Level, Place};
use edin_domain::{Connection, Sku, Timestamp};
use edin_store::everything::Everything;
use edin_store::{Store, StoreError};

use crate::written::{Line, rows};

use table::Table;
pub use table::{Form, TableError};

/// What the tables are called.
pub const NAMES: [&str; 4] = ["catalogue", "stock", "orders", "ledger"];

/// Where the tables go, each in a writer of its own, in the order of [`NAMES`].
pub struct Tables<W: Write + Send> {
    catalogue: Table<W>,
    stock: Table<W>,
    orders: Table<W>,
    ledger: Table<W>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Goods.
    pub goods: usize,
    /// Listings.
    pub listings: usize,
    /// Goods at locations.
    pub levels: usize,
    /// Orders and holds.
    pub orders: usize,
    /// Rows of the ledger.
    pub ledger: usize,
    /// What is left out, and why.
    pub left_out: Vec<String>,
}

/// Why there is no export, or half of one.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
    /// A file doesn't take what is written.
    #[error(transparent)]
    File(#[from] TableError),
}

impl<W: Write + Send> Tables<W> {
    /// Into these.
    pub fn new(form: Form, files: [W; 4]) -> Self {
        let [catalogue, stock, orders, ledger] = files.map(|file| Table::new(form, file));
        Self { catalogue, stock, orders, ledger }
    }

    /// Writes all of it. While Edin runs, each table is as it was while it was read.
    ///
    /// # Errors
    /// [`ExportError`]; a part may be written then.
    pub async fn write(mut self, store: &Store) -> Result<Exported, ExportError> {
        self.stock.row(["sku", "location", "on_hand", "reserved", "available", "changed_at"])?;
        self.orders.row(ORDERS)?;
        self.ledger.row(LEDGER)?;
        let (mut exported, mut goods, mut page) = (Exported::default(), BTreeMap::new(), None);
        loop {
            let found = store.everything(page.take()).await?;
            self.page(&found, &mut exported)?;
            goods.extend(found.products.iter().map(|product| (product.sku.clone(), product.clone())));
            if found.is_last() {
                break;
            }
            page = Some(found);
        }
        exported.goods = goods.len();
        let lines = lines(store, &goods, &mut exported).await?;
        rows(&lines).into_iter().try_for_each(|row| self.catalogue.row(row))?;
        [self.catalogue, self.stock, self.orders, self.ledger].into_iter().try_for_each(Table::end)?;
        Ok(exported)
    }

    fn page(&mut self, page: &Everything, exported: &mut Exported) -> Result<(), TableError> {
        page.levels.iter().try_for_each(|level| self.stock.row(stock(level)))?;
        page.orders.iter().flat_map(order).try_for_each(|row| self.orders.row(row))?;
        page.ledger.iter().try_for_each(|(place, entry)| self.ledger.row(ledger(place, entry)))?;
        exported.levels += page.levels.len();
        exported.orders += page.orders.len();
        exported.ledger += page.ledger.len();
        exported.left_out.extend(page.unreadable.iter().cloned());
        Ok(())
    }
}

/// The catalogue: each good, with its listings after it.
async fn lines(
    store: &Store,
    goods: &BTreeMap<Sku, Product>,
    exported: &mut Exported,
) -> Result<Vec<Line>, StoreError> {
    let mut listed = BTreeMap::<&Sku, Vec<Line>>::new();
    for connection in store.connections().await?.into_values() {
        for (product, line) in listings(store, &connection, goods, exported).await? {
            listed.entry(product).or_default().push(line);
        }
    }
    exported.listings = listed.values().map(Vec::len).sum();
    let with_listings = |(sku, product): (&Sku, &Product)| {
        std::iter::once(Line::of_good(product)).chain(listed.remove(sku).unwrap_or_default()).collect::<Vec<_>>()
    };
    Ok(goods.iter().flat_map(with_listings).collect())
}

async fn listings<'a>(
    store: &Store,
    connection: &Connection,
    goods: &'a BTreeMap<Sku, Product>,
    exported: &mut Exported,
) -> Result<Vec<(&'a Sku, Line)>, StoreError> {
    let (mut lines, mut page) = (Vec::new(), store.listings_after(&connection.id, None).await?);
    loop {
        let prices = store.prices(&connection.id, &page).await?;
        for listing in &page.listings {
            let good = goods.get_key_value(&listing.key.sku);
            let price = prices.get(&listing.key.sku).copied();
            let line = good.and_then(|(sku, good)| Some((sku, Line::of_listing(good, connection, listing, price)?)));
            match line {
                Some(line) => lines.push(line),
                None => {
                    let (key, connection) = (&listing.key, &connection.id);
                    exported.left_out.push(format!(
                        "the listing of {} at {connection}, {}: no file could say it, for its warehouse is gone or its good unknown",
                        key.sku, key.warehouse
                    ));
                }
            }
        }
        if page.is_last() {
            return Ok(lines);
        }
        page = store.listings_after(&connection.id, Some(page)).await?;
    }
}

fn stock(level: &Level) -> [String; 6] {
    let Level { place, on_hand, reserved, available, changed_at, .. } = level;
    let numbers = [on_hand, reserved, available].map(ToString::to_string);
    let [on_hand, reserved, available] = numbers;
    [place.sku.to_string(), place.location.to_string(), on_hand, reserved, available, changed_at.to_string()]
}

const ORDERS: [&str; 18] = [
    "connection",
    "order",
    "warehouse",
    "placed_at",
    "paid_at",
    "accepted_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "returned_at",
    "total",
    "line",
    "sku",
    "articles",
    "ordered",
    "cancelled",
    "shipped",
    "returned",
];
const MILESTONES: [Milestone; 7] = [
    Milestone::Placed,
    Milestone::Paid,
    Milestone::Accepted,
    Milestone::Shipped,
    Milestone::Delivered,
    Milestone::Cancelled,
    Milestone::Returned,
];

/// A row a line.
fn order(order: &Order) -> Vec<Vec<String>> {
    let state = &order.state;
    let at = |milestone: Milestone| state.milestones.get(&milestone).map_or_else(String::new, Timestamp::to_string);
    let warehouse = state.warehouse.as_ref().map_or_else(String::new, ToString::to_string);
    let total = state.total.map_or_else(String::new, |total| total.to_string());
    let head: Vec<String> = [order.key.connection.to_string(), order.key.id.to_string(), warehouse]
        .into_iter()
        .chain(MILESTONES.map(at))
        .chain([total])
        .collect();
    let line = |(id, line): (&edin_domain::LineId, &edin_domain::order::LineState)| {
        let sku = order.mapped.get(id).map_or_else(String::new, |mapped| mapped.sku.to_string());
        let articles: Vec<&str> = line.articles.iter().map(|article| article.as_str()).collect();
        let units = [line.ordered, line.cancelled, line.shipped, line.returned].map(|units| units.to_string());
        head.iter().cloned().chain([id.to_string(), sku, articles.join(" ")]).chain(units).collect()
    };
    state.lines.iter().map(line).collect()
}

const LEDGER: [&str; 11] = [
    "sku",
    "location",
    "version",
    "at",
    "on_hand_before",
    "on_hand",
    "reserved_before",
    "reserved",
    "oversold",
    "orders",
    "cause",
];

fn ledger(Place { sku, location }: &Place, entry: &Entry) -> Vec<String> {
    let Entry { version, at, cause, on_hand, reserved, changes, oversold } = entry;
    let orders: Vec<&str> = changes.iter().map(|change| change.order.as_str()).collect();
    let numbers = [on_hand.0, on_hand.1, reserved.0, reserved.1, *oversold].map(|units| units.to_string());
    [sku.to_string(), location.to_string(), version.to_string(), at.to_string()]
        .into_iter()
        .chain(numbers)
        .chain([orders.join(" "), cause.to_string()])
        .collect()
}
