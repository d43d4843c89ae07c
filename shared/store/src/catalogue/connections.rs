//! Connections as people and imports made them.

use std::collections::BTreeMap;

use edin_domain::ConnectionId;
use edin_domain::connection::Connection;

use super::{Batch, VERSION, Written};
use crate::access::Consistency;
use crate::item::{Item, key, read, unreadable, write};
use crate::{Store, StoreError, keys};

/// Connections, each read by itself: one that can't be read keeps nobody from working for the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Connections {
    /// Those that can be read.
    pub known: BTreeMap<ConnectionId, Connection>,
    /// What is wrong with the others: an account or a field of a newer release, most likely.
    pub unreadable: BTreeMap<ConnectionId, String>,
}

impl Connections {
    fn of(items: Vec<Item>) -> Self {
        let mut connections = Self::default();
        for item in items {
            connections.add(item);
        }
        connections
    }

    pub(crate) fn add(&mut self, item: Item) {
        let at = key(&item);
        match (connection_from(item), keys::connection_id(&at.pk)) {
            (Ok((id, connection)), _) => _ = self.known.insert(id, connection),
            (Err(error), Some(id)) => _ = self.unreadable.insert(id, error.to_string()),
            (Err(error), None) => tracing::error!(%error, "no connection has such a name"),
        }
    }
}

/// All connections are listed under this.
const CONNECTIONS: &str = "CONNECTIONS";

impl Store {
    /// Writes a connection over whatever is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_connection(&self, connection: &Connection) -> Result<Written, StoreError> {
        self.edit_connection(&connection.id, |_| Ok(connection.clone())).await
    }

    /// Writes what `change` makes of a connection; it may be asked more than once.
    ///
    /// # Errors
    /// [`StoreError`], and those of `change`.
    pub async fn edit_connection<E: From<StoreError>>(
        &self,
        id: &ConnectionId,
        change: impl Fn(Option<Connection>) -> Result<Connection, E>,
    ) -> Result<Written, E> {
        let edited = |item: Option<Item>| {
            let known = item.map(connection_from).transpose()?.map(|(_, connection)| connection);
            let mut item = write(&keys::connection(id), &change(known)?)?;
            item.insert("listed_under".to_owned(), crate::item::string(CONNECTIONS));
            item.insert("listed_as".to_owned(), crate::item::string(id.as_str()));
            Ok(item)
        };
        self.edit(&Batch::default(), &keys::connection(id), edited).await
    }

    /// Connections by their ids; those that don't exist, or can't be read, are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connections_of(
        &self,
        ids: impl IntoIterator<Item = ConnectionId>,
    ) -> Result<BTreeMap<ConnectionId, Connection>, StoreError> {
        Ok(self.read_connections(ids).await?.known)
    }

    async fn read_connections(&self, ids: impl IntoIterator<Item = ConnectionId>) -> Result<Connections, StoreError> {
        let keys = ids.into_iter().map(|id| keys::connection(&id));
        Ok(Connections::of(self.get_many(&self.tables.stock, keys, Consistency::Eventual).await?))
    }

    /// One connection.
    ///
    /// # Errors
    /// [`StoreError`], also if it is there and can't be read.
    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        let Connections { mut known, mut unreadable } = self.read_connections([id.clone()]).await?;
        match unreadable.remove(id) {
            Some(reason) => Err(unreadable_connection(id, reason)),
            None => Ok(known.remove(id)),
        }
    }

    /// All connections that can be read. The others are named by [`all_connections`](Self::all_connections): reconciliation
    /// and `edin status` tell of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connections(&self) -> Result<BTreeMap<ConnectionId, Connection>, StoreError> {
        Ok(self.all_connections().await?.known)
    }

    /// All connections.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_connections(&self) -> Result<Connections, StoreError> {
        Ok(Connections::of(self.listed(CONNECTIONS.to_owned(), "").await?))
    }
}

pub(crate) fn connection_from(item: Item) -> Result<(ConnectionId, Connection), StoreError> {
    let mut item = item;
    for name in ["pk", "sk", "listed_under", "listed_as", VERSION] {
        item.remove(name);
    }
    read(item).map(|connection: Connection| (connection.id.clone(), connection))
}

fn unreadable_connection(id: &ConnectionId, reason: String) -> StoreError {
    unreadable(&keys::connection(id), reason)
}
