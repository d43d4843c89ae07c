//! Wildberries as a server.

/// Wildberries.
#[derive(Clone)]
pub struct Wildberries;
