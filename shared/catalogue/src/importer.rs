//! Where an import goes, and what it may take from others.

use edin_domain::Timestamp;
use edin_platform::Queue;
use edin_store::Store;

/// Takes files into the tables.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    /// The tables.
    pub store: &'a Store,
    /// Where orders go that had waited for a mapping.
    pub inbox: &'a Queue,
    /// Where goods go whose connection has changed: their numbers are made of it.
    pub deferred: &'a Queue,
    /// What becomes of a channel's name that is another good's.
    pub taken: Taken,
    /// Now.
    pub now: Timestamp,
}

/// What becomes of a channel's name that a file gives to another good than the table does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Taken {
    /// It stays whose it is, and the line is refused.
    #[default]
    Stays,
    /// It becomes the file's good's, and the other one isn't listed under it any more.
    Moves,
}
