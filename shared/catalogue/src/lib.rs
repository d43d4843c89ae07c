//! What a file that a person wrote means, and what it changes in the tables: connections (`.toml`), a catalogue with opening
//! stock, and stock documents (`.csv`, `.xlsx`, `.xml`). The `edin` command imports through it; whoever takes files in by another way does too.
//!
//! Reading is pure: [`connections`], and for a catalogue `sheet` (bytes of CSV, a workbook or XML → rows of cells → one header and
//! its lines, by the words that [`Words`], `exports` and `vocabulary` know) → `header` (columns) → `row` and `offered` (one line; its
//! numbers by `numbers`, as their column writes them) → `good` (the lines of one SKU) → `catalogue` (all of them). Writing comes after
//! it, some hundred SKUs at a time: `write` (one SKU), `remap` (orders that waited), `post` (documents), [`ending`] (what is listed no
//! more). What was not taken is handed back at the end: [`Refused`].
//! A bad line stops no other one; the same files once again change nothing.
//!
//! The other way round, [`written`] is the catalogue as a person would write it, [`export`] all that is kept as tables, and
//! [`listings`] changes one listing as its line in a file would.
//!
//! What doesn't belong here: reading the disk, since a file comes with its content ([`File`]); and printing, since what came of it
//! is a [`Report`].

mod catalogue;
mod cells;
mod columns;
pub mod connections;
mod document;
pub mod ending;
mod error;
pub mod export;
mod exports;
mod file;
mod good;
mod header;
mod importer;
mod lines;
pub mod listings;
mod names;
mod numbers;
mod offered;
mod places;
mod post;
mod refused;
mod remap;
mod report;
mod row;
mod run;
mod sheet;
mod sources;
mod vocabulary;
mod words;
mod write;
pub mod written;

pub use error::{ImportError, MAX_BYTES, Problem};
pub use file::File;
pub use importer::{Importer, Taken};
pub use refused::{Line, Refused};
pub use report::{Count, Counts, Report};
pub use sources::in_order;
pub use words::{Words, WordsError};
