//! What the command takes.

mod accounts;
mod goods;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use edin_domain::{Article, ConnectionId, Sku, WarehouseId};
use ipnet::IpNet;

pub use accounts::{Connection, Key};
pub use goods::{Listing, Locations, One, Skus};

/// One stock, one customer, every channel.
#[derive(Debug, Clone, Parser)]
#[command(name = "edin", version, about)]
pub struct Settings {
    /// Where the state is kept.
    #[arg(long, global = true, value_name = "DIR", env = "EDIN_STATE", default_value = ".edin")]
    pub state: PathBuf,
    /// The stack in AWS to work on, instead of this machine; found by the usual AWS configuration.
    #[arg(long, global = true, value_name = "NAME", env = "EDIN_STACK")]
    pub stack: Option<String>,
    /// Where the HTTP side listens; port 0 takes any free one.
    #[arg(long, global = true, value_name = "ADDR", env = "EDIN_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    /// What to do; without it: the demo, and then stay up.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Settings {
    /// What the command line and the environment say. Ends the process where they make no sense, and where help or the `version`
    /// is asked for.
    #[must_use]
    pub fn of_this_process(version: &'static str) -> Self {
        let mut command = Self::command().version(version);
        let matches = command.get_matches_mut();
        Self::of(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
    }

    /// What is said on the command line counts, whatever the environment says; the state folder and the stack exclude each other.
    fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let settings = Self::from_arg_matches(matches)?;
        match works_on(|name| matches.value_source(name)) {
            Ok(WorksOn::Stack) => Ok(settings),
            Ok(WorksOn::ThisMachine) => Ok(Self { stack: None, ..settings }),
            Err(reason) => Err(clap::Error::raw(ErrorKind::ArgumentConflict, reason)),
        }
    }

    /// Whether the command works on a state folder or a stack.
    #[must_use]
    pub const fn has_a_state(&self) -> bool {
        !matches!(
            self.command,
            Some(
                Command::Simulate(_)
                    | Command::Restore { .. }
                    | Command::Completions { .. }
                    | Command::Man { .. }
                    | Command::Import(Import { dry_run: true, .. })
            )
        )
    }

    /// Whether the command makes a state folder, rather than work on the one that is there.
    #[must_use]
    pub const fn makes_state(&self) -> bool {
        matches!(self.command, None | Some(Command::Up(_) | Command::Demo(_) | Command::Import(_)))
    }

    /// Whether the command starts something on this machine, rather than work on what is there.
    #[must_use]
    pub const fn runs_here(&self) -> bool {
        matches!(self.command, None | Some(Command::Up(_) | Command::Demo(_) | Command::Simulate(_)))
    }
}

/// Where commands do their work.
#[derive(Debug, PartialEq, Eq)]
enum WorksOn {
    Stack,
    ThisMachine,
}

/// Finds it by who said `stack`, `state` and `listen`, if anybody did.
fn works_on(said: impl Fn(&str) -> Option<ValueSource>) -> Result<WorksOn, String> {
    let told = |name| said(name).filter(|source| *source != ValueSource::DefaultValue).map(|source| (source, name));
    // The command line ranks above the environment.
    let here = ["state", "listen"].into_iter().filter_map(told).max();
    match (said("stack"), here) {
        (Some(stack), Some((here, name))) if stack == here => {
            let twice = match stack {
                ValueSource::EnvVariable => format!("EDIN_STACK and EDIN_{} are both set", name.to_uppercase()),
                _ => format!("--stack and --{name} are both given"),
            };
            Err(format!("{twice}: a command works on a stack or on this machine; leave one of them out"))
        }
        (Some(stack), Some((here, _))) if stack < here => Ok(WorksOn::ThisMachine),
        (Some(_), _) => Ok(WorksOn::Stack),
        (None, _) => Ok(WorksOn::ThisMachine),
    }
}

/// How each connection is.
#[derive(Debug, Clone, Args)]
pub struct Status {
    /// As one JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Fail if anything is wrong: a problem of a connection, or a dead letter.
    #[arg(long)]
    pub check: bool,
}

