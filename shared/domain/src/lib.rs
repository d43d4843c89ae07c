//! The rules of Edin, pure: no network, no clock, no randomness.
//!
//! What a channel tells of an order is an [`order::OrderState`], an element of a lattice; what that means for the stock is
//! [`order::effect`]; what a listing may offer is [`listing::Policy`], with what is held back for [`demand`] elsewhere; what a channel is believed to show is
//! [`shown::Shown`]. Time comes in as a [`Timestamp`].

pub mod api_key;
pub mod barcode;
mod buffer;
pub mod bundle;
pub mod channel;
pub mod connection;
pub mod customer;
pub mod demand;
pub mod document;
pub mod drift;
pub mod ids;
pub mod limiter;
pub mod listing;
pub mod masked;
pub mod money;
pub mod offer;
pub mod order;
pub mod oversell;
pub mod shown;
pub mod stock;
pub mod timestamp;

pub use channel::{Account, ChannelName};
pub use connection::Connection;
pub use ids::{Article, Cause, ConnectionId, InvalidId, LineId, LocationId, OrderId, Sku, WarehouseId};
pub use masked::{Personal, Secret};
pub use money::{Currency, Money, MoneyError};
pub use timestamp::Timestamp;
