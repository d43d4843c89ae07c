//! What Edin does as a whole, and how its parts meet what lies around them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

mod contract;
