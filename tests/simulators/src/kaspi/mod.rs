//! Kaspi as a server.

/// Kaspi.
#[derive(Clone)]
pub struct Kaspi;
