//! The two DynamoDB tables: their keys, their items, their transactions and queries.
//!
//! `stock` has one partition per SKU, so that one Query tells all about it; `customers` holds everything personal. What the
//! items look like is in each module; the keys of all of them are in [`keys`].

mod access;
mod api_keys;
pub mod catalogue;
pub mod changes;
pub mod commit;
mod copy;
pub mod customers;
mod demand;
pub mod documents;
pub mod drift;
mod error;
pub mod everything;
pub mod holds;
mod item;
pub mod journal;
pub mod keys;
pub mod lanes;
pub mod ledger;
pub mod levels;
pub mod migration;
pub mod orders;
pub mod partition;
pub mod reading;
pub mod schema;
pub mod seen;
pub mod shown;
mod stamp;
pub mod status;
pub mod stream;
pub mod together;

use aws_sdk_dynamodb::Client;

pub use error::StoreError;
pub use item::{Item, level_from, order_from};

/// The tables, and the client that reaches them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    tables: Tables,
}

/// What the tables are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Goods, levels, listings, orders, connections.
    pub stock: String,
    /// People.
    pub customers: String,
}

impl Store {
    /// The tables `tables` reached through `client`.
    #[must_use]
    pub const fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// What the tables are called.
    #[must_use]
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }
}
