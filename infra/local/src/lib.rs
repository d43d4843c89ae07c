//! The `edin` command: the whole bundle in one process, over embedded engines, with the channels as simulators.
//!
//! The functions are the same ones that run in the cloud, woken by the same events; what AWS does around them is done here:
//! [`engine`] serves DynamoDB and SQS, [`sources`] and [`stream`] play the event source mappings, [`edge`] plays the HTTP API,
//! [`house`] puts them together.

mod accept;
mod claim;
pub mod command;
mod connections;
pub mod demo;
pub mod deployment;
pub mod edge;
mod ending;
pub mod endpoints;
pub mod engine;
pub mod groups;
pub mod house;
pub mod import;
mod mapping;
pub mod meter;
pub mod output;
pub mod progress;
mod reconciliation;
pub mod redrive;
pub mod secrets;
pub mod settings;
pub mod shop;
mod simulate;
pub mod sources;
mod status;
pub mod stream;
