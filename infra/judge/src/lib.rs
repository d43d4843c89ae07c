//! What must hold of a seller's stock once everything is quiet, and what doesn't.
//!
//! Each judgement compares what the tables or the channels say with what really happened, by a reckoning of its own: none asks the
//! rules that it judges. What it finds is said in a sentence; no sentence means that it holds. Where something may legitimately
//! differ, whoever asks says so in words ([`rules::Excuse`]).

pub mod ledger;
pub mod level;
pub mod order;
pub mod rules;
pub mod shelf;

#[cfg(test)]
mod example;

/// What doesn't hold; empty if all does.
pub type Broken = Vec<String>;
