//! What the command takes.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use edin_domain::{ConnectionId, Sku};

/// One stock, one customer, every channel.
#[derive(Debug, Parser)]
#[command(name = "edin", version, about)]
pub struct Settings {
    /// Where the state is kept.
    #[arg(long, global = true, value_name = "DIR", default_value = ".edin")]
    pub state: PathBuf,
    /// Where the HTTP side listens; port 0 takes any free one.
    #[arg(long, global = true, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What to do; without it: the demo, and then stay up.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Start the bundle with the simulated channels, without buyers, until Ctrl-C.
    Up,
    /// Let buyers buy in all channels for a short while, print what came of it, and end.
    Demo(Demo),
    /// Take in connections (TOML) and catalogue with opening stock (CSV).
    Import {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Say why a number is what it is.
    Why {
        /// The SKU.
        sku: Sku,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Look after connections.
    #[command(subcommand)]
    Connection(Connection),
}

/// How the demo goes.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// Print the summary as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// How many orders the buyers make.
    #[arg(long, default_value_t = 600)]
    pub orders: u32,
}

/// Looking after connections.
#[derive(Debug, Clone, Subcommand)]
pub enum Connection {
    /// Change a connection: `base_url=…`, `proxy=…` (empty takes it away), `secrets.NAME=…`.
    Set {
        /// Which.
        id: ConnectionId,
        /// What to change.
        #[arg(required = true, value_name = "NAME=VALUE")]
        changes: Vec<String>,
    },
    /// List them.
    List,
}
