//! Modes of connections: who may be in which, and how one is changed without a file.

use edin_channels::facts::{Facts, StockFact};
use edin_domain::connection::Mode;
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_platform::Queue;
use edin_store::{Store, StoreError};

use crate::ending::{NotLookedAt, look_again};

/// What a connection begins as, where nothing is said of it. The seller's own doors show no number that could be wrong.
pub(super) fn of_new(connection: &Connection) -> Mode {
    match edin_channels::facts(connection.channel()) {
        Some(facts) if is_asked(facts) => Mode::Live,
        Some(_) | None => Mode::Observe,
    }
}

/// Checks that a connection of this channel can be in a mode.
pub(super) fn check(mode: Mode, facts: &Facts) -> Result<(), String> {
    match mode {
        Mode::Observe | Mode::Paused | Mode::Zero if is_asked(facts) => {
            Err(format!("{} ask before they sell and are told nothing; leave it out", facts.title.to_lowercase()))
        }
        Mode::Observe | Mode::Live | Mode::Paused | Mode::Zero => Ok(()),
    }
}

const fn is_asked(facts: &Facts) -> bool {
    matches!(facts.stock, StockFact::Asked)
}

/// What a person wants of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// That it goes into this mode, whatever it is in.
    To(Mode),
    /// That it stops: [`Mode::Paused`] or [`Mode::Zero`].
    Pause(Mode),
    /// That it goes on after a pause.
    Resume,
}

/// Why a connection isn't in the mode that was wanted.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// There is no such connection.
    #[error("there is no connection {0}; import it first")]
    NoConnection(ConnectionId),
    /// It can't be.
    #[error("{0}: {1}")]
    Refused(ConnectionId, String),
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
    /// It is in that mode, and what it lists isn't looked at again yet: the next reconciliation does that.
    #[error("the mode is set, and the listings are looked at again by the next reconciliation: {0}")]
    NotLookedAt(#[from] NotLookedAt),
}

/// Brings a connection into another mode, and has all that it lists looked at again: what may be told now is told. Returns the
/// mode that it is in.
///
/// # Errors
/// [`NotChanged`].
pub async fn change(
    store: &Store,
    deferred: &Queue,
    id: &ConnectionId,
    change: Change,
    now: Timestamp,
) -> Result<Mode, NotChanged> {
    let changed = |known: Option<Connection>| {
        let connection = known.ok_or_else(|| NotChanged::NoConnection(id.clone()))?;
        let mode = wanted(&connection, change).map_err(|wrong| NotChanged::Refused(id.clone(), wrong))?;
        Ok::<_, NotChanged>(connection.in_mode(mode, now))
    };
    store.edit_connection(id, changed).await?;
    // In any case: whoever said so before may have died in between.
    look_again(store, deferred, id, now).await?;
    let connection = store.connection(id).await?.ok_or_else(|| NotChanged::NoConnection(id.clone()))?;
    Ok(connection.mode)
}

/// The mode that a change comes to. A connection that observes is neither paused nor resumed: by a pause and its end it would be live
/// without anybody having said so.
pub(super) fn wanted(connection: &Connection, change: Change) -> Result<Mode, String> {
    let id = &connection.id;
    let mode = match (change, connection.mode) {
        (Change::Pause(_), Mode::Observe) => {
            return Err("it observes: nothing is told to its channel already".to_owned());
        }
        (Change::Resume, Mode::Observe) => {
            return Err(format!("it observes; look at edin preview {id}, then edin connection set {id} mode=live"));
        }
        (Change::Resume, Mode::Live | Mode::Paused | Mode::Zero) => Mode::Live,
        (Change::To(mode), _) | (Change::Pause(mode), Mode::Live | Mode::Paused | Mode::Zero) => mode,
    };
    let facts = edin_channels::facts(connection.channel());
    facts.map_or(Ok(()), |facts| check(mode, facts)).map(|()| mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(account: &str, mode: Mode) -> Connection {
        let text = format!(
            r#"{{"id":"it","account":{account},"currency":"KZT","warehouses":{{}},"mode":"{mode}","policy":{{}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_pause_ends_where_it_began_and_nobody_goes_live_unasked() {
        use Mode::{Live, Observe, Paused, Zero};
        let wanted = |mode, change| wanted(&connection(r#"{"wildberries":{}}"#, mode), change).ok();
        for (mode, change, expected) in [
            (Observe, Change::To(Live), Some(Live)),
            (Live, Change::To(Observe), Some(Observe)),
            (Live, Change::Pause(Paused), Some(Paused)),
            (Paused, Change::Pause(Zero), Some(Zero)),
            (Zero, Change::Resume, Some(Live)),
            (Live, Change::Resume, Some(Live)),
            (Observe, Change::Pause(Zero), None),
            (Observe, Change::Resume, None),
        ] {
            assert_eq!(wanted(mode, change), expected, "{mode} {change:?}");
        }
    }

    #[test]
    fn the_sellers_own_doors_are_live_and_nothing_else() {
        let door = connection(r#"{"direct":{}}"#, Mode::Live);
        assert_eq!((of_new(&door), wanted(&door, Change::To(Mode::Live))), (Mode::Live, Ok(Mode::Live)));
        for mode in [Mode::Observe, Mode::Paused, Mode::Zero] {
            assert!(wanted(&door, Change::To(mode)).unwrap_err().contains("ask before they sell"), "{mode}");
        }
        assert_eq!(of_new(&connection(r#"{"kaspi":{}}"#, Mode::Live)), Mode::Observe);
    }
}
