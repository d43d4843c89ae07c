//! The calls.

use async_trait::async_trait;
use edin_domain::{Connection, OrderId, Secret, Timestamp, WarehouseId};

use crate::inbound::Told;
use crate::marketplace::{Capabilities, ChannelError, Credential, Marketplace, Outcome, SeenRow, StockRow};
use crate::transport::Transport;

/// Kaspi, called.
pub struct Client {
    transport: Transport,
}

impl Client {
    /// A client of `connection`.
    #[must_use]
    pub fn new(transport: Transport, connection: &Connection, credential: Secret<String>) -> Self {
        todo!()
    }
}

#[async_trait]
impl Marketplace for Client {
    fn capabilities(&self) -> Capabilities {
        todo!()
    }

    async fn newest_orders(&self, now: Timestamp) -> Result<Vec<Told>, ChannelError> {
        todo!()
    }

    async fn changed_orders(&self, since: Timestamp, now: Timestamp) -> Result<Vec<Told>, ChannelError> {
        todo!()
    }

    async fn write_stock(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<Outcome>, ChannelError> {
        todo!()
    }

    async fn read_stock(&self, warehouse: &WarehouseId, rows: &[StockRow]) -> Result<Vec<SeenRow>, ChannelError> {
        todo!()
    }

    async fn accept(&self, order: &OrderId) -> Result<(), ChannelError> {
        todo!()
    }

    async fn credential(&self, now: Timestamp) -> Result<Credential, ChannelError> {
        todo!()
    }
}
