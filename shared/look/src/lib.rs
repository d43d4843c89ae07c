//! What a seller asks, answered as values: [why](fn@why::why) a number is what it is, [how](status) each connection is, what
//! of it all needs a [person](doctor), [what](preview) a channel would be told,
//! [where](connections) it finds us, what [goods] there are. The `edin` command draws the answers for a terminal, or writes them as JSON; a page can
//! show the same ones.
//!
//! What doesn't belong here: drawing and printing; changing anything, since to look is harmless; and what only one deployment
//! knows, which is handed in.

pub mod connections;
pub mod doctor;
mod error;
pub mod goods;
pub mod preview;
pub mod status;
pub mod why;

pub use error::LookError;
