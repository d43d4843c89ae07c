//! Starts the `edin` command.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use edin::settings::Settings;
use tracing_subscriber::EnvFilter;

/// The version, and the commit that it was built from.
const VERSION: &str = git_version::git_version!(
    args = ["--always", "--dirty=-modified"],
    prefix = concat!(env!("CARGO_PKG_VERSION"), " "),
    fallback = env!("CARGO_PKG_VERSION")
);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error,edin=info"));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    match std::env::var("EDIN_LOG").as_deref() {
        Ok("json") => log.json().init(),
        _ => log.init(),
    }
    match edin::commands::run(Settings::of_this_process(VERSION)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if nobody_listens(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads what is printed has read enough, as `head` does.
fn nobody_listens(error: &anyhow::Error) -> bool {
    let errors = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    errors.into_iter().any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
