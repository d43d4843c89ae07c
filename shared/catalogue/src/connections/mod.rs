//! Connections: what a file says of them, and what may be changed of one.
//!
//! ```toml
//! [[connection]]
//! id = "ozon-main"
//! account = { ozon = { client_id = "1234" } }
//! currency = "RUB"
//! warehouses = { 22142605386000 = ["almaty"] }
//! mode = "live"
//! secrets = { api_key = "…" }
//! ```

mod address;
mod change;
mod check;
pub mod modes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edin_channels::facts::{BadAccount, Facts, SecretFact};
use edin_channels::facts_of;
use edin_domain::connection::{Mode, NoMode};
use edin_domain::{Connection, ConnectionId, Secret, Timestamp};
use toml::{Table, Value};

pub use change::check_change;
pub(crate) use check::{DEAREST, RISKS};

use crate::error::{ImportError, Problem};
use crate::lines::line_breaks;
use check::check;

/// A connection as a file has it.
#[derive(Debug, PartialEq)]
pub(crate) struct Configured {
    pub(crate) connection: Connection,
    /// How far it may go, if the file says so. If it doesn't, it stays as it is, and a new one observes.
    mode: Option<Mode>,
    /// Whether it has ended, if the file says so. If it doesn't, it stays as it is.
    ended: Option<bool>,
    /// By name, such as `api_key`.
    pub(crate) secrets: BTreeMap<String, Secret<String>>,
}

impl Configured {
    /// The connection, with what the file says nothing of as it is known.
    pub(crate) fn over(&self, known: Option<Connection>, now: Timestamp) -> Connection {
        let before = known.as_ref().and_then(|known| known.ended_at);
        let first = self.mode.unwrap_or_else(|| modes::of_new(&self.connection));
        let (mode, mode_since) = known.map_or((first, None), |known| (known.mode, known.mode_since));
        let ended_at = match self.ended {
            Some(true) => before.or(Some(now)),
            Some(false) => None,
            None => before,
        };
        let connection = Connection { mode, mode_since, ended_at, ..self.connection.clone() };
        connection.in_mode(self.mode.unwrap_or(mode), now)
    }

    /// What a person must know of it if it is new and nothing is told to its channel.
    pub(crate) fn observes(&self, now: Timestamp) -> Option<String> {
        let Connection { id, mode, .. } = self.over(None, now);
        (mode == Mode::Observe).then(|| {
            format!("{id} observes: nothing is told to its channel; look at edin preview {id}, then edin connection set {id} mode=live")
        })
    }
}

/// The connections of a file, and what is wrong with the others. `ids` are those of the files before.
pub(crate) fn read(file: &Path, text: &str, ids: &mut BTreeSet<ConnectionId>) -> (Vec<Configured>, Vec<ImportError>) {
    let tables = match tables(file, text) {
        Ok(tables) => tables,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let (mut connections, mut errors) = (Vec::new(), Vec::new());
    for (index, value) in tables.into_iter().enumerate() {
        let which = named(index, &value);
        match configured(value).and_then(|configured| unless_known(ids, configured)) {
            Ok(configured) => connections.push(configured),
            Err(wrong) => errors.push(ImportError::whole(file, Problem::Connection { which, wrong })),
        }
    }
    (connections, errors)
}

fn tables(file: &Path, text: &str) -> Result<Vec<Value>, ImportError> {
    let mut root: Table = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.as_bytes().get(..span.start));
        let line = before.map(|before| 1 + line_breaks(before));
        ImportError { file: file.to_owned(), line, problem: Problem::Toml(error.message().to_owned()) }
    })?;
    let connections = root.remove("connection");
    match (connections, root.keys().next()) {
        (_, Some(unknown)) => Err(ImportError::whole(file, Problem::UnknownTable(unknown.clone()))),
        (Some(Value::Array(tables)), None) => Ok(tables),
        (Some(_), None) => {
            let wrong = "it is one [connection] table; write [[connection]]".to_owned();
            Err(ImportError::whole(file, Problem::Connection { which: "1".to_owned(), wrong }))
        }
        (None, None) => Ok(Vec::new()),
    }
}

