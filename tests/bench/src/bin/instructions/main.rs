//! How many instructions the hot pieces of code take, beside what they took when `instructions.json` was written.
//!
//! Counted by Valgrind's Callgrind, so that a busy machine changes nothing. Run by hand, for a piece of code that is being
//! changed; no build waits for it.
//!
//! ```sh
//! cargo run --profile measure -p bench --bin instructions            # fails if a piece takes 2 % more
//! cargo run --profile measure -p bench --bin instructions -- --save  # what it takes now is right
//! ```

mod pieces;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};
use bench::{figure, round};
use clap::Parser;
use pieces::Piece;
use serde::Serialize;

/// How it is run.
#[derive(Debug, Parser)]
#[command(about = "How many instructions the hot pieces of code take")]
struct Instructions {
    /// Keeps what is counted as the measure of later runs.
    #[arg(long)]
    save: bool,
    /// Runs one piece, for this program's own use.
    #[arg(long, hide = true)]
    piece: Option<Piece>,
}

/// One piece beside its measure.
#[derive(Debug, Serialize)]
struct Compared {
    instructions: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<f64>,
    within: bool,
}

/// Hash tables are seeded anew in each process, which moves a count by some thousandths.
const TOLERANCE_PERCENT: f64 = 2.0;

fn main() -> anyhow::Result<ExitCode> {
    let Instructions { save, piece } = Instructions::parse();
    if let Some(piece) = piece {
        return pieces::run(piece).map(|()| ExitCode::SUCCESS);
    }
    let known: BTreeMap<String, u64> = match std::fs::read(file()) {
        Ok(json) => serde_json::from_slice(&json)?,
        Err(_) => BTreeMap::new(),
    };
    let counts: BTreeMap<String, u64> =
        Piece::ALL.iter().map(|piece| anyhow::Ok((piece.name(), count(*piece)?))).collect::<Result<_, _>>()?;
    if save {
        std::fs::write(file(), serde_json::to_string_pretty(&counts)? + "\n")?;
    }
    let compared: BTreeMap<&String, Compared> =
        counts.iter().map(|(name, count)| (name, Compared::new(*count, known.get(name).copied()))).collect();
    bench::print(&compared)?;
    let within = save || compared.values().all(|compared| compared.within);
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Compared {
    fn new(instructions: u64, before: Option<u64>) -> Self {
        let percent = before.map(|before| 100.0 * (figure(instructions) / figure(before).max(1.0) - 1.0));
        let within = percent.is_none_or(|percent| percent <= TOLERANCE_PERCENT);
        Self { instructions, before, percent: percent.map(round), within }
    }
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json")
}

/// Counts only within `pieces::counted`: what comes before it is preparation.
fn count(piece: Piece) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--toggle-collect=*pieces::counted*"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(std::env::current_exe()?);
    valgrind.args(["--piece", &piece.name()]).stdout(Stdio::null()).stderr(Stdio::piped());
    let run = valgrind.output().context("valgrind is not installed")?;
    ensure!(run.status.success(), "{} ended badly: {}", piece.name(), String::from_utf8_lossy(&run.stderr));
    let profile = std::fs::read_to_string(out)?;
    let total =
        profile.lines().find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")));
    let total: u64 = total.context("callgrind counted nothing")?.trim().parse()?;
    ensure!(total > 0, "callgrind counted nothing of {}", piece.name());
    Ok(total)
}
