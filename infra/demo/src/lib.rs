//! The demo: a made-up seller whose shop is open in all simulated channels, buyers who buy there, and what came of it.
//!
//! [`shop`] is the seller, with goods and channels; [`run`](fn@run) lets the buyers in and counts; [`simulate`] starts the channels alone,
//! for a deployment elsewhere. The `edin` command shows it; tests and benches use the seller's goods.
//!
//! What doesn't belong here: commands, and anything that a real shop needs.

mod buyers;
mod lag;
mod run;
pub mod shop;
pub mod simulate;
mod summary;

pub use run::{ORDERS, run};
pub use summary::{Percentiles, Summary};
