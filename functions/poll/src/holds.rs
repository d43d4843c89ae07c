//! Holds whose time has come, into the inbox queue: nobody else tells that.

use std::collections::BTreeMap;

use edin_channels::told::Told;
use edin_domain::order::{Order, OrderState};
use edin_domain::{Connection, ConnectionId};
use edin_platform::Message;
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
        let connections = self.store.connections().await?;
        let messages = ended.into_iter().filter_map(|hold| self.ended(hold, &connections).transpose());
        Ok(self.inbox.send(messages.collect::<Result<_, _>>()?).await?)
    }

    fn ended(
        &self,
        hold: Order,
        connections: &BTreeMap<ConnectionId, Connection>,
    ) -> Result<Option<Message>, PollError> {
        let Some(connection) = connections.get(&hold.key.connection) else { return Ok(None) };
        let now = self.clock.now();
        let lapsed = hold.state.hold.map(|hold| hold.lapsed(now));
        let told = Told::of(hold.key.id, OrderState { hold: lapsed, ..OrderState::default() });
        Ok(Some(message(connection, told, now)?))
    }
}
