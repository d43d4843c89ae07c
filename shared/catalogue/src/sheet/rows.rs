//! Rows of cells, whatever kind of file they stood in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;

use crate::error::{At, Problem};
use crate::exports::Export;

/// The rows of a file that aren't empty, the first one first.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<(At, StringRecord)>,
    /// Lines that can't be told from those behind them, with what can be made of their cells.
    pub(crate) wrong: Vec<(At, Problem, StringRecord)>,
    /// Cells that hold neither a text nor a number: what they are, by line and place from zero.
    pub(crate) odd: BTreeMap<u64, BTreeMap<usize, String>>,
    /// What a person should know of how the file was read.
    pub(crate) notes: Vec<String>,
    /// What the file says that it is, if it does.
    pub(crate) export: Option<&'static Export>,
    /// Whether rows may be shorter than the header: what they leave out at their end is empty.
    pub(crate) may_be_short: bool,
}

impl Rows {
    /// Rows that are known by their numbers, and may be short.
    pub(crate) fn of(file: &Arc<Path>, rows: impl IntoIterator<Item = (u64, StringRecord)>) -> Self {
        let at = |line| At { file: Arc::clone(file), line };
        let rows = rows.into_iter().filter(|(_, record)| !is_blank(record)).map(|(line, record)| (at(line), record));
        Self { rows: rows.collect(), may_be_short: true, ..Self::default() }
    }
}

/// Whether a row says nothing.
pub(crate) fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}
