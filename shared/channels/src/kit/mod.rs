//! What channels are made of: the words in which a channel says what it is, and the parts that more than one of them needs. It
//! knows none of them.

pub mod address;
#[cfg(feature = "client")]
pub mod client;
pub mod facts;
pub mod feed;
pub(crate) mod folder;
pub mod hook;
pub mod read;
pub mod sign;
pub mod told;
pub mod tolerant;
