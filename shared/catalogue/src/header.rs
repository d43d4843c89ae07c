//! The first line of a catalogue: what each column means.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::facts;
use edin_domain::{Connection, ConnectionId};

use crate::columns::{FACTS, LISTING, PLAIN, REQUIRED};
use crate::error::Problem;
use crate::numbers::Form;
use crate::sheet::Sheet;
use crate::vocabulary::{Meaning, meaning};
use crate::words::Words;

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    sheet: &'a Sheet,
    positions: BTreeMap<&'a str, usize>,
    /// The connections that columns are about.
    pub(crate) connections: Vec<&'a Connection>,
}

/// The connections that columns name, whether they exist or not.
pub(crate) fn named(sheet: &Sheet) -> impl Iterator<Item = ConnectionId> {
    sheet.columns.iter().filter_map(|(column, _)| ConnectionId::new(column.split_once('.')?.0).ok())
}

impl<'a> Header<'a> {
    pub(crate) fn read(sheet: &'a Sheet, connections: &'a BTreeMap<ConnectionId, Connection>) -> Result<Self, Problem> {
        let mut positions = BTreeMap::new();
        for (column, position) in &sheet.columns {
            let refused = |wrong: String| {
                let title = sheet.titles.get(*position).filter(|title| !title.eq_ignore_ascii_case(column));
                let column = title.map_or_else(|| column.clone(), |title| format!("{title} ({column})"));
                Problem::Header { column, wrong }
            };
            check(column, connections).map_err(refused)?;
            if positions.insert(column.as_str(), *position).is_some() {
                return Err(refused("it stands there twice; leave one out".to_owned()));
            }
        }
        for required in REQUIRED {
            if !positions.contains_key(required) {
                let wrong = format!("it is missing; the columns are {}", sheet.titles.join(", "));
                return Err(Problem::Header { column: required.to_owned(), wrong });
            }
        }
        let about: BTreeSet<ConnectionId> = named(sheet).collect();
        let connections = about.iter().filter_map(|id| connections.get(id)).collect();
        Ok(Self { sheet, positions, connections })
    }

    /// What the person says that words mean.
    pub(crate) fn words(&self) -> &'a Words {
        &self.sheet.words
    }

    /// How the numbers of a column are written.
    pub(crate) fn form(&self, column: &str) -> Form {
        self.position(column).map(|position| self.sheet.form(position)).unwrap_or_default()
    }

    /// The problem with its column called as the file calls it.
    pub(crate) fn as_called(&self, problem: Problem) -> Problem {
        self.sheet.as_called(problem)
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
        self.positions.keys().copied()
    }

    /// How many cells a line has at least, and how many at most that say something.
    pub(crate) fn widths(&self) -> (usize, usize) {
        let width = self.sheet.titles.len();
        (if self.sheet.may_be_short { 0 } else { width }, width)
    }
}

fn check(column: &str, connections: &BTreeMap<ConnectionId, Connection>) -> Result<(), String> {
    let Some((id, name)) = column.split_once('.') else {
        return match PLAIN.contains(&column) {
            true => Ok(()),
            false if meaning(column) == Some(Meaning::Price) => Err(format!(
                "a price is one of a connection; call it <connection id>.price, or say --map \"{column}=<connection id>.price\""
            )),
            false => Err(format!(
                "unknown; the columns are {} and <connection id>.<name>; what another name means is said so: --map \"{column}=title\"",
                PLAIN.join(", ")
            )),
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
