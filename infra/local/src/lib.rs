//! One machine: what AWS does around the functions, played here, and the house that puts it and them together.
//!
//! The functions are the same ones that run in the cloud, woken by the same events. [`aws`] serves DynamoDB and SQS and plays the
//! event sources and the HTTP API; [`house`] runs everything in one process; [`state`] is what lies in the state folder;
//! [`import`] takes in files of this machine, with a bar ([`progress`]) that shows how far it is; [`doors`] makes keys of the API.
//!
//! The demo and the `edin` command are built on it, and so are tests and benches.
//!
//! What doesn't belong here: commands and what they print, the demo's shop and its simulators, and a deployment in AWS.

pub mod aws;
pub mod doors;
pub mod house;
pub mod import;
pub mod progress;
pub mod state;
