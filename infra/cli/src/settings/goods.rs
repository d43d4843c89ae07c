//! What the commands about goods, their listings and their places take.

use clap::{Args, Subcommand};
use edin_domain::{ConnectionId, LocationId, Sku, WarehouseId};

/// Looking after listings.
#[derive(Debug, Clone, Subcommand)]
pub enum Listing {
    /// List them: state, price, and what of their policy is their own.
    List {
        /// Of this connection alone.
        #[arg(long, value_name = "ID")]
        connection: Option<ConnectionId>,
        /// Of this good alone.
        #[arg(long, value_name = "SKU")]
        sku: Option<Sku>,
        /// As one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show what a good's listings at a connection offer, and why.
    Show {
        /// The good.
        sku: Sku,
        /// At which connection.
        #[arg(long, value_name = "ID")]
        connection: ConnectionId,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Change what a column of a catalogue says: `price=1890`, `buffer=3`, `share=80`, `max=`, … (empty: as its connection has it).
    Set {
        /// Which.
        #[command(flatten)]
        one: One,
        /// What to change.
        #[arg(required = true, value_name = "NAME=VALUE")]
        changes: Vec<String>,
    },
    /// Show 0 until it is resumed.
    Pause {
        /// Which.
        #[command(flatten)]
        one: One,
    },
    /// Offer it again after a pause.
    Resume {
        /// Which.
        #[command(flatten)]
        one: One,
    },
    /// End it, as `edin end --sku` does: a last 0, and then nothing.
    End {
        /// Which.
        #[command(flatten)]
        one: One,
    },
}

/// The listings of a good at a connection.
#[derive(Debug, Clone, Args)]
pub struct One {
    /// The good.
    pub sku: Sku,
    /// At which connection.
    #[arg(long, value_name = "ID")]
    pub connection: ConnectionId,
    /// Only at this warehouse of the channel's.
    #[arg(long, value_name = "ID")]
    pub warehouse: Option<WarehouseId>,
}

/// Showing goods.
#[derive(Debug, Clone, Subcommand)]
pub enum Skus {
    /// List them, with how many there are.
    List {
        /// As one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show one: where it lies, and where it is listed.
    Show {
        /// Which.
        sku: Sku,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Showing places.
#[derive(Debug, Clone, Subcommand)]
pub enum Locations {
    /// List them, with what lies there and which connections sell from there.
    List {
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show what lies at one.
    Show {
        /// Which.
        id: LocationId,
        /// As one JSON object a line.
        #[arg(long)]
        json: bool,
    },
}
