//! The `edin` command: the whole bundle in one process, over embedded engines, with the channels as simulators.
//!
//! The functions are the same ones that run in the cloud, woken by the same events; what AWS does around them is done here:
//! [`engine`] serves DynamoDB and SQS, [`sources`] and [`stream`] play the event source mappings, [`edge`] plays the HTTP API,
//! [`house`] puts them together.

pub mod command;
pub mod demo;
pub mod edge;
pub mod endpoints;
pub mod engine;
pub mod groups;
pub mod house;
pub mod import;
pub mod meter;
pub mod secrets;
pub mod settings;
pub mod shop;
pub mod sources;
pub mod stream;
pub mod why;
