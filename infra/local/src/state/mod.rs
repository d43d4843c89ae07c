//! What lies in the state folder: the tables' file ([`database`]), the [`secrets`], [`endpoints`] as long as a house runs over it, and
//! the [`claim`] that only one does; a [`backup`] of it, and its [`condition`].

pub mod backup;
pub mod claim;
pub mod condition;
pub mod database;
pub mod endpoints;
pub mod secrets;

use std::path::Path;

/// Makes the folder, if it isn't there: one that only its owner can look into, since buyers' contacts lie there.
///
/// # Errors
/// If it can't be made.
pub fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether anything was begun in this folder.
#[must_use]
pub fn is_begun(folder: &Path) -> bool {
    folder.join(database::FILE).exists()
}
