//! What AWS does around the functions: [`engine`] serves DynamoDB and SQS on loopback ports; [`sources`] and [`groups`] play the
//! event source mappings of the queues, [`stream`] those of the table's stream; [`edge`] plays the HTTP API, for the [`callers`]; [`meter`] counts the
//! calls; [`watch`] says how all of it is, by the [`pulse`] of each.

mod accept;
pub mod callers;
pub mod edge;
pub mod engine;
pub mod groups;
pub(crate) mod mapping;
pub mod meter;
pub mod pulse;
pub mod sources;
pub mod stream;
pub mod watch;
