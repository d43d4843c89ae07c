//! What hostile and broken input is made of, and what must hold of whatever reads it.
//!
//! [`input`] breaks good samples in all the ways that a channel, a gateway or an attacker might; [`wires`] hands bytes to every
//! reader of the wire and checks what comes out. The tests feed the one to the other; a fuzzer may feed [`wires`] by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

pub mod input;
pub mod samples;
pub mod wires;
