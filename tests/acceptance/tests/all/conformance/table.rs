//! The table of what was found, and the page that says it.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use edin_channels::facts::Facts;
use simulators::Cannot;

use super::cases::CASES;

/// What came of a case at a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Holds,
    Cannot(&'static str),
    Fails(String),
}

impl Found {
    pub(super) fn of(came: anyhow::Result<()>) -> Self {
        match came {
            Ok(()) => Self::Holds,
            Err(error) => match error.downcast_ref() {
                Some(Cannot(reason)) => Self::Cannot(reason),
                None => Self::Fails(format!("{error:#}")),
            },
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => formatter.write_str("yes"),
            Self::Cannot(reason) => write!(formatter, "can't: {reason}"),
            Self::Fails(_) => formatter.write_str("FAILS"),
        }
    }
}

/// All cases at all channels, as a page.
pub(super) struct Table {
    page: String,
    failed: Vec<String>,
}

impl Table {
    pub(super) fn of(channels: &[&Facts], columns: &[Vec<Found>]) -> Self {
        let titles: Vec<&str> = channels.iter().map(|facts| facts.title).collect();
        let mut page = format!("{HEAD}| | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
        let mut failed = Vec::new();
        for (row, (name, _)) in CASES.iter().enumerate() {
            let cells = columns.iter().map(|column| column[row].to_string()).collect::<Vec<_>>();
            page.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
            failed.extend(titles.iter().zip(columns).filter_map(|(title, column)| match &column[row] {
                Found::Fails(why) => Some(format!("{title} · {name}: {why}")),
                Found::Holds | Found::Cannot(_) => None,
            }));
        }
        Self { page, failed }
    }

    /// That nothing failed, and that the page says what was found.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(self.failed.is_empty(), "{:#?}", self.failed);
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
        if std::env::var_os("EDIN_WRITE").is_some() {
            return Ok(std::fs::write(file, &self.page)?);
        }
        let kept = std::fs::read_to_string(&file).context("docs/conformance.md can't be read")?;
        ensure!(kept == self.page, "docs/conformance.md says something else; EDIN_WRITE=1 writes it anew");
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.page)
    }
}

const HEAD: &str = "\
# What every channel comes through

Each case is played in the whole house with the channels' stand-ins, and the same code plays it for every channel
(`tests/acceptance/tests/all/conformance`). What a channel can't do or suffer is left out, with the reason. The test
holds this page: it fails if it finds something else.

";
