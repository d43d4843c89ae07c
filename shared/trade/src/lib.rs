//! What functions do alike with orders and channels: open a connection behind its limits, tell news from what is known, record
//! orders with the stock that they move, and what they say to each other about it in queues.
//!
//! Whoever opens a connection or records an order does it here, whatever woke it: the limits then hold for all of them, and an
//! order is recorded by one code, wherever it came from.

pub mod messages;
pub mod news;
pub mod record;

#[cfg(feature = "client")]
pub mod channels;
#[cfg(feature = "client")]
pub mod handover;
#[cfg(feature = "client")]
pub mod readings;
