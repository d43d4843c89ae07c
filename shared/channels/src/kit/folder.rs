//! What a channel's folder brings.

#[cfg(feature = "client")]
use super::client::{CanNotOpen, Client, Opening};
use super::feed::Feed;
use super::hook::Hook;
use super::read::Reader;

/// What the registry looks up in a channel's folder, besides its facts. What the channel doesn't have is left out.
///
/// These are functions, and no fields of one table: so a program holds of each channel what it looks up and no more.
pub(crate) trait Folder {
    /// How the channel calls us; none if it doesn't.
    #[must_use]
    fn hook() -> Option<&'static dyn Hook> {
        None
    }

    /// How its calls are read; none if it makes none.
    #[must_use]
    fn reader() -> Option<&'static dyn Reader> {
        None
    }

    /// How the list is written that it pulls; none if it pulls none.
    #[must_use]
    fn feed() -> Option<&'static dyn Feed> {
        None
    }

    /// Opens a connection to it.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    #[cfg(feature = "client")]
    fn open(opening: &Opening<'_>) -> Result<Box<dyn Client>, CanNotOpen>;
}