/// An address and a port, by number or by a name that this machine knows: `localhost:8080`.
fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().map_err(|error| format!("{error}; it looks like 127.0.0.1:8080"))?;
    let (plain, other): (Vec<_>, Vec<_>) = found.partition(SocketAddr::is_ipv4);
    plain.into_iter().chain(other).next().ok_or_else(|| "this machine knows no such name".to_owned())
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Start the bundle with the simulated channels, without buyers, until Ctrl-C.
    Up(Up),
    /// Let buyers buy in all channels for a short while, print what came of it, and end.
    Demo(Demo),
    /// Take in connections (TOML) and catalogue with opening stock (CSV, XLSX, price lists in XML).
    Import(Import),
    /// End a listing, a name or a whole connection: its channel is told a last 0, and then nothing more.
    End(End),
    /// Say why a number is what it is.
    Why {
        /// The SKU.
        sku: Sku,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show what channels would be told if their connections were live, beside what they show.
    Preview {
        /// One connection; otherwise all that aren't live.
        connection: Option<ConnectionId>,
        /// As one JSON object a connection.
        #[arg(long)]
        json: bool,
    },
    /// Show the price list that a connection's channel would pull now. Nothing is noted: to look isn't to pull.
    Feed {
        /// The connection.
        connection: ConnectionId,
    },
    /// Look after connections.
    #[command(subcommand)]
    Connection(Connection),
    /// Look after listings: what a good costs at a connection, and how many units it may offer.
    #[command(subcommand)]
    Listing(Listing),
    /// Show goods, how many there are, and where they are listed.
    #[command(subcommand)]
    Sku(Skus),
    /// Show the places where goods lie.
    #[command(subcommand)]
    Location(Locations),
    /// Write catalogue, stock, orders and ledger into a folder, as CSV. The catalogue can be imported again as it is.
    Export {
        /// The folder; files that are there are left alone, and nothing is written then.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// As workbooks, not as CSV.
        #[arg(long)]
        xlsx: bool,
    },
    /// Look after the keys by which your own till, shop and scripts use the API.
    #[command(subcommand)]
    Key(Key),
    /// Show how each connection is: last sale, what its channel took last, what waits, what it refuses, when its key dies, what is wrong.
    Status(Status),
    /// Check all that must be right for Edin to do its work, a line each; fail if something needs a person.
    Doctor {
        /// As one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Copy the state into one file, secrets included, while everything runs. Only its owner can read the file.
    Backup {
        /// The file, which isn't there yet.
        file: PathBuf,
    },
    /// Make a state folder of a backup. One that has a state already is left alone.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Show what reconciliation found in the last day.
    Reconcile(Reconcile),
    /// Send messages of a dead-letter queue on their way again.
    Redrive(Redrive),
    /// Bring a state folder of an earlier release to today's form, after a backup of it.
    Upgrade,
    /// Bring what an earlier release wrote into today's form. It is read as it is, too: this can wait, and may run at any time.
    Migrate(Migrate),
    /// Start the simulated channels alone, for a deployment elsewhere to sell in, until Ctrl-C.
    Simulate(Simulate),
    /// Print what makes a shell complete this command.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Write the manual, a page for each command.
    Man {
        /// Into this folder, which must be there: `man -l DIR/edin-why.1` shows a page.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// What is started.
#[derive(Debug, Clone, Default, Args)]
pub struct Up {
    /// Without the simulated channels and the demo's goods: only what was imported.
    #[arg(long)]
    pub alone: bool,
    /// Networks that may ask for `/healthz` and `/metrics`, besides programs of this machine; what a proxy passes on is never
    /// answered.
    #[arg(long, value_name = "NETWORKS", env = "EDIN_WATCHERS", value_delimiter = ',')]
    pub watchers: Vec<IpNet>,
    /// Where channels and your own doors reach the HTTP side, if a proxy stands in front: `https://edin.example.com`. `connection
    /// list` tells addresses that begin so.
    #[arg(long, value_name = "URL", env = "EDIN_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Networks of proxies that are believed whose call they pass on, by `X-Forwarded-For`; nobody, if not said.
    #[arg(long, value_name = "NETWORKS", env = "EDIN_PROXIED_BY", value_delimiter = ',')]
    pub proxied_by: Vec<IpNet>,
}

/// An address that others' begin with: without a slash at its end.
fn public_url(text: &str) -> Result<String, String> {
    let wrong = || "it looks like https://edin.example.com".to_owned();
    let url = reqwest::Url::parse(text).map_err(|error| format!("{error}; {}", wrong()))?;
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    match url.scheme() {
        "https" | "http" if is_plain && url.has_host() => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => Err(wrong()),
    }
}

/// What was found, and how.
#[derive(Debug, Clone, Args)]
pub struct Reconcile {
    /// Reconcile first, and show what that found.
    #[arg(long)]
    pub now: bool,
    /// Only this connection.
    #[arg(long, value_name = "ID")]
    pub connection: Option<ConnectionId>,
}

/// Which files, and how they are meant.
#[derive(Debug, Clone, Args)]
pub struct Import {
    /// The files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Where a channel's name is another good's: make it the file's good's, and list the other one under it no more.
    #[arg(long = "move")]
    pub moves: bool,
    /// What a header of the files means, such as "Артикул=sku". Beats what is known of headers. Can be said several times.
    #[arg(long = "map", value_name = "HEADER=COLUMN")]
    pub maps: Vec<String>,
    /// A TOML file that says so: "Артикул" = "sku" a line; in its table `locations`, what places mean.
    #[arg(long, value_name = "FILE")]
    pub map_file: Option<PathBuf>,
    /// Write the lines that are not taken into this file, each with what is wrong; mended, it can be imported.
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
    /// Say what would change, and what would be refused, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What ends: all of the connection, if nothing else is said.
#[derive(Debug, Clone, Args)]
pub struct End {
    /// At which connection.
    pub connection: ConnectionId,
    /// The listings of this SKU. Orders that name it are understood as before.
    #[arg(long, value_name = "SKU")]
    pub sku: Option<Sku>,
    /// Only at this warehouse of the channel's.
    #[arg(long, value_name = "ID", requires = "sku")]
    pub warehouse: Option<WarehouseId>,
    /// That this name of the channel's means a good; once the listing has ended, if its stock is told under it.
    #[arg(long, value_name = "NAME", conflicts_with = "sku")]
    pub article: Option<Article>,
}

/// Which messages, and how fast.
#[derive(Debug, Clone, Args)]
pub struct Redrive {
    /// Whose dead letters.
    pub queue: DeadLetters,
    /// Only messages whose text contains this.
    #[arg(long, value_name = "TEXT")]
    pub containing: Option<String>,
    /// So many messages a second at most.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: u32,
    /// Show them, and leave them where they are.
    #[arg(long)]
    pub dry_run: bool,
}

/// A dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeadLetters {
    /// What channels told, and was not applied.
    Inbox,
    /// What channels should have been told.
    Push,
    /// What was to be looked at again.
    Deferred,
    /// What was to be read of the channels.
    Poll,
    /// Connections that were to be held against what their channels show.
    Reconcile,
    /// Changes of the tables that were not worked up.
    Stream,
}

/// Whether anything is written.
#[derive(Debug, Clone, Args)]
pub struct Migrate {
    /// Say what would be written, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Where the simulated channels put what must be known of them.
#[derive(Debug, Clone, Args)]
pub struct Simulate {
    /// The folder for `connections.toml` and `catalogue.csv` to import, `channels.json` with where everything is, and the
    /// channels' state.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_counts_before_the_environment_and_a_stack_excludes_a_state() {
        use ValueSource::{CommandLine, DefaultValue, EnvVariable};
        let cases = [
            (None, DefaultValue, DefaultValue, Ok(WorksOn::ThisMachine)),
            (Some(EnvVariable), DefaultValue, DefaultValue, Ok(WorksOn::Stack)),
            (Some(EnvVariable), CommandLine, EnvVariable, Ok(WorksOn::ThisMachine)),
            (Some(EnvVariable), DefaultValue, CommandLine, Ok(WorksOn::ThisMachine)),
            (Some(CommandLine), EnvVariable, EnvVariable, Ok(WorksOn::Stack)),
            (Some(CommandLine), EnvVariable, CommandLine, Err("--stack and --listen are both given")),
            (Some(EnvVariable), EnvVariable, DefaultValue, Err("EDIN_STACK and EDIN_STATE are both set")),
        ];
        for (stack, state, listen, expected) in cases {
            let found = works_on(|name| match name {
                "stack" => stack,
                "state" => Some(state),
                _ => Some(listen),
            });
            match expected {
                Ok(expected) => assert_eq!(found, Ok(expected), "{stack:?} {state:?} {listen:?}"),
                Err(reason) => assert!(found.unwrap_err().starts_with(reason), "{stack:?} {state:?} {listen:?}"),
            }
        }
    }

    #[test]
    fn settings_may_stand_after_the_command() {
        let of = |words: &[&str]| Settings::of(&Settings::command().try_get_matches_from(words).unwrap());
        let after = of(&["edin", "status", "--stack", "shop"]).unwrap();
        assert_eq!(after.stack.as_deref(), Some("shop"));
        assert!(of(&["edin", "--state", "here", "status", "--stack", "shop"]).is_err());
    }

    #[test]
    fn a_public_address_is_one_that_others_can_begin_with() {
        for (text, expected) in [
            ("https://edin.example.com", "https://edin.example.com"),
            ("https://edin.example.com/", "https://edin.example.com"),
            ("https://example.com:8443/edin/", "https://example.com:8443/edin"),
        ] {
            assert_eq!(public_url(text).unwrap(), expected);
        }
        for text in [
            "edin.example.com",
            "ftp://a",
            "https://",
            "https://a/?b",
            "https://a/#b",
            "https://me@a",
            "mailto:a@b",
            "",
        ] {
            assert!(public_url(text).unwrap_err().contains("it looks like https://edin.example.com"), "{text}");
        }
    }

    #[test]
    fn where_it_listens_may_be_said_by_name() {
        assert_eq!(address("127.0.0.1:0").unwrap().to_string(), "127.0.0.1:0");
        let here = address("localhost:8080").unwrap();
        assert!(here.ip().is_loopback() && here.port() == 8_080, "{here}");
        assert!(address("8080").unwrap_err().contains("it looks like 127.0.0.1:8080"));
    }
}
