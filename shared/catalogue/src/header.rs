//! The first line of a catalogue: what each column means.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::facts;
use edin_domain::{Connection, ConnectionId};

use crate::error::Problem;

/// Columns about the good itself.
const PLAIN: [&str; 9] = ["sku", "title", "brand", "barcode", "location", "on_hand", "cost", "currency", "components"];
const REQUIRED: [&str; 2] = ["sku", "title"];
/// Columns that say what a good is. A file without one of them says nothing of it, and leaves it as it is.
const FACTS: [&str; 4] = ["brand", "barcode", "cost", "components"];
/// Columns about a listing, besides the channel's ids.
const LISTING: [&str; 13] = [
    "price",
    "warehouse",
    "share",
    "buffer",
    "oversell",
    "turned_away",
    "risk",
    "most",
    "last_unit",
    "max",
    "end_when",
    "paused",
    "ended",
];

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    positions: BTreeMap<String, usize>,
    /// The connections that columns are about.
    pub(crate) connections: Vec<&'a Connection>,
}

/// The connections that columns name, whether they exist or not.
pub(crate) fn named(columns: &[String]) -> impl Iterator<Item = ConnectionId> {
    columns.iter().filter_map(|column| ConnectionId::new(column.split_once('.')?.0).ok())
}

impl<'a> Header<'a> {
    pub(crate) fn read(
        columns: &[String],
        connections: &'a BTreeMap<ConnectionId, Connection>,
    ) -> Result<Self, Problem> {
        let mut positions = BTreeMap::new();
        for (position, column) in columns.iter().enumerate() {
            let refused = |wrong: String| Problem::Header { column: column.clone(), wrong };
            check(column, connections).map_err(refused)?;
            if positions.insert(column.clone(), position).is_some() {
                return Err(refused("it stands there twice; leave one out".to_owned()));
            }
        }
        for required in REQUIRED {
            if !positions.contains_key(required) {
                let wrong = format!("it is missing; the columns are {}", columns.join(", "));
                return Err(Problem::Header { column: required.to_owned(), wrong });
            }
        }
        let about: BTreeSet<ConnectionId> = named(columns).collect();
        let connections = about.iter().filter_map(|id| connections.get(id)).collect();
        Ok(Self { positions, connections })
    }

    /// Where a column is, from zero.
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.positions.get(column).copied()
    }

    /// What the file says nothing of.
    pub(crate) fn silent(&self) -> BTreeSet<&'static str> {
        FACTS.into_iter().filter(|column| self.position(column).is_none()).collect()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.positions.keys().map(String::as_str)
    }

    pub(crate) fn width(&self) -> usize {
        self.positions.len()
    }
}

fn check(column: &str, connections: &BTreeMap<ConnectionId, Connection>) -> Result<(), String> {
    let Some((id, name)) = column.split_once('.') else {
        return match PLAIN.contains(&column) {
            true => Ok(()),
            false => Err(format!("unknown; the columns are {} and <connection id>.<name>", PLAIN.join(", "))),
        };
    };
    let Some(connection) = connections.get(id) else {
        let known: Vec<&str> = connections.keys().map(ConnectionId::as_str).collect();
        return Err(format!("there is no connection {id:?}; {}", list("the connections are", &known)));
    };
    let ids: Vec<&str> = facts(connection.channel()).iter().flat_map(|facts| facts.ids).map(|id| id.name).collect();
    match ids.contains(&name) || LISTING.contains(&name) {
        true => Ok(()),
        false => {
            let channel = connection.channel();
            Err(format!("unknown; after {id}. ({channel}) come {}, {}", ids.join(", "), LISTING.join(", ")))
        }
    }
}

fn list(what: &str, names: &[&str]) -> String {
    match names {
        [] => "import a .toml file with it first".to_owned(),
        names => format!("{what} {}", names.join(", ")),
    }
}
