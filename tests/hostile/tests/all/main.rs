//! Hostile and broken input to everything that reads what others wrote.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

mod answers;
mod aws;
mod channel;
mod feed;
mod house;
mod imports;
mod intake;
mod price_list;
mod records;
mod tokens;
mod webhook;
mod wires;
mod written;
