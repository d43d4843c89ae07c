//! What can be wrong with a file, in words for the person who wrote it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edin_domain::{Article, ConnectionId, Sku};
use edin_platform::QueueError;
use edin_store::StoreError;

/// A file may have so many bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// A file may have so many lines.
pub(crate) const MAX_LINES: usize = 200_000;
/// So many bytes may come out of a workbook, and so many may its cells be.
pub(crate) const MAX_UNPACKED: u64 = 256 * 1024 * 1024;
/// A row may have so many cells.
pub(crate) const MAX_COLUMNS: usize = 1_000;

/// Something that was not imported, and where it stands. Prints as `FILE:LINE: what is wrong and what is expected`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ImportError {
    /// The file as it was given.
    pub file: PathBuf,
    /// The line, from one; none if it is about the whole file.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file.display(), self.problem),
            None => write!(f, "{}: {}", self.file.display(), self.problem),
        }
    }
}

impl ImportError {
    pub(crate) fn whole(file: &Path, problem: Problem) -> Self {
        Self { file: file.to_owned(), line: None, problem }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not there, or not ours to read.
    #[error("it can not be read: {0}")]
    Unreadable(String),
    /// Neither connections nor a catalogue.
    #[error(
        "it is neither a .toml file (connections) nor a catalogue (.csv, .tsv or .txt; .xlsx; .xml or .yml); rename it"
    )]
    UnknownKind,
    /// A workbook in another form.
    #[error("it is a workbook of a kind that is not read here; save it as .xlsx")]
    OtherWorkbook,
    /// A workbook under another ending.
    #[error("it is a workbook; call it .xlsx")]
    Workbook,
    /// No workbook, or one that is damaged.
    #[error("it is no workbook that can be read: {0}; open it and save it again as .xlsx")]
    BrokenWorkbook(String),
    /// XML that is none, or damaged.
    #[error("it is no XML that can be read: {0}; have it made again")]
    BrokenXml(String),
    /// XML of another kind.
    #[error("it is neither Kaspi's price list (kaspi_catalog) nor YML (yml_catalog); import it as .csv or .xlsx")]
    UnknownXml,
    /// Too much comes out of it.
    #[error("more than {} MiB come out of it when it is unpacked; split it", MAX_UNPACKED / 1024 / 1024)]
    Unpacks,
    /// Too many columns.
    #[error("it has cells beyond column {MAX_COLUMNS}; delete what stands there")]
    TooWide,
    /// Too many bytes.
    #[error("it is larger than {} MiB; split it", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// Too many lines.
    #[error("it has more than {MAX_LINES} lines; split it")]
    TooLong,
    /// Another encoding.
    #[error(
        "it is not UTF-8 from here on, and nothing that reads as Russian in windows-1251; save it as UTF-8 (in Excel: \
         \"CSV UTF-8\") or as .xlsx"
    )]
    NotUtf8,
    /// The mark of UTF-16, and something else behind it.
    #[error("it begins as UTF-16 and is none; save it as UTF-8 (in Excel: \"CSV UTF-8\") or as .xlsx")]
    NotUtf16,
    /// Nothing in it.
    #[error("it is empty; its first line names the columns, `sku` and `title` at least")]
    Empty,
    /// Not TOML.
    #[error("it is not TOML: {0}")]
    Toml(String),
    /// TOML that is no file of connections.
    #[error("{0:?} is unknown; connections are [[connection]] tables")]
    UnknownTable(String),
    /// A connection that can't be one.
    #[error("connection {which}: {wrong}")]
    Connection {
        /// Its id, or its number in the file if it has none.
        which: String,
        /// What is wrong, and what is expected.
        wrong: String,
    },
    /// A header that can't be understood: nothing of the file was imported.
    #[error("column {column}: {wrong}; nothing of this file was imported")]
    Header {
        /// The column's name.
        column: String,
        /// What is wrong, and what is expected.
        wrong: String,
    },
    /// A line with more or fewer cells than the header.
    #[error("the line has {found} cells, the header {expected}; a text with a separator in it needs quotes around it")]
    Cells {
        /// Cells of the line.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// A line that can't be told from those behind it.
    #[error("it opens a quote and doesn't close it; put a text on one line, and a quote at either end")]
    OpenQuote,
    /// A line whose text goes on.
    #[error("a text of it goes on to line {0}; put it on one line, or close its quote")]
    GoesOn(u64),
    /// A cell that can't be what its column says.
    #[error("column {column}: {wrong}")]
    Cell {
        /// The column's name.
        column: String,
        /// What is wrong, and what is expected.
        wrong: String,
    },
    /// Lines of a stock document that has a wrong one.
    #[error("other lines of the same document were not taken either ({0}), so that it can come again whole")]
    Withheld(usize),
    /// A stock document that can't be taken.
    #[error("the {what} was not taken: {wrong}")]
    Document {
        /// What it is, and its number.
        what: String,
        /// What is wrong.
        wrong: String,
    },
    /// A channel's name of another good.
    #[error(
        "{article} is {owner} at {connection}, and one card sells one good; import with --move to make it this one's"
    )]
    Taken {
        /// What the channel calls it.
        article: Article,
        /// At which connection.
        connection: ConnectionId,
        /// Whose it is.
        owner: Sku,
    },
    /// The table didn't answer, or didn't take it.
    #[error("{what} was not imported: {error}; run the import again")]
    Table {
        /// What was read or written.
        what: String,
        /// Why not.
        error: StoreError,
    },
    /// What a changed connection lists isn't looked at again.
    #[error("{0} has changed, and its listings were not looked at again: {1}; run the import again, or reconcile")]
    NotLookedAt(ConnectionId, String),
    /// The inbox didn't take the orders that had waited for a mapping.
    #[error("orders that wait for these mappings were not taken up: {0}; run the import again")]
    Inbox(#[from] QueueError),
}

impl Problem {
    /// The same so many lines further down.
    pub(crate) fn later(self, lines: u64) -> Self {
        match self {
            Self::GoesOn(to) => Self::GoesOn(to + lines),
            other => other,
        }
    }

    pub(crate) fn cell(column: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self::Cell { column: column.into(), wrong: wrong.into() }
    }

    pub(crate) fn table(what: impl Into<String>) -> impl FnOnce(StoreError) -> Self {
        let what = what.into();
        move |error| Self::Table { what, error }
    }
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) file: Arc<Path>,
    pub(crate) line: u64,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

impl At {
    pub(crate) fn error(&self, problem: Problem) -> ImportError {
        ImportError { file: self.file.to_path_buf(), line: Some(self.line), problem }
    }

    /// How `other` is called on this line: by its file too, if that is another one.
    pub(crate) fn refer_to(&self, other: &Self) -> String {
        match self.file == other.file {
            true => format!("line {}", other.line),
            false => other.to_string(),
        }
    }
}
