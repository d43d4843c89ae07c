//! One listing, changed without a file: as a line of a file would change it, by the code that reads one.

use std::path::PathBuf;

use edin_domain::listing::Listing;
use edin_domain::{Connection, ConnectionId, Sku, WarehouseId};
use edin_store::StoreError;

use crate::columns::LISTING;
use crate::file::File;
use crate::importer::Importer;
use crate::report::Report;
use crate::written::{Line, csv};

/// Which listings: those of a SKU at a connection.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// The good.
    pub sku: &'a Sku,
    /// Where it is listed.
    pub connection: &'a ConnectionId,
    /// At this warehouse of the channel's alone; at all of them if none is said.
    pub warehouse: Option<&'a WarehouseId>,
}

/// Why listings aren't changed. What is wrong with a value is in the report.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// There is no such connection.
    #[error("there is no connection {0}; import it first")]
    NoConnection(ConnectionId),
    /// The SKU has no such listing.
    #[error("{0} is not listed at {1}; list it by a file")]
    NotListed(Sku, ConnectionId),
    /// Nothing of a listing is called so.
    #[error("{0:?} can not be set; these can: {1}")]
    Unknown(String, String),
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
}

/// What of a listing has a command, or a file, of its own.
const ELSEWHERE: [&str; 2] = ["warehouse", "ended"];
/// What says something of one kind of buffer. It goes when another buffer is said.
const PARTS: [&str; 5] = ["oversell", "turned_away", "risk", "most", "last_unit"];

impl Importer<'_> {
    /// Changes listings: each change is a column's name, such as `price`, and what the cell says; an empty one takes it away, and
    /// leaves to the connection what its listings have in common.
    ///
    /// # Errors
    /// [`NotSet`].
    pub async fn set_listings(&self, which: Which<'_>, changes: &[(&str, &str)]) -> Result<Report, NotSet> {
        let can: Vec<&str> = LISTING.into_iter().filter(|name| !ELSEWHERE.contains(name)).collect();
        if let Some((name, _)) = changes.iter().find(|(name, _)| !can.contains(name)) {
            return Err(NotSet::Unknown((*name).to_owned(), can.join(", ")));
        }
        let connection = self.store.connection(which.connection).await?;
        let connection = connection.ok_or_else(|| NotSet::NoConnection(which.connection.clone()))?;
        let mut lines = self.lines(which, &connection).await?;
        lines.iter_mut().for_each(|line| change(line, &connection, changes));
        let file = File { name: PathBuf::from("listing.csv"), content: Ok(csv(&lines)) };
        Ok(self.run(vec![file], &|_, _| {}).await)
    }

    /// The listings as they are.
    async fn lines(&self, which: Which<'_>, connection: &Connection) -> Result<Vec<Line>, NotSet> {
        let partition = self.store.partition(which.sku).await?;
        let price = self.store.price(which.sku, which.connection).await?;
        let is_meant = |listing: &&Listing| {
            listing.key.connection == *which.connection
                && which.warehouse.is_none_or(|warehouse| *warehouse == listing.key.warehouse)
        };
        let listings = partition.listings.iter().filter(is_meant);
        let lines: Vec<Line> = partition
            .product
            .iter()
            .flat_map(|product| {
                listings.clone().filter_map(|listing| Line::of_listing(product, connection, listing, price))
            })
            .collect();
        match lines.is_empty() {
            true => Err(NotSet::NotListed(which.sku.clone(), which.connection.clone())),
            false => Ok(lines),
        }
    }
}

fn change(line: &mut Line, connection: &Connection, changes: &[(&str, &str)]) {
    let column = |name: &str| format!("{}.{name}", connection.id);
    if changes.iter().any(|(name, _)| *name == "buffer") {
        PARTS.iter().for_each(|part| line.say(&column(part), None));
    }
    for (name, value) in changes {
        line.say(&column(name), Some((*value).to_owned()).filter(|value| !value.is_empty()));
    }
}
