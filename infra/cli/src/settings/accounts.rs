//! What the commands about connections and the keys of one's own doors take.

use clap::Subcommand;
use edin_domain::ConnectionId;
use edin_domain::api_key::Scope;

/// Looking after keys of the API.
#[derive(Debug, Clone, Subcommand)]
pub enum Key {
    /// Make a key and print it, once: only its digest is kept.
    Make {
        /// The connection whose door it opens: one with `account = { direct = {} }`.
        connection: ConnectionId,
        /// What it is for, in your words: `till by the window`.
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// What it may: `till` sells over the counter, `shop` holds and orders, `read` looks. Several with commas.
        #[arg(long, value_name = "SCOPE", required = true, value_delimiter = ',')]
        scope: Vec<Scope>,
    },
    /// List them, one JSON object a line; none of them can be printed again.
    List,
    /// Revoke one: from the next request on, it opens nothing.
    Revoke {
        /// Which, as `list` calls it.
        id: String,
    },
}

/// Looking after connections.
#[derive(Debug, Clone, Subcommand)]
pub enum Connection {
    /// List them, one JSON object a line.
    List,
    /// Show one: how far it may go, from where it sells, what its channel must be told.
    Show {
        /// Which.
        id: ConnectionId,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Change a connection: `mode=observe|live|paused|zero`, `base_url=…`, `proxy=…` (empty takes it away), `secrets.NAME=…`
    /// (`-` reads it from standard input).
    Set {
        /// Which.
        id: ConnectionId,
        /// What to change.
        #[arg(required = true, value_name = "NAME=VALUE")]
        changes: Vec<String>,
    },
    /// Tell its channel nothing any more, which goes on showing what it shows. Orders are taken in as before.
    Pause {
        /// Which.
        id: ConnectionId,
        /// Tell it a last 0 of each listing first.
        #[arg(long)]
        zero: bool,
    },
    /// Let it go on after a pause: its channel is told whatever is due.
    Resume {
        /// Which.
        id: ConnectionId,
    },
    /// End it for good, as `edin end` does: a last 0 of each listing, and its orders for 30 days more.
    End {
        /// Which.
        id: ConnectionId,
    },
}
