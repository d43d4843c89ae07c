//! A seeded simulator over the real functions and the real store.
//!
//! One run is one thread: the functions' own handlers, the store's own code through the AWS SDK over engines in memory, the
//! simulated channels, and a clock that moves only when everybody waits. Everything between them is played here, and goes
//! wrong by the seed: messages, calls to AWS and to the channels, the functions themselves. What must hold is checked
//! against what really happened, which Edin never sees.
//!
//! The same seed is the same run, line by line.

pub mod aws;
pub mod channels;
pub mod check;
pub mod clock;
pub mod dice;
pub mod doors;
pub mod edge;
pub mod functions;
pub mod goods;
pub mod invocation;
pub mod late;
pub mod many;
pub mod market;
pub mod plan;
pub mod run;
pub mod sabotage;
pub mod seller;
pub mod shrink;
pub mod sold;
pub mod sources;
pub mod state;
mod step;
pub mod trace;
pub mod witness;
pub mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use plan::Plan;
pub use run::{Outcome, run};
pub use sabotage::Sabotage;

/// A run is one thread: nobody waits here.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
