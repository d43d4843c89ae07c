//! Ozon as a server.

/// Ozon.
#[derive(Clone)]
pub struct Ozon;
