//! Direct sales: the seller's own till, shop, telephone and scripts, which ask through the API before they sell. Nobody has to
//! be called, and no number to be told.

mod facts;

pub use facts::{FACTS, NAME};

#[cfg(feature = "client")]
use crate::kit::client::{self as kit, CanNotOpen, ChannelError, Credential, Opening};
use crate::kit::folder::Folder;

/// What this folder brings.
pub(crate) struct Channel;

impl Folder for Channel {
    #[cfg(feature = "client")]
    fn open(_opening: &Opening<'_>) -> Result<Box<dyn kit::Client>, CanNotOpen> {
        Ok(Box::new(Nobody))
    }
}

/// There is nobody to call.
#[cfg(feature = "client")]
struct Nobody;

#[cfg(feature = "client")]
#[async_trait::async_trait]
impl kit::Client for Nobody {
    async fn credential(&self, _now: edin_domain::Timestamp) -> Result<Credential, ChannelError> {
        Ok(Credential::default())
    }
}
