//! Holds whose time has come, into the inbox queue: nobody else tells that.

use edin_channels::told::Told;
use edin_domain::order::Order;
use edin_trade::news::message;

use crate::{Poll, PollError};

impl Poll {
    /// Has holds ended whose time has come; a hundred at most, the rest the next time.
    ///
    /// # Errors
    /// [`PollError`]: the next time ends them.
    pub async fn end_holds(&self) -> Result<(), PollError> {
        let ended = self.store.ended_holds(self.clock.now()).await?;
        if ended.is_empty() {
            return Ok(());
        }
        tracing::info!(holds = ended.len(), "holds have come to their end");
        let (connections, now) = (self.store.connections().await?, self.clock.now());
        let messages = ended.into_iter().filter_map(|Order { key, state, .. }| {
            let connection = connections.get(&key.connection)?;
            Some(message(connection, Told::of(key.id, state.ended(now)), now))
        });
        Ok(self.inbox.send(messages.collect::<Result<_, _>>()?).await?)
    }
}
