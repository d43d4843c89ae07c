//! What Edin does as a whole, and how its parts meet what lies around them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

mod bundles;
mod cancels;
mod conformance;
mod contract;
mod customers;
mod demand;
mod doors;
mod events;
mod explanations;
mod hands;
mod hints;
mod hooks;
mod imports;
mod modes;
mod oversell;
mod own_shop;
mod poison;
mod price_lists;
mod restarts;
mod sales;
mod troubles;
mod unmapped;

/// A client of the house's HTTP side.
fn http() -> reqwest::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build()
}