/// By its id, or by its number in the file.
fn named(index: usize, value: &Value) -> String {
    value.get("id").and_then(Value::as_str).map_or_else(|| format!("{}", index + 1), |id| format!("{id:?}"))
}

fn unless_known(ids: &mut BTreeSet<ConnectionId>, configured: Configured) -> Result<Configured, String> {
    match ids.insert(configured.connection.id.clone()) {
        true => Ok(configured),
        false => Err("its id is that of an earlier one; give each its own".to_owned()),
    }
}

fn configured(value: Value) -> Result<Configured, String> {
    let Value::Table(mut table) = value else { return Err("it is not a table; write [[connection]]".to_owned()) };
    let secrets = table.remove("secrets");
    let ended = table.remove("ended").map(ended).transpose()?;
    let mode = table.remove("mode").map(mode).transpose()?;
    for (noted, instead) in [("ended_at", "ended = true"), ("mode_since", "mode = \"live\"")] {
        if table.contains_key(noted) {
            return Err(format!("{noted}: that is noted here; write {instead}"));
        }
    }
    let connection = connection(table)?;
    let facts = facts_of(&connection).map_err(|error| bad_account(&error))?;
    check(&connection, facts)?;
    mode.map_or(Ok(()), |mode| modes::check(mode, facts)).map_err(|wrong| format!("mode: {wrong}"))?;
    let secrets = secrets.map(|secrets| credentials(facts, secrets)).transpose()?.unwrap_or_default();
    Ok(Configured { connection, mode, ended, secrets })
}

fn mode(value: Value) -> Result<Mode, String> {
    let text = value.as_str().ok_or_else(|| "mode: it takes a text in quotes".to_owned())?;
    text.parse().map_err(|error: NoMode| format!("mode: {error}"))
}

fn ended(value: Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "ended: it takes true or false".to_owned())
}

/// What is said of a value quotes it, and that may be a whole file.
const QUOTED: usize = 300;

fn connection(table: Table) -> Result<Connection, String> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let (path, wrong) = (error.path().to_string(), error.inner().message());
        // What stands in the file in place of what is noted.
        let wrong = wrong.replace("`mode_since`, ", "").replace("`ended_at`", "`ended`, `secrets`");
        let wrong: String = wrong.chars().take(QUOTED).collect();
        if path == "." { wrong } else { format!("{path}: {wrong}") }
    })
}

fn bad_account(error: &BadAccount) -> String {
    match error {
        BadAccount::UnknownChannel(_) => {
            let known: Vec<_> = edin_channels::all().map(|facts| facts.name.as_str()).collect();
            format!("{error}; it knows {}", known.join(", "))
        }
        BadAccount::Setting { .. } => error.to_string(),
    }
}

/// The secrets that a connection of this channel may have.
fn secret_names(facts: &Facts) -> Vec<&'static str> {
    facts.secrets.iter().map(|SecretFact { name, .. }| *name).collect()
}

/// No message of this one may repeat a value.
fn credentials(facts: &Facts, secrets: Value) -> Result<BTreeMap<String, Secret<String>>, String> {
    let Value::Table(table) = secrets else { return Err("secrets: it takes { name = \"…\" }".to_owned()) };
    let names = secret_names(facts);
    let read = |(name, value): (String, Value)| match value {
        _ if !names.contains(&name.as_str()) => {
            Err(format!("secrets.{name}: unknown; {} takes {}", facts.title, names.join(", ")))
        }
        Value::String(text) if !text.trim().is_empty() => Ok((name, Secret::new(text))),
        _ => Err(format!("secrets.{name}: it takes a text in quotes that is not empty")),
    };
    table.into_iter().map(read).collect()
}
